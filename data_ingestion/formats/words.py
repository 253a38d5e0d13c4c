"""Words of a source -> what happened, and words that can be compared."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from retention.activity.activity import Event
from retention.customers.consent import without_marks

SPELLINGS: dict[str, Any] = json.loads(Path(__file__).with_name("spellings.json").read_text(encoding="utf-8"))
"""How people and systems write what happened, states of orders and headers; weak headers often hold something else."""
SHOWN_WORDS = 8
_PERSONAL = re.compile(r"@|\d{5}")


def parts_of(word: str) -> list[str]:
    """Return the parts of a word in lower case, without accents and what stands between them.

    >>> parts_of(" wc-Annulé"), parts_of("addToCart"), parts_of("+1")
    (['wc', 'annule'], ['add', 'to', 'cart'], ['1'])
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word)
    return re.findall(r"[^\W_]+", without_marks(apart)) or [word.strip()]


def squeezed(word: str) -> str:
    """Return a word so that its spellings are equal, whatever their case, accents, blanks, hyphens and underscores.

    >>> squeezed("Add to cart") == squeezed("ADD_TO_CART") == squeezed("addToCart")
    True
    """
    return "".join(parts_of(word))


def coded(
    cells: "pd.Series[Any]", told: Mapping[str, str], known: Callable[[str], str]
) -> tuple[dict[str, str], dict[str, int]]:
    """Return what each distinct word of a column means, and in how many rows it stands; missing as `""`.

    Args:
        cells: Words of the source, shape (n,).
        told: Word -> meaning as a person said it; goes before what is known.
        known: What a word means by itself.
    """
    lower = {word.strip().lower(): meaning for word, meaning in told.items()}
    alike: dict[str, set[str]] = {}
    for word, meaning in told.items():
        alike.setdefault(squeezed(word), set()).add(meaning)
    # Two words that differ in their marks only, such as "+" and "-", may have been told apart.
    loose = {word: meanings.copy().pop() for word, meanings in alike.items() if len(meanings) == 1}

    def meaning_of(word: str) -> str:
        return lower.get(word.strip().lower()) or loose.get(squeezed(word)) or known(word)

    rows = counts_of(_text(cells).fill_null(""))
    return {word: meaning_of(word) for word in rows}, rows


def counts_of(texts: pa.Array) -> Counter[str]:
    """Return how often each text stands there."""
    return Counter({each["values"]: each["counts"] for each in pc.value_counts(texts).to_pylist()})


def as_text(cells: pa.Array) -> pa.Array:
    """Return cells as text, nulls as `""`; times keep microseconds, instants end in `Z`."""
    kind = cells.type
    if kind == pa.large_string() and not cells.null_count:
        return cells
    if not pa.types.is_timestamp(kind):
        return cells.cast(pa.large_string()).fill_null("")
    text = cells.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.timestamp("us")).cast(pa.large_string())
    if kind.tz is not None:
        end, nothing = pa.scalar("Z", pa.large_string()), pa.scalar("", pa.large_string())
        text = pc.binary_join_element_wise(text, end, nothing)
    return text.fill_null("")


def shown_words(counts: Mapping[str, int]) -> list[str]:
    """Return the most frequent words as a message shows them; one that may be a customer's keeps its first letter."""
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    shown = [_shown(word) for word in ranked[:SHOWN_WORDS]]
    return [*shown, f"and {len(ranked) - SHOWN_WORDS:,} more"] if len(ranked) > SHOWN_WORDS else shown


def _shown(word: str) -> str:
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in word).split())
    return f"{plain[:1]}***" if _PERSONAL.search(plain) or len(plain) > 40 else f"'{plain}'"


def event_codes(cells: "pd.Series[Any]", words: Mapping[str, str]) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Return the code of each word, and which words are known.

    Args:
        cells: Words of the source, compared as `squeezed` does, shape (n,).
        words: Word -> name of an `Event`.
    """
    encoded = _text(cells).dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    meanings, _ = coded(pd.Series(distinct, dtype="str"), words, lambda _: "")
    # The one place more is for cells without text.
    codes = np.array([Event[meanings[word]] if meanings[word] else -1 for word in distinct] + [-1], dtype=np.int8)
    events = codes[encoded.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)]
    return np.maximum(events, 0), events >= 0


def words(cells: "pd.Series[str]") -> "pd.Series[str]":
    """Return words without outer blanks, in lower case, with `-` for blanks and underscores; missing as `""`."""
    text = pc.utf8_lower(pc.utf8_trim_whitespace(_text(cells)))
    dashed = pc.replace_substring_regex(text, r"[\s_]+", "-").fill_null("")
    return pd.Series(pd.array(dashed, dtype="str"), index=cells.index)


def _text(cells: "pd.Series[Any]") -> pa.Array:
    text = pa.array(cells, pa.large_string(), from_pandas=True)
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
