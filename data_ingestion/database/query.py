"""The query of a user: one statement that reads.

This check gives an early and clear message; what protects the data is the read-only connection, and the rights of the
database's user.
"""

import logging

from sqlglot import TokenType, exp
from sqlglot.dialects.dialect import Dialect, Dialects
from sqlglot.errors import ParseError, SqlglotError

from retention.errors import OptionError, Setting

_DIALECTS = {"postgresql": "postgres", "mariadb": "mysql", "mssql": "tsql"}
"""What the parser calls the databases that it knows by another name; all others by their own."""
_WRITES = (exp.DML, exp.DDL, exp.Into, exp.Lock, exp.Command)
# It warns of what it does not know in words of the query, which may name customers.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def single_select(text: str, database: str = "") -> str:
    """Return a query without a semicolon at its end, if it is one statement that reads.

    >>> single_select("SELECT user_id, 'a;b' FROM carts; -- all of them")
    "SELECT user_id, 'a;b' FROM carts"

    Raises:
        OptionError: It is empty, no valid SQL, several statements, or something else than a SELECT.
    """
    name = _DIALECTS.get(database, database)
    dialect = Dialect.get_or_raise(name if name in set(Dialects) else "")
    try:
        tokens = dialect.tokenize(text)
        parsed = dialect.parser().parse(tokens, text)
    except (SqlglotError, RecursionError) as error:
        raise _unreadable(error) from None
    statements = [each for each in parsed if each and not isinstance(each, exp.Semicolon)]
    # What looks like a comment is run by MySQL where it starts with an exclamation mark.
    hidden = name == "mysql" and any(each.startswith(("!", "M!")) for token in tokens for each in token.comments)
    _check(statements, hidden=hidden)
    return text[: next((each.start for each in tokens if each.token_type is TokenType.SEMICOLON), None)].strip()


def _check(statements: list[exp.Expr], *, hidden: bool) -> None:
    if len(statements) > 1 or hidden:
        raise OptionError("the query holds more than one statement", where=Setting.QUERY, hint="Give one SELECT")
    if not statements or not isinstance(statements[0], exp.Query):
        problem = "the query is not a SELECT" if statements else "the query is empty"
        raise OptionError(problem, where=Setting.QUERY, hint="Give one SELECT, or a WITH that ends in one")
    # In PostgreSQL a WITH may delete and a SELECT may make a table.
    if written := statements[0].find(*_WRITES):
        word = "FOR UPDATE" if isinstance(written, exp.Lock) else written.key.upper()
        raise OptionError(
            f"the query holds {word}, and may only read", where=Setting.QUERY, hint="Give a SELECT that only reads"
        )


def _unreadable(error: Exception) -> OptionError:
    """Return the error of a query that is no SQL, without a word of it."""
    place = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    at = f" at line {place['line']}, character {place['col']}" if place.get("line") else ""
    return OptionError(
        f"the query is not valid SQL for this database{at}",
        where=Setting.QUERY,
        hint="Try it in the database's own client first; put what only that one understands into a view",
    )
