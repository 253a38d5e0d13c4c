"""Currency signs and codes that stand beside an amount, and the currencies that each can mean.

Codes: ISO 4217. A sign such as `$` means one of several, so several signs agree if one currency is common to all.
"""

import re
from collections.abc import Iterable

from data_ingestion.cells.word_tables import TABLES

_CODES = frozenset(TABLES["currencies"].split())
THREE_DECIMALS = frozenset(TABLES["three_decimals"].split())
"""Currencies whose amounts have three decimals, so that `1.234` can be an amount of them."""

ABBREVIATIONS = frozenset(TABLES["pointed_signs"].split())
"""Signs whose point belongs to them, so that `Rs.500` is not a half."""

_MEANINGS: dict[str, frozenset[str]] = {
    **{sign: frozenset(codes.split()) for sign, codes in TABLES["signs"].items()},
    **{code: frozenset({code}) for code in _CODES},
}


def currencies_of(sign: str) -> frozenset[str]:
    """Return the codes of the currencies that a sign or a code can mean; none if it is not known.

    >>> sorted(currencies_of("Rs.")), sorted(currencies_of("eur")), currencies_of("pieces")
    (['INR', 'LKR', 'MUR', 'NPR', 'PKR', 'SCR'], ['EUR'], frozenset())
    """
    bare = "".join(sign.split())
    known = _MEANINGS.get(bare) or _MEANINGS.get(bare.removesuffix(".")) or _MEANINGS.get(bare.upper())
    if not known and bare[:3] in _CODES:
        return common_currencies((bare[:3], bare[3:]))
    return known or frozenset()


def is_currency(code: str) -> bool:
    """Return whether a text is the code of a currency in use, in letters of either size.

    >>> is_currency("eur"), is_currency("BTC"), is_currency("€")
    (True, False, False)
    """
    return code.upper() in _CODES


def common_currencies(signs: Iterable[str]) -> frozenset[str]:
    """Return the currencies that all of some signs and codes can mean.

    >>> sorted(common_currencies(["$", "CA$"])), common_currencies(["$", "€"])
    (['CAD'], frozenset())
    """
    meanings = [currencies_of(sign) for sign in signs]
    return frozenset.intersection(*meanings) if meanings else frozenset()


_UNITS = {
    "cents": r"(?:[(\[]|\bin[_ ]|_in_|_)(?:in )?(?:cents?|pence|centimes|c[eé]ntimos|centavos|centesimi)(?:[)\]]|$)",
    "thousands": r"[(\[](?:in )?(?:(?:[€$£]|eur|usd|gbp)\s*)?(?:thousands?|k|'?000s?|1,?000s?|t(?=\s*[€$£])|tsd\.?"
    r"|tausend|milliers|miles)(?:\s*(?:[€$£]|eur|usd|gbp))?[)\]]",
}
_SCALES = {"cents": (1, 100), "thousands": (1_000, 1), "": (1, 1)}
"""Unit -> what its amounts are times and divided by: a division by 100 is exact to the last digit."""


def header_unit(header: str) -> tuple[str, int, int]:
    """Return the part or the multiple of money that a header names, and what its amounts are times and divided by.

    >>> header_unit("Cart Total (in cents)"), header_unit("Revenue (thousands)"), header_unit("Percent")
    (('cents', 1, 100), ('thousands', 1000, 1), ('', 1, 1))
    """
    unit = next((name for name, words in _UNITS.items() if re.search(words, header.strip().lower())), "")
    return unit, *_SCALES[unit]
