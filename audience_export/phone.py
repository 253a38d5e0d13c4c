"""Phone numbers as people write them -> E.164, the one form that all platforms start from."""

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from retention.errors import OptionError

TEXT = pa.large_string()
SEPARATOR = "\x1f"
"""Between number and region while distinct pairs are looked for; in no phone number, and a region is two letters."""


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
    # One number in one country is read once: it takes some 25 microseconds.
    pairs = keys.dictionary_encode()
    read = pa.array([_e164(*key.rsplit(SEPARATOR, 1)) for key in pairs.dictionary.to_pylist()], TEXT)
    return read.take(pairs.indices)


def _e164(number: str, region: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number, region or None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def checked_region(code: str) -> str:
    """Return a country code in capitals, or nothing for nothing.

    Raises:
        OptionError: It is no code that phone numbers are read by.
    """
    region = code.strip().upper()
    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        raise OptionError(f"'{code}' is not a country", where="--country", hint="Use a code of two letters such as DE")
    return region
