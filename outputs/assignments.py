"""The assignment table: every customer of the universe with segment and wave, as records or as columns."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analysis import Run
from outputs.cells import (
    BYTE_ORDER_MARK,
    DAY,
    TEXT,
    Micros,
    date_cells,
    flag_cells,
    known,
    lines_of,
    local_micros,
    number_cells,
    text_cells,
    time_cells,
    whole,
)
from outputs.names import Profile
from retention.customers.contracts import CONTRACT
from retention.customers.derive import MARKER

ARM = "Arm"
BLOCK_ROWS = 65_536
THREADS = 2

Rows = npt.NDArray[np.intp] | slice
ColumnOf = Callable[[Rows], pa.Array]
Codes = npt.NDArray[np.unsignedinteger]


@dataclass(frozen=True, eq=False)
class Assignments:
    """The assignment table of a run in one profile.

    Columns: `user_id, Segment, Wave`, the contract columns of the input in the order of the contract, and
    `derived` (the names of the scores that were derived in this row) if any score was; last `Arm` if the run
    has an experiment.

    Args:
        all_plain: What `plain` is of all customers, where the run has a part of them; None: it has all.
    """

    run: Run
    profile: Profile = "machine"
    all_plain: frozenset[str] | None = None

    @property
    def rows(self) -> int:
        """Customers of the universe."""
        return len(self.run.segmentation.customers)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Headers, in order."""
        present = self.run.segmentation.customers.columns
        contract = [column.name for column in CONTRACT if column.name in present and column.name != "user_id"]
        own = [MARKER] if MARKER in present else []
        return ("user_id", "Segment", "Wave", *contract, *own, *([] if self.run.arms is None else [ARM]))

    @cached_property
    def plain(self) -> frozenset[str]:
        """The columns of numbers that are all whole, and those of times that are all local midnights."""
        if self.all_plain is not None:
            return self.all_plain
        return frozenset(name for name in self.names[3:] if _is_plain(self._series(name), self.run.window.timezone))

    @property
    def header(self) -> bytes:
        """The first line of a file, after a byte order mark in the spreadsheet profile."""
        line = f"{','.join(self.names)}\n".encode()
        return BYTE_ORDER_MARK + line if self.profile == "spreadsheet" else line

    def lines(self, rows: Rows) -> pa.Array:
        """Return the records of some rows, each with its line end."""
        return lines_of([column(rows) for column in self._columns])

    def blocks(self, rows: npt.NDArray[np.intp] | None = None) -> Iterator[tuple[Codes, pa.Array]]:
        """Yield segment codes and records of all rows, or of some, block by block in order.

        Blocks are made a few ahead of the one that is taken, so few are in memory.
        """
        count = self.rows if rows is None else len(rows)
        starts = range(0, count, BLOCK_ROWS)
        parts = [slice(s, min(s + BLOCK_ROWS, count)) for s in starts]
        chosen: list[Rows] = [part if rows is None else rows[part] for part in parts]
        codes = self.run.segmentation.codes
        with ThreadPoolExecutor(THREADS) as pool:
            ahead = deque[tuple[Codes, Future[pa.Array]]]()
            for part in chosen:
                ahead.append((codes[part], pool.submit(self.lines, part)))
                if len(ahead) > THREADS:
                    done, lines = ahead.popleft()
                    yield done, lines.result()
            yield from ((done, lines.result()) for done, lines in ahead)

    def arrow(self, rows: Rows) -> pa.Table:
        """Return some rows as typed columns, for Parquet; times keep the shop's zone."""
        run = self.run
        segmentation = run.segmentation
        columns = {
            "user_id": _arrow(segmentation.customers["user_id"], rows),
            "Segment": self._dictionary(rows),
            "Wave": pa.array(segmentation.waves[rows]),
        }
        for name in self.names[3:]:
            columns[name] = self._typed(name, rows)
        return pa.table(columns)

    def _typed(self, name: str, rows: Rows) -> pa.Array:
        series = self._series(name)
        if isinstance(series.dtype, pd.DatetimeTZDtype):
            series = series.dt.tz_convert(self.run.window.timezone)
        return _arrow(series, rows)

    def _dictionary(self, rows: Rows) -> pa.DictionaryArray:
        codes = pa.array(self.run.segmentation.codes[rows].astype(np.int32))
        return pa.DictionaryArray.from_arrays(codes, pa.array(self.run.segmentation.tree.names))

    @cached_property
    def _columns(self) -> tuple[ColumnOf, ...]:
        segmentation = self.run.segmentation
        names = text_cells(pa.array(segmentation.tree.names, TEXT), self.profile)
        waves, codes = segmentation.waves, segmentation.codes
        fixed: tuple[ColumnOf, ...] = (
            self._column("user_id"),
            lambda rows: names.take(pa.array(codes[rows])),
            lambda rows: pa.array(waves[rows]).cast(TEXT),
        )
        return (*fixed, *(self._column(name) for name in self.names[3:]))

    def _series(self, name: str) -> pd.Series:
        return pd.Series(self.run.arms) if name == ARM else self.run.segmentation.customers[name]

    def _column(self, name: str) -> ColumnOf:
        series = self._series(name)
        if isinstance(series.dtype, pd.DatetimeTZDtype):
            return _time_column(*local_micros(series, self.run.window.timezone), days=name in self.plain)
        if isinstance(series.dtype, pd.CategoricalDtype):
            return _category_column(series, self.profile)
        if pd.api.types.is_bool_dtype(series.dtype):
            return lambda rows: flag_cells(_arrow(series, rows))
        if pd.api.types.is_numeric_dtype(series.dtype):
            values = series.to_numpy(dtype=np.float64, na_value=np.nan)
            integers = name in self.plain
            return lambda rows: number_cells(values[rows], integers)
        # The functions must not hold the table that holds them: a part would stay in memory until cycles are collected.
        texts, profile = _chunked(series), self.profile
        return lambda rows: text_cells(_pick(texts, rows), profile)


def in_parts(run: Run, profile: Profile, *, as_text: bool) -> Iterator[Assignments]:
    """Yield the assignments of a run's customers part by part, written as those of all of them."""
    plain = None
    if as_text:
        plain = reduce(and_, (Assignments(part, profile).plain for part in run.in_parts(waves=False)))
    return (Assignments(part, profile, plain) for part in run.in_parts())


def _is_plain(series: "pd.Series[Any]", timezone: str) -> bool:
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        wall, _ = local_micros(series, timezone)
        return not (wall[known(wall)] % DAY).any()
    numeric = pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype)
    return numeric and whole(series.to_numpy(dtype=np.float64, na_value=np.nan))


def _time_column(wall: Micros, utc: Micros, *, days: bool) -> ColumnOf:
    if days:
        return lambda rows: date_cells(wall[rows])
    return lambda rows: time_cells(wall[rows], utc[rows])


def _category_column(series: pd.Series, profile: Profile) -> ColumnOf:
    texts = text_cells(pa.array(series.cat.categories.tolist(), TEXT), profile)
    codes = series.cat.codes.to_numpy()
    return lambda rows: texts.take(pa.array(codes[rows], mask=codes[rows] < 0))


def _chunked(series: pd.Series) -> pa.ChunkedArray:
    texts = pa.array(series, from_pandas=True)
    return texts if isinstance(texts, pa.ChunkedArray) else pa.chunked_array([texts])


def _arrow(series: pd.Series, rows: Rows) -> pa.Array:
    part = pa.array(series.iloc[rows], from_pandas=True)
    return part.combine_chunks() if isinstance(part, pa.ChunkedArray) else part


def _pick(column: pa.ChunkedArray, rows: Rows) -> pa.Array:
    if isinstance(rows, slice):
        picked = column.slice(rows.start, rows.stop - rows.start)
    else:
        picked = column.take(pa.array(rows))
    return picked.combine_chunks()
