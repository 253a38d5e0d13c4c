"""One stable hash of identifiers, the same on every machine and in every engine."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

HEX_DIGITS = 15
"""Leading hexadecimal digits of the SHA-256 in use: 60 bits, so that the number fits a signed 64-bit integer."""

BATCH = 65_536
"""Identifiers that a thread takes at once."""


def engine(**options: str) -> "duckdb.DuckDBPyConnection":
    """Return DuckDB in memory, on two threads; nothing is fetched from elsewhere, whatever a query would need."""
    import duckdb  # noqa: PLC0415 - a run without arms and waves hashes nothing

    known = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    return duckdb.connect(config={"threads": 2, **known, **options})


def hasher() -> "duckdb.DuckDBPyConnection":
    """Return a connection to the one engine that the process keeps; tables of it are registered or temporary.

    To start an engine takes longer than most hashes do.
    """
    return _kept().cursor()


_kept = cache(engine)


def hash_ids(user_ids: pd.Series, salt: str) -> npt.NDArray[np.int64]:
    """Return `int(sha256(f"{salt}|{user_id}").hexdigest()[:15], 16)` of each identifier.

    Args:
        user_ids: Identifiers as text, none missing.
        salt: Names what the hash is for, so that two uses are independent.

    Returns:
        Hashes, shape (rows,), from 0 to 2**60 - 1.

    >>> [int(h) for h in hash_ids(pd.Series(["a"], dtype="str"), "demo")]
    [512503196938061874]
    """
    return next(hashes_by_salt(user_ids, [salt]))


def hashes_by_salt(user_ids: pd.Series, salts: Sequence[str]) -> Iterator[npt.NDArray[np.int64]]:
    """Yield what `hash_ids` returns under each salt; the identifiers are handed over once."""
    table = pa.table({"user_id": pa.array(user_ids, type=pa.large_string())})
    # The engine's threads share batches; the rows keep their order.
    identifiers = pa.Table.from_batches(table.to_batches(max_chunksize=BATCH), table.schema)
    with hasher() as connection:
        connection.register("identifiers", identifiers)
        query = "SELECT ('0x' || substr(sha256(? || '|' || user_id), 1, ?))::BIGINT AS h FROM identifiers"
        for salt in salts:
            yield np.asarray(connection.execute(query, [salt, HEX_DIGITS]).fetchnumpy()["h"], dtype=np.int64)
