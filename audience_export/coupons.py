"""Coupon codes from a file, one a customer."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from audience_export.lists import PLAIN, read_columns
from data_ingestion import ReadOptions
from outputs.cells import TEXT
from retention.errors import ContractError, OptionError, SourceError, did_you_mean
from retention.wording import counted


@dataclass(frozen=True, eq=False)
class Coupons:
    """Codes in the order of the file, none twice; without segments any customer may have any code."""

    name: str
    code: pa.Array
    segment: pa.Array | None


def read_coupons(path: Path, reading: ReadOptions = PLAIN) -> Coupons:
    """Return the codes of a file: a column `code`, and `segment` where each segment has its own.

    Raises:
        SourceError: The file cannot be read, a cell is blank, or a code is there twice.
        ContractError: It has no column `code`.
    """
    table = read_columns(path, reading)
    if "code" not in table:
        raise ContractError("the list has no column code", where=path.name, hint="Give codes as a column named code")
    code, segment = pc.utf8_trim_whitespace(table["code"]), table.get("segment")
    if code.null_count or (segment is not None and segment.null_count):
        raise SourceError(
            "the list has a row without a code or without its segment", where=path.name, hint="Complete the rows"
        )
    if pc.count_distinct(code).as_py() < len(code):
        raise SourceError("the list has a code twice", where=path.name, hint="Each customer needs a code of their own")
    return Coupons(path.name, code, segment)


def hand_out(coupons: Coupons, user_id: pa.Array, segment: pa.Array, names: tuple[str, ...]) -> pa.Array:
    """Return a code for each customer, none twice, in the order of `user_id`, shape (customers,).

    A segment that the file does not name gets none.

    Raises:
        OptionError: There are fewer codes than customers, or codes for a segment that does not exist.
    """
    # In the order of the identifiers, so that rows in another order give nobody another code.
    order = pc.sort_indices(user_id).to_numpy()
    codes: npt.NDArray[np.object_] = np.full(len(user_id), None, dtype=object)
    if coupons.segment is None:
        _check(coupons.name, "the audiences", len(order), len(coupons.code))
        codes[order] = coupons.code.slice(0, len(order)).to_numpy(zero_copy_only=False)
        return pa.array(codes, TEXT)
    for name in pc.unique(coupons.segment).to_pylist():
        if name not in names:
            raise OptionError(f"'{name}' is not a segment", where=coupons.name, hint=did_you_mean(name, names))
        rows = order[pc.equal(segment, name).to_numpy(zero_copy_only=False)[order]]
        own = coupons.code.filter(pc.equal(coupons.segment, name))
        _check(coupons.name, f"the segment {name}", len(rows), len(own))
        codes[rows] = own.slice(0, len(rows)).to_numpy(zero_copy_only=False)
    return pa.array(codes, TEXT)


def _check(name: str, whose: str, needed: int, given: int) -> None:
    if given < needed:
        raise OptionError(
            f"{counted(given, 'code')} cannot do for {counted(needed, 'customer')} of {whose}",
            where=name,
            hint="Add codes; nothing was written",
        )
