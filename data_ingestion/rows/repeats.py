"""Rows of customers who have several, gathered from all parts, so that the rules about them see each customer whole."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data_ingestion.rows.parts import PART_ROWS
from data_ingestion.rows.spool import Spool, StoredFrames
from retention.customers.contracts import CONTRACT
from retention.customers.keys import cut_short
from retention.customers.normalise import text_column
from retention.customers.universe import OnConflict, rejected_of
from retention.hashing import hasher
from retention.period import Window

if TYPE_CHECKING:
    import duckdb

Hashes = NDArray[np.uint64]
POSITION = "position"
_SCHEMA = pa.schema([("user_id", pa.large_string())])


@dataclass(frozen=True)
class Rejections:
    """The rows that the rules about customers with several rows reject.

    Args:
        table: `position, column, reason` by position among the rows of all parts.
    """

    table: pd.DataFrame

    @classmethod
    def none(cls) -> "Rejections":
        """Return that there are none."""
        table = pd.DataFrame({POSITION: np.empty(0, dtype=np.int64), "column": [], "reason": []})
        return cls(table.astype({"column": "str", "reason": "str"}))

    def of(self, start: int, rows: int) -> pd.DataFrame:
        """Return those of a part of so many rows, by position in it."""
        first, last = np.searchsorted(self.table[POSITION].to_numpy(), [start, start + rows])
        rejected = self.table.iloc[first:last]
        return rejected.assign(position=rejected[POSITION] - start).reset_index(drop=True)


def rejections(
    parts: Callable[[], Iterable[pd.DataFrame]], window: Window, on_conflict: OnConflict, spool: Spool
) -> Rejections:
    """Return which rows the rules reject.

    Args:
        parts: Returns the rows, part by part.
        window: The window.
        on_conflict: What to do with rows of one customer and time that differ.
        spool: Where rows and what the engine spills go.
    """
    repeated = _repeated((text_column(part, "user_id") for part in parts()), spool)
    groups = _gathered(parts(), repeated, spool) if len(repeated) else []
    # What a spreadsheet rounded shows in the ids of all of them.
    cut = cut_short(text_column(frame, "user_id") for group in groups for frame in group)
    tables = []
    for group in groups:
        rows = pd.concat(list(group), ignore_index=True)
        rejected = rejected_of(rows.drop(columns=POSITION), window, on_conflict=on_conflict, cut=cut)
        tables.append(rejected.assign(position=rows[POSITION].to_numpy()[rejected[POSITION].to_numpy()]))
        group.drop()
    if not tables:
        return Rejections.none()
    return Rejections(pd.concat(tables, ignore_index=True).sort_values(POSITION, ignore_index=True))


def repeats(parts: Callable[[], Iterable[pa.Array]], spool: Spool) -> Iterator[NDArray[np.bool_]]:
    """Yield of the texts of each part which are there again, in any part; a few may only share a hash with another."""
    hashes = _repeated((texts.drop_null() for texts in parts()), spool)
    with hasher() as hashing:
        for texts in parts():
            valid = texts.is_valid().to_numpy(zero_copy_only=False)
            yield np.isin(_hashed(hashing, texts), hashes) & valid


def _hashed(hashing: "duckdb.DuckDBPyConnection", texts: pa.Array) -> Hashes:
    hashing.register("ids", pa.table([texts], _SCHEMA))
    return np.asarray(hashing.execute("SELECT hash(user_id) AS h FROM ids").fetchnumpy()["h"])


def _repeated(ids: Iterator[pa.Array], spool: Spool) -> Hashes:
    """Return the hashes of ids that several rows have, ascending; a few may be of two ids that share one."""
    start = list(islice(ids, 2))
    if len(start) == 1 and len(start[0]) <= PART_ROWS:
        # To start an engine that spills takes longer than to count so few.
        with hasher() as hashing:
            hashes, counts = np.unique(_hashed(hashing, start[0]), return_counts=True)
        return hashes[counts > 1]
    batches = (pa.record_batch([each], _SCHEMA) for each in chain(start, ids))
    with spool.engine() as spilling:
        spilling.register("ids", pa.RecordBatchReader.from_batches(_SCHEMA, batches))
        query = "SELECT hash(user_id) AS h FROM ids GROUP BY h HAVING count(*) > 1 ORDER BY h"
        return np.asarray(spilling.execute(query).fetchnumpy()["h"], dtype=np.uint64)


def _gathered(parts: Iterable[pd.DataFrame], repeated: Hashes, spool: Spool) -> list[StoredFrames]:
    """Return the rows with these hashes and their positions in groups, a customer's in one, each to fit into memory."""
    groups = [spool.frames() for _ in range(1 + 2 * len(repeated) // PART_ROWS)]
    start = 0
    with hasher() as hashing:
        for rows in parts:
            hashes = _hashed(hashing, text_column(rows, "user_id"))
            places = np.flatnonzero(np.isin(hashes, repeated))
            named = [column.name for column in CONTRACT if column.name in rows]
            some = rows[named].take(places).assign(**{POSITION: places + start})
            group_of = hashes[places] % np.uint64(len(groups))
            for number in np.unique(group_of):
                groups[int(number)].append(some[group_of == number])
            start += len(rows)
    return [group for group in groups if group.size]
