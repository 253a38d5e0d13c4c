"""Texts about people -> the form that they are compared and hashed in; what cannot be read is missing."""

from functools import cache

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.large_string()
ADDRESS = r"^[^@\s\p{Z}\p{C}]+@[^@\s\p{Z}\p{C}]+\.[^@\s\p{Z}\p{C}.]+$"
PLAIN = "^[!-~]*$"
"""Text without blanks or letters beyond ASCII: Arrow lowercases it as every platform does."""
OLD_CODES = {"UK": "GB", "EL": "GR"}


def folded(texts: pa.Array) -> pa.Array:
    """Return text without blanks at its ends, in lowercase; missing where nothing is left.

    >>> folded(pa.array([" Zoë ", "ΟΔΟΣ", " "], TEXT)).to_pylist()
    ['zoë', 'οδος', None]
    """
    plain = pc.match_substring_regex(texts, PLAIN)
    lowered = pc.utf8_lower(texts)
    odd = pc.invert(pc.fill_null(plain, True))
    if pc.any(odd, min_count=0).as_py():
        # Python knows the letters whose lowercase depends on what follows; Arrow goes letter by letter.
        lowered = pc.replace_with_mask(
            lowered, odd, pa.array([text.strip().lower() for text in texts.filter(odd).to_pylist()], TEXT)
        )
    return pc.if_else(pc.equal(lowered, ""), None, lowered)


def emails(texts: pa.Array) -> pa.Array:
    """Return e-mail addresses, trimmed and in lowercase; missing where a text is none.

    >>> emails(pa.array([" Test@Example.com", "nobody", "a@b"], TEXT)).to_pylist()
    ['test@example.com', None, None]
    """
    lowered = folded(texts)
    return pc.if_else(pc.match_substring_regex(lowered, ADDRESS), lowered, None)


def countries(texts: pa.Array) -> pa.Array:
    """Return ISO 3166 codes of two letters, of codes or English names; missing where a text is neither.

    >>> countries(pa.array(["de", " Germany", "UK", "Atlantis"], TEXT)).to_pylist()
    ['DE', 'DE', 'GB', None]
    """
    coded = texts.dictionary_encode()
    codes = [None if text is None else _country(text) for text in coded.dictionary.to_pylist()]
    return pa.array(codes, TEXT).take(coded.indices)


def _country(text: str) -> str | None:
    word = text.strip()
    code = OLD_CODES.get(word.upper(), word.upper())
    if code in phonenumbers.SUPPORTED_REGIONS:
        return code
    return None if len(word) <= 2 else _names().get(word.casefold())


@cache
def _names() -> dict[str, str]:
    """Return English country names -> codes, in a package that takes a moment to load and is seldom needed."""
    from phonenumbers.geodata.locale import LOCALE_DATA  # noqa: PLC0415

    def english(names: dict[str, str]) -> str:
        name = names["en"]
        # A star points to the language that has the same name.
        return (names[name[1:]] if name.startswith("*") else name).casefold()

    return {english(LOCALE_DATA[code]): code for code in sorted(phonenumbers.SUPPORTED_REGIONS) if code in LOCALE_DATA}
