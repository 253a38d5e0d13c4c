"""Judged blocks of several files -> one typed frame."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data_ingestion.cells.currencies import common_currencies, currencies_of
from data_ingestion.cells.local_time import in_zone
from data_ingestion.cells.typed_blocks import Accepted, FinishedBlock
from data_ingestion.formats.record_columns import ALL_COLUMNS
from data_ingestion.options import Keep, ReadOptions, as_it_is
from retention.customers.contracts import Column
from retention.errors import ContractError
from retention.wording import counted

_NAT = np.iinfo(np.int64).min


def assemble(blocks: Sequence[FinishedBlock], options: ReadOptions) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return one frame of all accepted rows, missing where a file lacks a column, and warnings about times.

    The blocks' values are used up: a large input would else be in memory twice.
    """
    names = frozenset(name for block in blocks for name in block.values)
    rows, clock = assemble_part(blocks, options.timezone, names, options.keep)
    return rows, time_warnings(clock, options.timezone)


def assemble_part(
    blocks: Sequence[FinishedBlock], timezone: str, names: Collection[str], keep: Keep = as_it_is
) -> tuple[pd.DataFrame, tuple[int, int]]:
    """Return one frame of the accepted rows of some blocks, and how many times the clock skips or has twice.

    Args:
        blocks: At least one.
        timezone: The shop's zone.
        names: The columns of all blocks there are.
        keep: Where a column waits for the others.
    """
    columns: dict[str, object] = {}
    skipped = repeated = 0
    for column in ALL_COLUMNS:
        if column.name not in names:
            continue
        parts = [_part(block, column) for block in blocks]
        if column.kind == "time":
            columns[column.name], moved, twice = in_zone(*joined_times(parts), timezone)
            skipped, repeated = skipped + moved, repeated + twice
        else:
            columns[column.name] = _in_pandas(keep(joined_cells(parts)))
        # What the parts took is given back, or the whole input would be in memory twice after all.
        del parts
        pa.default_memory_pool().release_unused()
    return pd.DataFrame(columns, copy=False), (skipped, repeated)


def check_currency(rows: pd.DataFrame, signs: Collection[str] = ()) -> None:
    """Check that all money is in one currency.

    Args:
        rows: Column `currency`, if there is one.
        signs: Currency signs and codes beside amounts.

    Raises:
        ContractError: It is in several; names the codes or signs.
    """
    named = rows["currency"].dropna().unique() if "currency" in rows else ()
    codes = sorted({str(code).strip().upper() for code in named} - {""})
    marks = codes if len(codes) > 1 else sorted({*signs, *filter(currencies_of, codes)})
    if len(codes) > 1 or (marks and not common_currencies(marks)):
        # Text that is no currency may be a customer's, such as an e-mail in the wrong column.
        known = [mark for mark in marks if currencies_of(mark)]
        shown = ", ".join([*known[:8], *(["..."] if len(known) > 8 else [])])
        other = f"{len(marks) - len(known)} not known" if len(known) < len(marks) else ""
        shown = "; ".join(part for part in (shown, other) if part)
        raise ContractError(
            f"the money columns are in {len(marks)} currencies ({shown})",
            where="column 'currency'" if len(codes) > 1 else "columns of money",
            hint="Give one file per currency; one analysis has one currency",
        )


def _part(block: FinishedBlock, column: Column) -> Accepted:
    """Take a block's values of a column out of it, all missing where its file does not have it."""
    if column.name in block.values:
        return block.values.pop(column.name)
    if column.kind == "number":
        return np.full(block.rows, np.nan)
    if column.kind == "time":
        return np.full(block.rows, _NAT), None
    return pa.nulls(block.rows, pa.bool_() if column.kind == "flag" else pa.large_string())


def joined_cells(parts: Sequence[Accepted]) -> NDArray[np.float64] | pa.Array:
    """Return the values of all blocks as one column of numbers, texts or flags."""
    numbers = [part for part in parts if isinstance(part, np.ndarray)]
    if len(parts) == 1 and not isinstance(parts[0], tuple):
        # Where the cells of one block lie, they stay.
        return parts[0]
    return (
        np.concatenate(numbers) if numbers else pa.concat_arrays([part for part in parts if isinstance(part, pa.Array)])
    )


def _in_pandas(joined: NDArray[np.float64] | pa.Array) -> object:
    if isinstance(joined, np.ndarray):
        return joined
    if pa.types.is_boolean(joined.type):
        missing = joined.is_null().to_numpy(zero_copy_only=False)
        values = joined.fill_null(False).to_numpy(zero_copy_only=False)
        return pd.arrays.BooleanArray(values.copy(), missing.copy())
    return pd.array(joined, dtype="str")


def joined_times(parts: Sequence[Accepted]) -> tuple[NDArray[np.int64], NDArray[np.bool_] | None]:
    """Return the times of all blocks as one column."""
    pairs = [part for part in parts if isinstance(part, tuple)]
    if len(pairs) == 1:
        return pairs[0]
    micros = np.concatenate([values for values, _ in pairs])
    if all(instant is None for _, instant in pairs):
        return micros, None
    flags = [np.zeros(len(v), dtype=np.bool_) if i is None else i for v, i in pairs]
    return micros, np.concatenate(flags)


def time_warnings(clock: tuple[int, int], timezone: str) -> tuple[str, ...]:
    """Say how many times the clock skips or has twice."""
    (skipped, repeated), warnings = clock, []
    if skipped:
        times = counted(skipped, "time", "does", "do")
        warnings.append(f"{times} not exist in {timezone} (the clock skips an hour); moved forward")
    if repeated:
        times = counted(repeated, "time", "exists", "exist")
        warnings.append(f"{times} twice in {timezone} (the clock goes back); the first is taken")
    return tuple(warnings)
