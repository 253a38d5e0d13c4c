"""A database as the input of the main command: `--input URL --query SQL`."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from data_ingestion import Intake, PartedIntake, ReadOptions, Spool
from retention.errors import OptionError
from run_store.small_files import read_text

URL_VARIABLE = "RETENTION_DATABASE_URL"
"""The database that a query is put to when no `--input` names one."""
_URL = re.compile(r"env:|[A-Za-z][A-Za-z0-9_+.]+:/")


@dataclass(frozen=True)
class DatabaseInput:
    """A database, as a SQLAlchemy URL as typed or `env:NAME`, and the SQL to ask it."""

    url: str = field(repr=False)
    query: str = field(repr=False)


def is_database(text: str) -> bool:
    """Return whether an input names a database; one slash is enough, so that no mistyped URL is shown as a path.

    >>> [is_database(text) for text in ("postgresql://db/shop", "env:SHOP_URL", "C:/carts.csv", "carts.csv")]
    [True, True, False, False]
    """
    return _URL.match(text) is not None


def database_input(inputs: Sequence[str], query: str | None) -> DatabaseInput | None:
    """Return the database that the options name, or None where they name files.

    Raises:
        OptionError: URL and query do not go together, or the file of the query cannot be read.
    """
    databases = [text for text in inputs if is_database(text)]
    if query is None and not databases:
        return None
    if query is None:
        raise OptionError(
            "a database needs a query", where="--query", hint='Add --query "SELECT ... FROM ...", or --query @FILE'
        )
    if len(inputs) > 1:
        raise OptionError("a database must be the only input", where="--input", hint="Join the tables in the query")
    if inputs and not databases:
        raise OptionError(
            "a query needs a database, and --input names a file",
            where="--query",
            hint=f"Give the database's URL with --input, or set {URL_VARIABLE}",
        )
    return DatabaseInput(databases[0] if databases else f"env:{URL_VARIABLE}", _text_of(query))


def _text_of(query: str) -> str:
    """Return the SQL of `--query`: as given, or the content of `@FILE`."""
    return read_text(Path(query[1:]), where=f"--query {query}") if query.startswith("@") else query


def read(source: DatabaseInput, options: ReadOptions, tell: Callable[[str, float], None]) -> Intake:
    """Return the customers of a database."""
    from data_ingestion.database import read_database  # noqa: PLC0415 - SQLAlchemy is slow to import

    return read_database(source.url, source.query, options=options, progress=tell, environment=os.environ)


def read_in_parts(
    source: DatabaseInput, spool: Spool, options: ReadOptions, tell: Callable[[str, float], None]
) -> PartedIntake | Intake:
    """Return the customers of a database in parts, or whole where they cannot come in parts."""
    from data_ingestion.database import read_database_parts  # noqa: PLC0415 - as above

    return read_database_parts(source.url, source.query, spool, options=options, progress=tell, environment=os.environ)


def shown_input(text: str) -> str:
    """Return what `run.json` records of an input: a file's name, or dialect, host and name of a database."""
    if not is_database(text):
        return Path(text).name
    from data_ingestion.database import database_url, shown_name  # noqa: PLC0415 - as above

    return shown_name(database_url(text, os.environ))


def shown_query(query: str | None) -> str | None:
    """Return what `run.json` records of a query: its hash, because its text may name customers or hold a secret."""
    return query and f"sha256:{sha256(_text_of(query).encode()).hexdigest()}"
