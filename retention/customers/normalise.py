"""Texts about people -> the form that they are compared and hashed in; what cannot be read is missing."""

import json
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.large_string()
ADDRESS = r"^[^@\s\p{Z}\p{C}]+@[^@\s\p{Z}\p{C}]+\.[^@\s\p{Z}\p{C}.]+$"
WRAPPED = "(?i)[<>'\";,\u200b\u200c\u200d\ufeff\u00ad]|mailto:"
PLAIN = "^[!-~]*$"
"""Text without blanks or letters beyond ASCII: Arrow lowercases it as every platform does."""
_OTHER_CODES = (
    "UK GB, EL GR, ENGLAND GB, SCOTLAND GB, WALES GB, GREAT_BRITAIN GB, HOLLAND NL, UNITED_STATES_OF_AMERICA US, "
    "THE_NETHERLANDS NL"
)
_CODES = json.loads(resources.files(__package__).joinpath("country_codes.json").read_text(encoding="utf-8"))
OLD_CODES: dict[str, str] = _CODES | dict(each.split() for each in _OTHER_CODES.split(", "))
"""Codes of three letters and what else people write -> code; `tools/word_tables.py` writes the file of the former."""


def text_column(frame: pd.DataFrame, name: str) -> pa.Array:
    """Return a column as Arrow text, all missing where the frame does not have it."""
    if name not in frame.columns:
        return pa.nulls(len(frame), TEXT)
    texts: Any = pa.array(frame[name], from_pandas=True)
    return (texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts).cast(TEXT)


def ascending(ids: pa.Array | pa.ChunkedArray) -> bool:
    """Return whether each identifier is above the one before, which is quicker to see than that all differ."""
    return bool(pc.all(pc.less(ids[:-1], ids[1:]), min_count=0).as_py())


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

    What programs write around an address goes: a name and angle brackets, `mailto:`, quotes, characters without width.

    >>> emails(pa.array([" Test@Example.com", "Ann <a@x.org>", "'mailto:a@x.org'", "nobody", "a@b"], TEXT)).to_pylist()
    ['test@example.com', 'a@x.org', 'a@x.org', None, None]
    """
    wrapped = pc.match_substring_regex(texts, WRAPPED)
    if pc.any(wrapped, min_count=0).as_py():
        bare = pc.replace_substring_regex(texts, "[\u200b\u200c\u200d\ufeff\u00ad]|(?i:(mailto:[^?]*)\\?.*)", r"\1")
        bare = pc.replace_substring_regex(bare, r"(?s)^.*<([^<>]*)>\s*;?\s*$", r"\1")
        bare = pc.replace_substring_regex(bare, r"(?i)^[\s'\"<]*(mailto:)?|[\s'\">;,]*$", "")
        texts = pc.if_else(wrapped, bare, texts)
    lowered = folded(texts)
    return pc.if_else(pc.match_substring_regex(lowered, ADDRESS), lowered, None)


def gmail_names(addresses: pa.Array) -> pa.Array:
    """Return normal addresses, those at Gmail without dots and without what follows a `+` before the `@`.

    >>> gmail_names(pa.array(["jane.doe+shop@googlemail.com", "a.b+c@example.com"], TEXT)).to_pylist()
    ['janedoe@googlemail.com', 'a.b+c@example.com']
    """
    gmail = pc.match_substring_regex(addresses, r"^[^+@]*[^+@.][^+@]*(\+[^@]*)?@(gmail|googlemail)\.com$")
    if not pc.any(gmail, min_count=0).as_py():
        return addresses
    names = pc.replace_substring_regex(addresses, r"(\+[^@]*)?@.*$", "")
    plain = pc.replace_substring(names, ".", "")
    domains = pc.replace_substring_regex(addresses, r"^[^@]*", "")
    return pc.if_else(gmail, pc.binary_join_element_wise(plain, domains, pa.scalar("", TEXT)), addresses)


def mailboxes(addresses: pa.Array) -> pa.Array:
    """Return what tells mailboxes apart: domains in ASCII, at Gmail the name without dots and suffix, under one domain.

    >>> mailboxes(pa.array(["jane.doe+shop@googlemail.com", "ann@münchen.de"], TEXT)).to_pylist()
    ['janedoe@gmail.com', 'ann@xn--mnchen-3ya.de']
    """
    odd = pc.fill_null(pc.invert(pc.string_is_ascii(addresses)), False)
    if pc.any(odd, min_count=0).as_py():
        plain = [_in_ascii(address) for address in addresses.filter(odd).to_pylist()]
        addresses = pc.replace_with_mask(addresses, odd, pa.array(plain, TEXT))
    return pc.replace_substring_regex(gmail_names(addresses), r"@googlemail\.com$", "@gmail.com")


def _in_ascii(address: str) -> str:
    name, _, domain = address.rpartition("@")
    try:
        return f"{name}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


def countries(texts: pa.Array) -> pa.Array:
    """Return ISO 3166 codes of two letters, of codes or names in any language; missing where a text is neither.

    >>> countries(pa.array(["de", " Germany", "U.S.A.", "Österreich", "KEN", "Atlantis"], TEXT)).to_pylist()
    ['DE', 'DE', 'US', 'AT', 'KE', None]
    """
    coded = texts.dictionary_encode()
    codes = [None if text is None else _country(text) for text in coded.dictionary.to_pylist()]
    return pa.array(codes, TEXT).take(coded.indices)


def _country(text: str) -> str | None:
    word = text.strip()
    plain = word.upper().replace(".", "").replace(" ", "_")
    code = OLD_CODES.get(plain, plain)
    if code in phonenumbers.SUPPORTED_REGIONS:
        return code
    return None if len(word) <= 2 else _names().get(word.casefold())


@cache
def _names() -> dict[str, str]:
    """Return country names of all languages -> codes, in a package that takes a moment to load and is seldom needed."""
    from phonenumbers.geodata.locale import LOCALE_DATA  # noqa: PLC0415

    known = [code for code in sorted(phonenumbers.SUPPORTED_REGIONS) if code in LOCALE_DATA]
    # A star points to the language that has the same name.
    return {name.casefold(): code for code in known for name in LOCALE_DATA[code].values() if name[:1] != "*"}
