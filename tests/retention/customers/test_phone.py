"""Phone numbers: the short way gives what the library gives."""

import phonenumbers
import pyarrow as pa
from hypothesis import given, strategies as st

from retention.customers.normalise import TEXT
from retention.customers.phone import PLAIN, _is_final, _numbering, e164

CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def by_library(number: str, region: str | None) -> str | None:
    """Return a number as the library alone reads it."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if possible else None


def test_the_example_of_every_country_is_read_as_the_library_reads_it() -> None:
    examples = [phonenumbers.example_number(region) for region in REGIONS]
    texts = [phonenumbers.format_number(e, phonenumbers.PhoneNumberFormat.E164) for e in examples if e is not None]
    numbering = _numbering()
    assert len(texts) > 200
    assert sum(_is_final(text, numbering) for text in texts) > 150
    for text in texts:
        assert e164(pa.array([text], TEXT), pa.array([None], TEXT)).to_pylist() == [by_library(text, None)] == [text]


@given(st.sampled_from(CODES), st.text("0123456789", min_size=3, max_size=13), st.sampled_from([None, *REGIONS]))
def test_plain_numbers_are_read_as_the_library_reads_them(code: int, digits: str, region: str | None) -> None:
    number = f"+{code}{digits}"
    found = e164(pa.array([number], TEXT), pa.array([region], TEXT)).to_pylist()
    assert found == [by_library(number, region)]


@given(st.text("+0123456789 ()-./x'", max_size=20), st.sampled_from([None, "US", "DE", "IT", "AR", "BR"]))
def test_what_people_write_is_read_as_the_library_reads_it(number: str, region: str | None) -> None:
    found = e164(pa.array([number], TEXT), pa.array([region], TEXT)).to_pylist()
    assert found == [by_library(number, region)]
    assert found[0] is None or PLAIN.fullmatch(found[0])


def test_a_number_is_read_once_for_each_country_and_missing_stays_missing() -> None:
    numbers = pa.array(["030 901820", None, "030 901820", "030 901820"], TEXT)
    regions = pa.array(["DE", "DE", "IT", None], TEXT)
    assert e164(numbers, regions).to_pylist() == ["+4930901820", None, "+39030901820", None]
