"""Customers of a saved period straight from its Parquet file, by DuckDB in memory; no other row is loaded.

A look-up has two steps: narrow columns say which rows are meant, then those rows alone are read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from retention.hashing import engine

Positions = npt.NDArray[np.int32]
Equal = Mapping[str, str | int]

NOTHING: Equal = MappingProxyType({})

POSITION = "file_row_number"
SEARCHED = ("user_id", "email")
_FILE = "read_parquet(?, file_row_number = true)"
_SETTINGS = ("enable_external_file_cache = false", "parquet_metadata_cache = true", "TimeZone = 'UTC'")


class Lookup:
    """Customers, open for a few questions.

    Args:
        connection: DuckDB in memory.
        source: Their files, in order; or a table of them, with a column `file_row_number`.
        columns: Their columns, without that one.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, source: Sequence[Path] | pa.Table, columns: Sequence[str]
    ) -> None:
        self._connection, self._columns = connection, tuple(columns)
        self._source, self._values, self._files = "customers", list[str](), list[tuple[Path, int, int]]()
        if isinstance(source, pa.Table):
            connection.register("customers", source)
            return
        start = 0
        for path in source:
            end = start + parquet.read_metadata(path).num_rows
            self._files, start = [*self._files, (path, start, end)], end
        # Positions go on from file to file.
        row = f"* REPLACE ({POSITION} + {{}} AS {POSITION})"
        parts = [f"SELECT {row.format(start)} FROM {_FILE}" for _, start, _ in self._files]
        self._source, self._values = f"({' UNION ALL '.join(parts)})", [str(path) for path in source]

    def count(self) -> int:
        """Return how many customers there are; the files say so without being read."""
        return self._files[-1][2]

    def search(self, text: str, equal: Equal = NOTHING) -> Positions:
        """Return where the customers stand whose user_id or e-mail address holds a text, whatever the case.

        Those whose user_id or address is the text come first, otherwise the order is that of the input.

        Args:
            text: What to look for; empty: everybody is found.
            equal: Values that customers must have as well, by column; `SEGMENT` and `WAVE` are columns, too.
        """
        values = [*self._values, *equal.values()]
        where = " AND ".join(["true", *(f"{_quoted(name)} = ?" for name in equal)])
        if not text:
            return self._positions(f"{where} ORDER BY {POSITION}", values)
        # Lowering a million addresses takes longer than reading them, and digits have no case.
        form = "{}" if text.upper() == text.lower() else "lower({})"
        names = [form.format(name) for name in SEARCHED if name in self._columns]
        holds = " OR ".join(f"contains({name}, {form.format('?')})" for name in names)
        same = " OR ".join(f"{name} = {form.format('?')}" for name in names)
        # False sorts before true, so exact matches come first. IS NOT TRUE covers NULL too, which `=` gives where a
        # customer has no address.
        order = f"({same}) IS NOT TRUE, {POSITION}"
        return self._positions(f"{where} AND ({holds}) ORDER BY {order}", [*values, *[text] * 2 * len(names)])

    def _positions(self, where: str, values: Sequence[str | int]) -> Positions:
        query = f"SELECT {POSITION} FROM {self._source} WHERE {where}"
        return np.asarray(self._connection.execute(query, values).fetchnumpy()[POSITION], dtype=np.int32)

    def position(self, user_id: str) -> list[int]:
        """Return where a customer stands; empty where there is none of that identifier."""
        query = f"SELECT {POSITION} FROM {self._source} WHERE user_id = ?"
        return [int(row[0]) for row in self._connection.execute(query, [*self._values, user_id]).fetchall()]

    def file_of(self, user_id: str) -> str | None:
        """Return the name of the file in which a customer stands; None where there is none of that identifier."""
        found = self.position(user_id)
        return next((path.name for path, start, end in self._files if found and start <= found[0] < end), None)

    def rows(self, positions: Iterable[int]) -> pa.Table:
        """Return the rows at some positions, in the order given; those past the end are left out."""
        wanted = [int(position) for position in positions]
        inside = [(file, [each for each in wanted if file[1] <= each < file[2]]) for file in self._files]
        # One without rows tells the columns where no row is wanted.
        tables = [self._rows(file, here) for file, here in inside if here] or [self._rows(self._files[0], [])]
        table = pa.concat_tables(tables)
        place = {position: index for index, position in enumerate(table[POSITION].to_pylist())}
        order = [place[position] for position in wanted if position in place]
        return table.take(pa.array(order, pa.int64())).drop_columns([POSITION])

    def _rows(self, file: tuple[Path, int, int], wanted: Sequence[int]) -> pa.Table:
        """Return the rows of one file at some positions, with these."""
        path, start, _ = file
        names = ", ".join([*map(_quoted, self._columns), f"{POSITION} + {start} AS {POSITION}"])
        # The bounds alone let whole row groups be skipped.
        where = f"{POSITION} BETWEEN ? AND ? AND {POSITION} IN (SELECT unnest(?))"
        here = [position - start for position in wanted]
        values = [str(path), min(here, default=0), max(here, default=-1), here]
        return self._connection.sql(f"SELECT {names} FROM {_FILE} WHERE {where}", params=values).to_arrow_table()


@contextmanager
def look_up(source: Sequence[Path] | pa.Table, columns: Sequence[str]) -> Iterator[Lookup]:
    """Open customers for questions.

    Raises:
        duckdb.Error, ArrowException, OSError: A file is gone or damaged.
    """
    with engine(memory_limit="512MB") as connection:
        for setting in _SETTINGS:
            connection.execute(f"SET {setting}")
        yield Lookup(connection, source, columns)


def search_frame(customers: pd.DataFrame, text: str, equal: Equal = NOTHING) -> Positions:
    """Return what `Lookup.search` does, for customers in memory."""
    # Arrow takes the texts of a frame over without a copy.
    names = [name for name in {*SEARCHED, *equal} if name in customers.columns]
    columns = {name: pa.array(customers[name], from_pandas=True) for name in names}
    table = pa.table({**columns, POSITION: np.arange(len(customers))})
    with look_up(table, tuple(columns)) as lookup:
        return lookup.search(text, equal)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
