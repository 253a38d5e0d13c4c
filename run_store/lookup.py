"""Rows of a saved period straight from its Parquet file, by DuckDB in memory; nothing else is loaded.

A look-up has two steps: narrow columns say which rows are wanted, then those rows alone are read.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

SEGMENT = "segment_code"
WAVE = "wave"
POSITION = "file_row_number"
_OPTIONS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_SETTINGS = ("enable_external_file_cache = false", "parquet_metadata_cache = true", "TimeZone = 'UTC'")


@dataclass(frozen=True)
class Wanted:
    """Which customers are wanted, in which order.

    Args:
        segment: Code of a segment, or None for all.
        search: Beginning of a user_id or, whatever the case, of an e-mail address; empty for all.
        user_id: One customer's identifier, exactly; empty for all.
        sort: A column, or empty for the order of the input.
        descending: Whether the largest come first; missing values come last either way.
    """

    segment: int | None = None
    search: str = ""
    user_id: str = ""
    sort: str = ""
    descending: bool = False

    @property
    def everything(self) -> bool:
        """Whether the rows are simply those of the file, in order."""
        return self.segment is None and not (self.search or self.user_id or self.sort)


class Lookup:
    """One Parquet file of customers, open for a few questions.

    Args:
        path: The file.
        columns: Its columns.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, columns: Sequence[str]) -> None:
        self._connection, self._columns = connection, tuple(columns)
        self._file = str(path)

    def positions(self, wanted: Wanted, offset: int, limit: int) -> list[int]:
        """Return the positions in the file of the rows wanted, in order; exact matches of a search come first."""
        where, values = self._where(wanted)
        order, ordering = self._order(wanted)
        query = f"SELECT {POSITION} FROM {self._table()} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"
        rows = self._connection.execute(query, [self._file, *values, *ordering, limit, offset]).fetchall()
        return [int(row[0]) for row in rows]

    def count(self, wanted: Wanted) -> int:
        """Return how many rows are wanted."""
        where, values = self._where(wanted)
        query = f"SELECT count(*) FROM {self._table()} WHERE {where}"
        found = self._connection.execute(query, [self._file, *values]).fetchone()
        return int(found[0]) if found else 0

    def rows(self, positions: Sequence[int]) -> pa.Table:
        """Return the rows at some positions, in the order given; those past the end are left out."""
        names = ", ".join(_quoted(name) for name in (*self._columns, POSITION))
        # The bounds alone let whole row groups be skipped.
        where = f"{POSITION} BETWEEN ? AND ? AND {POSITION} IN (SELECT unnest(?))"
        bounds = [min(positions, default=0), max(positions, default=0)]
        query = f"SELECT {names} FROM {self._table()} WHERE {where}"
        table = self._connection.sql(query, params=[self._file, *bounds, list(positions)]).to_arrow_table()
        place = {position: index for index, position in enumerate(table[POSITION].to_pylist())}
        found = [place[position] for position in positions if position in place]
        return table.take(pa.array(found, pa.int64())).drop_columns([POSITION])

    def _table(self) -> str:
        return "read_parquet(?, file_row_number = true)"

    def _where(self, wanted: Wanted) -> tuple[str, list[str | int]]:
        conditions, values = ["true"], list[str | int]()
        if wanted.segment is not None:
            conditions.append(f"{SEGMENT} = ?")
            values.append(wanted.segment)
        if wanted.user_id:
            conditions.append("user_id = ?")
            values.append(wanted.user_id)
        if wanted.search:
            either = ["starts_with(user_id, ?)"]
            values.append(wanted.search)
            if "email" in self._columns:
                # Lowering a million addresses takes longer than reading them, and digits have no case.
                plain = wanted.search.upper() == wanted.search.lower()
                either.append(f"starts_with({'email' if plain else 'lower(email)'}, ?)")
                values.append(wanted.search.lower())
            conditions.append(f"({' OR '.join(either)})")
        return " AND ".join(conditions), values

    def _order(self, wanted: Wanted) -> tuple[str, list[str]]:
        terms, values = list[str](), list[str]()
        if wanted.search:
            exact = "user_id = ? OR lower(email) = ?" if "email" in self._columns else "user_id = ?"
            values += [wanted.search, wanted.search.lower()][: exact.count("?")]
            terms.append(f"({exact}) IS NOT TRUE")
        if wanted.sort:
            terms.append(f"{_quoted(wanted.sort)} {'DESC' if wanted.descending else 'ASC'} NULLS LAST")
        return ", ".join([*terms, POSITION]), values


@contextmanager
def look_up(path: Path, columns: Sequence[str]) -> Iterator[Lookup]:
    """Open a file of customers for questions.

    Raises:
        duckdb.Error: The file is gone or damaged.
    """
    with duckdb.connect(config=_OPTIONS) as connection:
        for setting in _SETTINGS:
            connection.execute(f"SET {setting}")
        yield Lookup(connection, path, columns)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
