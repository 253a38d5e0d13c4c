"""The query of a user: one statement that reads.

This check gives an early and clear message; what protects the data is the read-only connection, and the rights of the
database's user.
"""

import re
from collections.abc import Iterator

from retention.errors import OptionError, Setting

# Comments and quoted text come first and are matched whole, so that a semicolon or a word inside them is not seen. A
# backslash escapes a quote in E'' strings only, as PostgreSQL has it.
_TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/"""
    r"""|\b[eE]'(?:\\.|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|`[^`]*`|\[[^\]']*\]"""
    r"""|\$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$"""
    r"""|(?P<end>;)|(?P<word>\w+)|(?P<other>[^\s(])""",
    re.DOTALL,
)
_STARTS = ("select", "with")
_WRITES = frozenset({"insert", "update", "delete", "merge", "into"})


def single_select(text: str) -> str:
    """Return a query without a semicolon at its end, if it is one statement that reads.

    >>> single_select("SELECT user_id, 'a;b' FROM carts; -- all of them")
    "SELECT user_id, 'a;b' FROM carts"

    Raises:
        OptionError: It is empty, several statements, or something else than SELECT or WITH.
    """
    end, first = len(text), ""
    for match in _tokens(text):
        if end < len(text):
            raise OptionError("the query holds more than one statement", where=Setting.QUERY, hint="Give one SELECT")
        word = (match["word"] or "").lower()
        if match["end"]:
            end = match.start()
            continue
        first = first or word or match[0]
        # In PostgreSQL a WITH may delete and a SELECT may make a table.
        if first in _STARTS and word in _WRITES:
            raise OptionError(
                f"the query holds the word {word.upper()}, and may only read",
                where=Setting.QUERY,
                hint="Give one SELECT; a column of that name is written in quotes",
            )
    if first not in _STARTS:
        problem = "the query is not a SELECT" if first else "the query is empty"
        raise OptionError(problem, where=Setting.QUERY, hint="Give one SELECT, or a WITH that ends in one")
    return text[:end].strip()


def _tokens(text: str) -> Iterator["re.Match[str]"]:
    """Yield words, marks and ends of statements; comments, quoted text and opening brackets are left out."""
    matches = _TOKEN.finditer(text)
    return (match for match in matches if match["end"] or match["word"] or match["other"])
