"""Cells that hold JSON, as interfaces and warehouses put lists into a column -> numbers and identifiers."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_SESSION = r"""["']ga_session_id["'][^{}]*\{[^{}]*["']int_value["']\s*:\s*["']?(?P<session>\d+)"""


def pieces(cells: "pd.Series[str]") -> NDArray[np.float64]:
    """Return the sum of `quantity` over the list of items in each cell; NaN where there is no such list.

    >>> pieces(pd.Series(['[{"sku": "a", "quantity": 2}, {"quantity": 1}]', "", None])).tolist()
    [3.0, nan, nan]
    """
    encoded = pa.array(cells, pa.large_string(), from_pandas=True).dictionary_encode()
    # Many baskets look alike, so each text is parsed once; the last place stands for a missing cell.
    counts = np.array([*(_pieces(_parsed(text)) for text in encoded.dictionary.to_pylist()), np.nan], dtype=np.float64)
    places: NDArray[np.int64] = encoded.indices.fill_null(-1).to_numpy()
    return counts[places]


def members(cells: "pd.Series[str]", name: str) -> "pd.Series[str]":
    """Return a member of the object in each cell, as text; a cell that holds no object stays as it is.

    >>> members(pd.Series(['{"id": 7, "email": "a@example.com"}', "8"]), "id").tolist()
    ['7', '8']
    """
    looks = cells.str.lstrip().str.startswith("{", na=False)
    if not looks.any():
        return cells
    texts = [_member(_parsed(cell), name) if nested else cell for cell, nested in zip(cells, looks, strict=True)]
    return pd.Series(pd.array(texts, dtype="str"), index=cells.index)


def session_ids(cells: "pd.Series[str]") -> "pd.Series[str]":
    """Return the number of the visit among the parameters of Google Analytics events; missing where there is none.

    >>> session_ids(pd.Series(['[{"key": "ga_session_id", "value": {"int_value": "17"}}]', "[]"])).tolist()
    ['17', nan]
    """
    parts = pc.extract_regex(pa.array(cells, pa.large_string(), from_pandas=True), pattern=_SESSION)
    return pd.Series(pd.array(pc.struct_field(parts, "session"), dtype="str"), index=cells.index)


def _parsed(cell: object) -> Any:
    """Return what a cell holds; None if it is no JSON."""
    if not isinstance(cell, str) or cell.lstrip()[:1] not in ("[", "{"):
        return None
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return None


def _pieces(value: Any) -> float:
    if not isinstance(value, list):
        return np.nan
    counts = [item.get("quantity") for item in value if isinstance(item, dict)]
    known = [max(float(count), 0.0) for count in counts if isinstance(count, int | float)]
    return sum(known) if known and np.isfinite(known).all() else np.nan


def _member(value: Any, name: str) -> str | None:
    member = value.get(name) if isinstance(value, dict) else None
    return None if member is None or isinstance(member, list | dict) else str(member)
