"""Words of a source -> what happened, and words that can be compared."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from retention.activity.activity import Event


def event_codes(cells: "pd.Series[Any]", words: Mapping[str, str]) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Return the code of each word, and which words are known.

    Args:
        cells: Words of the source, compared without case and outer blanks, shape (n,).
        words: Lower-case word -> name of an `Event`.
    """
    folded = pc.utf8_lower(pc.utf8_trim_whitespace(pa.array(cells, pa.large_string(), from_pandas=True)))
    place = pc.index_in(folded, pa.array(list(words), pa.large_string()))
    known = place.is_valid().to_numpy(zero_copy_only=False)
    codes = np.array([Event[name] for name in words.values()], dtype=np.int8)
    return codes[place.fill_null(0).to_numpy()], known


def words(cells: "pd.Series[str]") -> "pd.Series[str]":
    """Return words without outer blanks, in lower case, with `-` for blanks and underscores; missing as `""`."""
    text = pc.utf8_lower(pc.utf8_trim_whitespace(pa.array(cells, pa.large_string(), from_pandas=True)))
    dashed = pc.replace_substring_regex(text, r"[\s_]+", "-").fill_null("")
    return pd.Series(pd.array(dashed, dtype="str"), index=cells.index)
