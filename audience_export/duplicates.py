"""One identifier, one customer: who shares an e-mail address or a phone number with whom."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]


def codes_of(key: pa.Array) -> Codes:
    """Return a number for each distinct identifier and -1 for none, shape (customers,)."""
    return np.asarray(key.dictionary_encode().indices.fill_null(-1).to_numpy(), dtype=np.int64)


def sharing(codes: Codes, blocked: Mask) -> Mask:
    """Return which customers have the identifier of a blocked customer, shape (customers,)."""
    # The last entry answers for -1, and stays False.
    table = np.zeros(int(codes.max(initial=-1)) + 2, dtype=np.bool_)
    table[codes[blocked & (codes >= 0)]] = True
    return np.take(table, codes)


def repeated(user_id: pa.Array, codes: Codes, candidates: Mask) -> Mask:
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
