"""Digits of any script -> ASCII ones, and other spellings -> the plain one."""

import unicodedata
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_FOREIGN_DIGIT = r"[^\P{Nd}0-9]"


def ascii_digits(texts: pa.Array) -> pa.Array:
    """Return texts with the digits of one other script as ASCII ones; a mix of scripts stays as it is."""
    if pc.all(pc.string_is_ascii(texts), min_count=0).as_py():
        return texts
    foreign = np.asarray(pc.match_substring_regex(texts, _FOREIGN_DIGIT).to_numpy(zero_copy_only=False))
    if not foreign.any():
        return texts
    changed = [_one_script(text) for text in texts.filter(pa.array(foreign)).to_pylist()]
    return pc.replace_with_mask(texts, pa.array(foreign), pa.array(changed, pa.large_string()))


def rewritten(texts: pa.Array, rules: Iterable[tuple[str, str]]) -> pa.Array:
    """Return texts with each pattern replaced in turn."""
    for pattern, replacement in rules:
        # Most files hold none of them, and finding that out is cheaper than replacing.
        if pc.any(pc.match_substring_regex(texts, pattern)).as_py():
            texts = pc.replace_substring_regex(texts, pattern, replacement)
    return texts


def _one_script(text: str) -> str:
    digits = {character: unicodedata.decimal(character, None) for character in text}
    numbers = {character: value for character, value in digits.items() if value is not None}
    zeros = {ord(character) - value for character, value in numbers.items()}
    return text if len(zeros) > 1 else "".join(str(numbers.get(character, character)) for character in text)
