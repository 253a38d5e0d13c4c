"""What a database or its driver reports -> one message for people.

A driver's own words may hold the password, the user or a customer's value, so none of them is passed on: only the
class of the error and its code (SQLSTATE) are looked at, and, where there is none, known beginnings of sentences.
"""

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, TimeoutError as PoolTimeout

from retention.errors import SourceError

Words = tuple[str, str]
"""What is wrong, and what to do."""

NO_TABLE: Words = (
    "the query names a table that does not exist",
    "Check its name and schema (schema.table), and that the user may see it",
)
NO_COLUMN: Words = ("the query names a column that does not exist", "Check the names of the columns; text is in ''")
SYNTAX: Words = ("the query is not valid SQL for this database", "Try it in the database's own client first")
NO_FUNCTION: Words = ("the query calls a function that does not exist for such values", "Check its name and arguments")
READ_ONLY: Words = ("the query would change data, and only reading is allowed", "Give a SELECT that only reads")
RIGHTS: Words = ("the user may not read what the query asks for", "Ask for the right to SELECT from these tables")
TOO_LONG: Words = ("the query took too long and was stopped", "Select fewer rows, or ask for an index")
INTERRUPTED: Words = ("the query took too long, and was stopped", TOO_LONG[1])
TOO_LARGE: Words = ("a row of the result is longer than a row may be", "Leave out what is not needed, or cut long text")
LOGIN: Words = ("the database refuses the login", "Check user and password, and that the user may connect")
NO_DATABASE: Words = ("there is no such database on the server", "Check the name after the host")
NO_HOST: Words = ("the host's name is not known", "Check the host in the URL, and the network")
REFUSED: Words = ("nothing answers at this host and port", "Check both, and that the database runs and may be reached")
NO_ANSWER: Words = ("the database does not answer in time", "Check host, port and firewall")
ENCRYPTION: Words = ("no encrypted connection could be negotiated", "Check sslmode and the certificates in the URL")
UNREACHABLE: Words = (
    "the database cannot be reached, or refuses the login",
    "Check host, port, user, password and name of the database",
)
BUSY: Words = ("the database has no free connection, or is locked", "Try again later")
LOST: Words = ("the connection to the database was lost", "Try again; the database may have been restarted")
VALUE: Words = (
    "the database cannot compute a value of the query",
    "Look for casts, divisions and dates that do not fit every row",
)
OPTION: Words = ("the database does not know a setting of the connection", "Check the URL's options and the time zone")
NOT_A_DATABASE: Words = ("the file is not a SQLite database, or is damaged", "Check that it is the right file")
CANNOT_OPEN: Words = ("the SQLite file cannot be opened", "Check its permissions, and those of its folder")
OTHER: Words = ("the database refuses the query", "Try it in the database's own client first")
UNREADABLE: Words = (
    "a value of the result cannot be read by the driver",
    "Cast dates and binary columns to text in the query",
)

_STATES: dict[str, Words] = {
    **dict.fromkeys(("08", "57"), LOST),
    **dict.fromkeys(("0A000", "25006"), READ_ONLY),
    **dict.fromkeys(("3F000", "42P01", "42S02"), NO_TABLE),
    **dict.fromkeys(("42703", "42S22"), NO_COLUMN),
    **dict.fromkeys(("53", "55P03"), BUSY),
    "22": VALUE,
    "22023": OPTION,
    "28": LOGIN,
    "3D000": NO_DATABASE,
    "42501": RIGHTS,
    "42601": SYNTAX,
    "42883": NO_FUNCTION,
    "57014": TOO_LONG,
}
"""By SQLSTATE, or by its class of two characters."""

_PHRASES: dict[str, Words] = {
    **dict.fromkeys(("no password supplied", "authentication", "access denied"), LOGIN),
    'database "': NO_DATABASE,
    'role "': LOGIN,
    **dict.fromkeys(("resolve host", "translate host", "name or service not known"), NO_HOST),
    "connection refused": REFUSED,
    **dict.fromkeys(("timeout", "timed out"), NO_ANSWER),
    **dict.fromkeys(("ssl", "certificate"), ENCRYPTION),
}
"""Words of an error while connecting, which carries no SQLSTATE; the first that is there counts."""

_SQLITE: dict[str, Words] = {
    "no such table": NO_TABLE,
    "no such column": NO_COLUMN,
    "no such function": NO_FUNCTION,
    **dict.fromkeys(("attempt to write", "not authorized", "prohibited"), READ_ONLY),
    "interrupted": INTERRUPTED,
    "string or blob too big": TOO_LARGE,
    "database is locked": BUSY,
    "unable to open": CANNOT_OPEN,
    **dict.fromkeys(("file is not a database", "database disk image is malformed"), NOT_A_DATABASE),
    **dict.fromkeys(("syntax error", "incomplete input"), SYNTAX),
}


class InterruptedQueryError(SourceError):
    """SQLite ended a query, which it does in the same way where its time was over and where somebody pressed Ctrl+C."""


def fault(error: Exception, name: str, *, connecting: bool) -> SourceError:
    """Return the message of an error."""
    code, words = _state(error), _words(error, connecting=connecting)
    kind = InterruptedQueryError if words is INTERRUPTED else SourceError
    return kind(f"{words[0]} (SQLSTATE {code})" if code else words[0], where=name, hint=words[1])


def _state(error: Exception) -> str:
    """Return the SQLSTATE of an error, or `""`."""
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlstate", None)
    return code if isinstance(code, str) and len(code) == 5 and code.isalnum() else ""


def _words(error: Exception, *, connecting: bool) -> Words:
    if not isinstance(error, SQLAlchemyError):
        return UNREACHABLE if connecting else UNREADABLE
    if isinstance(error, PoolTimeout):
        return NO_ANSWER
    code = _state(error)
    if code:
        return _STATES.get(code) or _STATES.get(code[:2]) or (UNREACHABLE if connecting else OTHER)
    text = str(error.orig if isinstance(error, DBAPIError) else "").lower()
    if isinstance(error, DBAPIError) and type(error.orig).__module__.startswith("sqlite3"):
        return _listed(text, _SQLITE) or OTHER
    if connecting:
        return _listed(text, _PHRASES) or UNREACHABLE
    return LOST if isinstance(error, DBAPIError) and error.connection_invalidated else OTHER


def _listed(text: str, known: dict[str, Words]) -> Words | None:
    return next((words for phrase, words in known.items() if phrase in text), None)
