"""Customers of a saved period straight from its Parquet file; no other row is kept.

A look-up has two steps: DuckDB says by narrow columns which rows are meant, then the groups that hold them are read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from retention.hashing import engine, hasher

Positions = npt.NDArray[np.int32]
Equal = Mapping[str, str | int]

NOTHING: Equal = MappingProxyType({})

FEW = 65_536
"""Customers among whom one is found before DuckDB has started."""
POSITION = "file_row_number"
SEARCHED = ("user_id", "email")
_FILE = "read_parquet(?, file_row_number = true)"
_File = tuple[Path, int, parquet.FileMetaData]
"""A file, the position of its first row, and its footer."""
_SETTINGS = ("enable_external_file_cache = false", "parquet_metadata_cache = true", "TimeZone = 'UTC'")


class Lookup:
    """Customers, open for a few questions.

    Args:
        source: Their files, in order; or a table of them, with a column `file_row_number`.
        columns: Their columns, without that one.
        opened: Closes what a question opens.
    """

    def __init__(self, source: Sequence[Path] | pa.Table, columns: Sequence[str], opened: ExitStack) -> None:
        self._columns, self._opened, self._table = tuple(columns), opened, source
        self._source, self._values, self._files = "customers", list[str](), list[_File]()
        if isinstance(source, pa.Table):
            return
        start = 0
        for path in source:
            metadata = parquet.read_metadata(path)
            self._files, start = [*self._files, (path, start, metadata)], start + metadata.num_rows
        # Positions go on from file to file.
        row = f"* REPLACE ({POSITION} + {{}} AS {POSITION})"
        parts = [f"SELECT {row.format(start)} FROM {_FILE}" for _, start, _ in self._files]
        self._source, self._values = f"({' UNION ALL '.join(parts)})", [str(path) for path in source]

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        """DuckDB, which takes longer to start than some rows to read, so it waits for a question that needs it."""
        if isinstance(self._table, pa.Table):
            return self._opened.enter_context(hasher()).register("customers", self._table)
        connection = self._opened.enter_context(engine(memory_limit="512MB"))
        for setting in _SETTINGS:
            connection.execute(f"SET {setting}")
        return connection

    def count(self) -> int:
        """Return how many customers there are; the files say so without being read."""
        _, start, metadata = self._files[-1]
        return start + int(metadata.num_rows)

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
        if self.count() <= FEW:
            ids = pa.concat_tables(_read(file, range(file[2].num_row_groups), ["user_id"]) for file in self._files)
            return np.flatnonzero(pc.equal(ids["user_id"], user_id)).tolist()
        query = f"SELECT {POSITION} FROM {self._source} WHERE user_id = ?"
        return [int(row[0]) for row in self._connection.execute(query, [*self._values, user_id]).fetchall()]

    def file_of(self, user_id: str) -> str | None:
        """Return the name of the file in which a customer stands; None where there is none of that identifier."""
        places = self.position(user_id)
        return next((path.name for path, start, _ in reversed(self._files) if places and start <= places[0]), None)

    def rows(self, positions: Iterable[int]) -> pa.Table:
        """Return the rows at some positions, in the order given; those past the end are left out."""
        wanted = np.fromiter(positions, dtype=np.int64)
        wanted = wanted[wanted < self.count()]
        places, order = np.unique(wanted, return_inverse=True)
        return pa.concat_tables([self._rows(file, places) for file in self._files]).take(pa.array(order))

    def _rows(self, file: _File, places: npt.NDArray[np.int64]) -> pa.Table:
        """Return the rows of one file that are at some of the ascending positions."""
        _, start, metadata = file
        bounds = start + np.cumsum([0, *(metadata.row_group(at).num_rows for at in range(metadata.num_row_groups))])
        wanted = places[np.searchsorted(places, start) : np.searchsorted(places, bounds[-1])]
        groups = np.unique(np.searchsorted(bounds, wanted, side="right") - 1)
        table = _read(file, groups.tolist(), self._columns)
        # Where the groups that were read stand in the whole.
        held = np.concatenate([np.arange(bounds[at], bounds[at + 1]) for at in groups] or [wanted])
        return table.take(pa.array(np.searchsorted(held, wanted)))


def _read(file: _File, groups: Sequence[int], columns: Sequence[str]) -> pa.Table:
    with parquet.ParquetFile(file[0], metadata=file[2], page_checksum_verification=True) as opened:
        return opened.read_row_groups(list(groups), columns=list(columns), use_threads=False)


@contextmanager
def look_up(source: Sequence[Path] | pa.Table, columns: Sequence[str]) -> Iterator[Lookup]:
    """Open customers for questions.

    Raises:
        duckdb.Error, ArrowException, OSError: A file is gone or damaged.
    """
    with ExitStack() as opened:
        yield Lookup(source, columns, opened)


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
