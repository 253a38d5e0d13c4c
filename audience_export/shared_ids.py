"""Who shares an identifier: each is that of one customer in the files at most, and of none if a blocked one has it.

What becomes of a customer depends on those with the same identifier alone, so these are gathered out of all parts.
"""

from collections.abc import Iterable, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from audience_export.platform import Platform
from audience_export.reasons import REASONS, LeftOut
from data_ingestion import Spool, repeats
from retention.customers.normalise import text_column

Mask = npt.NDArray[np.bool_]
Reasons = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.int64]


def give(reasons: Reasons, reason: LeftOut, who: Mask) -> None:
    """Give a reason to those who have none."""
    reasons[who & (reasons == 0)] = REASONS.index(reason) + 1


def settled(judged: Iterable[pd.DataFrame], platform: Platform, spool: Spool) -> tuple[Reasons, dict[str, Mask]]:
    """Return the reasons of all customers, and who goes without a lesser identifier that another customer has, by name.

    Args:
        judged: `user_id, email` (the mailbox)`, phone, blocked, reason` of each customer, part by part.
        platform: What it knows people by.
        spool: Where the engine spills.
    """
    names = [name for name in (*platform.keys, *platform.lesser) if name != "user_id"]
    of_parts = zip(*(repeats(partial(_texts, judged, name), spool) for name in names), strict=True)
    shared = [np.logical_or.reduce(masks) for masks in of_parts]
    some = pd.concat([part[rows] for part, rows in zip(judged, shared, strict=True)], ignore_index=True)
    rows, (among, bare) = np.concatenate(shared), _one_each(some, platform)
    reasons = np.concatenate([part["reason"].to_numpy(np.uint8) for part in judged])
    reasons[rows] = among
    for name, who in bare.items():
        bare[name] = np.zeros(len(rows), dtype=np.bool_)
        bare[name][rows] = who
    return reasons, bare


def _texts(judged: Iterable[pd.DataFrame], name: str) -> "map[pa.Array]":
    return map(partial(text_column, name=name), judged)


def _one_each(some: pd.DataFrame, platform: Platform) -> tuple[Reasons, dict[str, Mask]]:
    """Give every identifier to one customer at most, and to none if it is that of a blocked one."""
    reasons, blocked = some["reason"].to_numpy(dtype=np.uint8, copy=True), some["blocked"].to_numpy(dtype=np.bool_)
    known = {name: text_column(some, name) for name in ("user_id", "email", "phone")}
    for name in platform.keys:
        codes = _codes_of(known[name])
        give(reasons, LeftOut.SHARED_IDENTIFIER, _sharing(codes, blocked))
        give(reasons, LeftOut.DUPLICATE_IDENTIFIER, _repeated(known["user_id"], codes, reasons == 0))
    bare = dict[str, Mask]()
    # A phone may be a family's, so whoever shares one loses the number alone, and is left out only where the platform
    # has nothing else to know them by.
    for name in platform.lesser:
        codes = _codes_of(known[name])
        shared = _sharing(codes, blocked) & (reasons == 0)
        again = _repeated(known["user_id"], codes, (reasons == 0) & ~shared)
        known[name] = pc.if_else(pa.array(shared | again), None, known[name])
        give(reasons, LeftOut.SHARED_IDENTIFIER, shared & ~has(known, platform.needs))
        give(reasons, LeftOut.DUPLICATE_IDENTIFIER, again & ~has(known, platform.needs))
        bare[name] = shared | again
    return reasons, bare


def _codes_of(key: pa.Array) -> Codes:
    """Return a number for each distinct identifier and -1 for none, shape (customers,)."""
    return np.asarray(key.dictionary_encode().indices.fill_null(-1).to_numpy(), dtype=np.int64)


def _sharing(codes: Codes, blocked: Mask) -> Mask:
    """Return which customers have the identifier of a blocked customer, shape (customers,)."""
    # The last entry answers for -1, and stays False.
    table = np.zeros(int(codes.max(initial=-1)) + 2, dtype=np.bool_)
    table[codes[blocked & (codes >= 0)]] = True
    return np.take(table, codes)


def _repeated(user_id: pa.Array, codes: Codes, candidates: Mask) -> Mask:
    """Return which candidates have the identifier of a candidate who comes before them, shape (customers,).

    The first is the first by `user_id`, so that the order of rows does not matter.
    """
    known = np.flatnonzero(candidates & (codes >= 0))
    counts = np.bincount(codes[known], minlength=1)
    clash = known[counts[codes[known]] > 1]
    order = clash[pc.sort_indices(user_id.take(pa.array(clash))).to_numpy()]
    _, first = np.unique(codes[order], return_index=True)
    out = np.zeros(len(candidates), dtype=np.bool_)
    out[order] = True
    out[order[first]] = False
    return out


def has(known: Mapping[str, pa.Array], names: tuple[str, ...]) -> Mask:
    """Return who has one of some identifiers, shape (customers,)."""
    masks = [known[name].is_valid().to_numpy(zero_copy_only=False) for name in names]
    return np.asarray(np.logical_or.reduce(masks), dtype=np.bool_)
