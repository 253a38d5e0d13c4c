"""A connection that can only read, to any database with a SQLAlchemy dialect."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import create_engine, event, func, literal, select
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from data_ingestion.database.faults import InterruptedQueryError, fault
from data_ingestion.database.url import shown_name
from retention.errors import OptionError, Setting, SourceError

CONNECT_SECONDS = 10
QUERY_SECONDS = 600
LOG = "customers"
_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_STEPS = 100_000
"""Steps of SQLite between two looks at the clock, a few milliseconds."""
_BEGIN = {
    "mysql": "START TRANSACTION READ ONLY",
    "mariadb": "START TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}
"""How a transaction that cannot write begins, where the dialect has no option for it."""
_WITH_TIMEOUT = ("postgresql", "mysql", "mariadb")


@contextmanager
def connected(url: URL, timezone: str, row_bytes: int) -> Iterator[Connection]:
    """Give a connection in a transaction that cannot write, where the database knows such, and is never committed.

    Settings hold for the transaction only: behind a pooler the next user of the session may be another program.

    Args:
        url: With user and password.
        timezone: Becomes the transaction's zone on PostgreSQL, so that `::date` in a query means the shop's day.
        row_bytes: Most bytes of a row, where the driver can hold them.

    Raises:
        InputError: The driver is missing, or the database cannot be reached.
    """
    name, engine = shown_name(url), _engine(url)
    try:
        connection = engine.connect()
    except (SQLAlchemyError, OSError, ValueError, TypeError) as error:
        raise fault(error, name, connecting=True) from None
    with connection:
        try:
            _begin(connection, timezone, row_bytes)
        except SQLAlchemyError as error:
            raise fault(error, name, connecting=True) from None
        # A % in the query is a percent sign, which some drivers would take for the place of a parameter.
        began = monotonic()
        try:
            yield connection.execution_options(no_parameters=True)
        except InterruptedQueryError:
            if monotonic() < began + QUERY_SECONDS:
                raise KeyboardInterrupt from None
            raise


def _begin(connection: Connection, timezone: str, row_bytes: int) -> None:
    """Begin the transaction: reading only, with the shop's zone and a limit of time."""
    dialect = connection.dialect.name
    if dialect in _BEGIN:
        connection.exec_driver_sql(_BEGIN[dialect])
    if isinstance(raw := connection.connection.driver_connection, sqlite3.Connection):
        _guard(raw, row_bytes)
    if dialect == "postgresql":
        connection.execution_options(postgresql_readonly=True)
        limit = str(QUERY_SECONDS * 1000)
        settings = {"TimeZone": timezone, "DateStyle": "ISO, YMD", "statement_timeout": limit}
        # Off, a backslash would end a text elsewhere than the parser saw.
        for setting, value in (settings | {"standard_conforming_strings": "on"}).items():
            connection.execute(select(func.set_config(setting, value, literal(True))))


def _guard(connection: sqlite3.Connection, row_bytes: int) -> None:
    """Let a connection do nothing but read, for a limited time, and in steps that Ctrl+C can end."""
    end = monotonic() + QUERY_SECONDS
    connection.execute("PRAGMA query_only = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, row_bytes)
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY)
    # Python looks for Ctrl+C whenever this is called; the query ends as interrupted for either reason.
    connection.set_progress_handler(lambda: int(monotonic() > end), _STEPS)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    try:
        limited = url.get_backend_name() in _WITH_TIMEOUT and "connect_timeout" not in url.query
        engine = _made(url, connect_args={"connect_timeout": CONNECT_SECONDS} if limited else {})
    except (NoSuchModuleError, ImportError) as error:
        raise _no_driver(url, error) from None
    except (SQLAlchemyError, TypeError, ValueError):
        raise OptionError(
            "the database URL has options that the driver does not know",
            where=Setting.DATABASE,
            hint="Check what follows the ?",
        ) from None
    if engine.dialect.is_async:
        raise OptionError(
            "the database URL names an asynchronous driver", where=Setting.DATABASE, hint="Use a synchronous driver"
        )
    if engine.dialect.driver == "psycopg":
        from data_ingestion.database.postgres import prepare  # noqa: PLC0415 - only where this driver is in use

        event.listen(engine, "connect", lambda connection, _: prepare(connection))
    return engine


def _made(url: URL | str, **arguments: Any) -> Engine:
    """Return an engine that keeps no connection, and whose logs stay silent where they would hold rows and users."""
    for logger in ("sqlalchemy.engine.Engine", "sqlalchemy.pool.impl.NullPool"):
        logging.getLogger(f"{logger}.{LOG}").setLevel(logging.CRITICAL)
    names = {"logging_name": LOG, "pool_logging_name": LOG}
    return create_engine(url, poolclass=NullPool, hide_parameters=True, **names, **arguments)


def _no_driver(url: URL, error: Exception) -> OptionError:
    """Return the error of a dialect or driver that is not installed."""
    dialect = url.get_backend_name()
    if isinstance(error, NoSuchModuleError):
        hint = "Write postgresql://" if dialect == "postgres" else "Install its SQLAlchemy dialect, or check the name"
        return OptionError(f"the kind of database '{dialect}' is not known", where=Setting.DATABASE, hint=hint)
    module = getattr(error, "name", None) or url.drivername
    return OptionError(
        f"the driver '{module}' for {dialect} is not installed",
        where=Setting.DATABASE,
        hint="For PostgreSQL write postgresql://; for others install the driver: pip install " + module,
    )


def _sqlite(url: URL) -> Engine:
    """Return an engine on a SQLite file, opened for reading only; a missing one is not made."""
    path, name = Path(url.database or ""), shown_name(url)
    if not url.database or url.database == ":memory:":
        raise OptionError(
            "the database URL names no file", where=Setting.DATABASE, hint="Write sqlite:///path/to/shop.db"
        )
    if not path.is_file():
        raise SourceError("there is no such file", where=name, hint="Check the path; sqlite:////path is absolute")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        # Bytes, so that text that is not UTF-8 stops the column that holds it and not the whole result.
        connection.text_factory = bytes
        return connection

    return _made("sqlite://", creator=connect)
