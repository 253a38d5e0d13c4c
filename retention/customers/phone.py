"""Phone numbers as people write them -> E.164, the one form that they are compared in and platforms start from."""

import re
from dataclasses import dataclass
from functools import cache

import pandas as pd
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from phonenumbers import PhoneNumberFormat, ValidationResult

from retention.customers.normalise import TEXT, countries, text_column
from retention.errors import OptionError, Setting

SEPARATOR = "\x1f"
"""Between number and region while distinct pairs are looked for; in no phone number, and a region is two letters."""
# E.164 allows 15 digits at most, and no calling code starts with 0.
PLAIN = re.compile(r"\+[1-9][0-9]{6,14}")
_WHOLE = re.compile(r"(\+?[0-9]{7,})\.0")
"""A number that a program took for one with decimals."""
_ROUNDED = re.compile(r"[0-9][0-9.,]*[eE]\+?[0-9]+")
LONGEST_CODE = 3
_NAMES = (
    *("phone", "phone_number", "mobile", "mobile_phone", "mobile_number", "mobile_phone_number", "telephone", "tel"),
    *("customer_phone", "customer_phone_number", "buyer_phone", "buyer_phone_number", "contact_phone", "billing_phone"),
    *("phone_billing", "cell_phone", "whatsapp", "whatsapp_number", "telefon", "telefonnummer", "mobilnummer", "handy"),
    *("téléphone", "telephone_portable", "teléfono", "telefono", "celular", "cellulare", "telefone", "telefoon"),
    *("telefoonnummer", "電話番号", "手机", "手机号"),
)
HEADERS = tuple(dict.fromkeys(way for name in _NAMES for way in (name, name.replace("_", " "))))
"""Headers of columns of phone numbers, as shop systems and platforms write them."""
REGIONS = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))
"""ISO 3166 codes of countries that numbers can be read by."""


@dataclass(frozen=True)
class _Numbering:
    """What the library knows about the numbers of one calling code.

    Args:
        prefix: What a number may start with that is dialled inside the country only; None for nothing.
        lengths: Digits that a number can have after the calling code.
    """

    prefix: re.Pattern[str] | None
    lengths: frozenset[int]


def e164(numbers: pa.Array, regions: pa.Array) -> pa.Array:
    """Return phone numbers as `+` and digits; missing where a text is none, or misses its country.

    A number is taken if its length is possible in its country. Whether it is assigned is not asked: the
    lists of assigned ranges age, and a number that does not exist matches nobody.

    Args:
        numbers: As written.
        regions: ISO 3166 codes that national numbers are read by; missing: only international ones are read.

    >>> numbers = pa.array(["(650) 555-1212", "+44 (0)20 7946 0958", "12"], TEXT)
    >>> e164(numbers, pa.array(["US", None, "US"], TEXT)).to_pylist()
    ['+16505551212', '+442079460958', None]
    """
    keys = pc.binary_join_element_wise(
        numbers.cast(TEXT), pc.fill_null(regions.cast(TEXT), ""), pa.scalar(SEPARATOR, TEXT)
    )
    # One number in one country is read once: the library takes some 25 microseconds for it.
    pairs = keys.dictionary_encode()
    numbering = _numbering()
    split = (key.rpartition(SEPARATOR) for key in pairs.dictionary.to_pylist())
    read = [_e164(number, region, numbering) for number, _, region in split]
    return pa.array(read, TEXT).take(pairs.indices)


def phones_of(customers: pd.DataFrame, region: str) -> pa.Array:
    """Return the phone numbers of customers in E.164, shape (customers,).

    Args:
        customers: Columns used: `phone`, and `country`, by which national numbers are read.
        region: ISO 3166 code of customers without a readable country; empty for none.
    """
    country = countries(text_column(customers, "country"))
    return e164(text_column(customers, "phone"), country.fill_null(region) if region else country)


def _e164(number: str, region: str, numbering: dict[str, _Numbering]) -> str | None:
    if PLAIN.fullmatch(number) and _is_final(number, numbering):
        return number
    if _ROUNDED.fullmatch(number.strip()):
        return None
    number = _WHOLE.sub(r"\1", number.strip())
    try:
        parsed = phonenumbers.parse(number, region or None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def _is_final(number: str, numbering: dict[str, _Numbering]) -> bool:
    """Return whether the library would give a plain international number back as it is, without asking it.

    That is so where the number has a possible length and starts with nothing that the library might cut off.
    """
    # No calling code is the beginning of another, so the first one that fits is the number's own.
    for digits in range(1, LONGEST_CODE + 1):
        known = numbering.get(number[1 : 1 + digits])
        if known is not None:
            rest = number[1 + digits :]
            return len(rest) in known.lengths and (known.prefix is None or not known.prefix.match(rest))
    return False


@cache
def _numbering() -> dict[str, _Numbering]:
    by_code = {}
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        # The first region of a calling code is its main one, by which the library judges lengths, too.
        known = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, regions[0])
        if known is not None and known.general_desc is not None:
            prefix = known.national_prefix_for_parsing
            lengths = frozenset(known.general_desc.possible_length)
            by_code[str(code)] = _Numbering(re.compile(prefix) if prefix else None, lengths)
    return by_code


def checked_region(code: str) -> str:
    """Return a country code in capitals, or nothing for nothing."""
    region = code.strip().upper()
    if region and region not in REGIONS:
        raise OptionError(
            f"'{code}' is not a country", where=Setting.COUNTRY, hint="Use a code of two letters such as DE"
        )
    return region
