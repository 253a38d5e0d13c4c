"""JSON lines: an object a line is a row, and nothing of it is guessed or lost."""

import gzip
import json

import pytest
from hypothesis import given, strategies as st

from data_ingestion import Intake
from data_ingestion.files.jsonl_text import rows_of
from retention.errors import ContractError, SourceError
from tests.data_ingestion.conftest import Read

GOOD = '{"user_id": "a", "cart_abandoned_date": "2025-09-01", "avg_order_value": 12.50}\n'


def values(intake: Intake, column: str) -> list[object]:
    return list(intake.rows[column].tolist())


def test_an_object_a_line_is_a_row(read: Read) -> None:
    intake = read(GOOD + GOOD.replace('"a"', '"b"'), name="customers.jsonl")
    assert values(intake, "user_id") == ["a", "b"]
    assert values(intake, "avg_order_value") == [12.5, 12.5]
    assert intake.sources[0].format == "jsonl"


def test_identifiers_that_are_numbers_keep_every_digit(read: Read) -> None:
    intake = read(GOOD.replace('"a"', "9007199254740993") + GOOD.replace('"a"', '"007"'))
    assert values(intake, "user_id") == ["9007199254740993", "007"]


def test_a_number_is_never_in_doubt_and_a_text_like_one_is(read: Read) -> None:
    assert values(read(GOOD.replace("12.50", "1.234")), "avg_order_value") == [1.234]
    with pytest.raises(SourceError, match="Set the decimal sign"):
        read(GOOD.replace("12.50", '"1.234"'))


def test_null_and_absent_members_are_missing(read: Read) -> None:
    intake = read(GOOD + '{"user_id": "b", "cart_abandoned_date": "2025-09-01", "avg_order_value": null}\n')
    assert intake.rows["avg_order_value"].isna().tolist() == [False, True]
    intake = read(GOOD + '{"user_id": "b", "cart_abandoned_date": "2025-09-01"}\n')
    assert intake.rows["avg_order_value"].isna().tolist() == [False, True]


def test_packed_and_marked_files_are_read(read: Read) -> None:
    assert read(gzip.compress(GOOD.encode())).accepted == 1
    assert read(b"\xef\xbb\xbf" + GOOD.encode()).accepted == 1
    assert read(GOOD.encode("utf-16")).accepted == 1


@pytest.mark.parametrize(
    "line",
    [
        "[1, 2]",
        "3",
        "prose",
        '{"user_id": "b", "cart_aband',
        '{"user_id": "b\\u0000", "cart_abandoned_date": "2025-09-01"}',
        '{"user_id": "b\\ud800", "cart_abandoned_date": "2025-09-01"}',
        '{"user_id": ' + "[" * 100_000 + "}",
    ],
)
def test_a_line_that_is_no_object_of_text_is_set_aside(line: str, read: Read) -> None:
    intake = read(GOOD + "\n" + line + "\n" + GOOD.replace('"a"', '"c"'))
    assert intake.quarantine[["line", "reason"]].to_numpy().tolist() == [[3, "not_json"]]
    assert values(intake, "user_id") == ["a", "c"]


def test_members_that_only_later_objects_have_are_named(read: Read) -> None:
    # The columns are those of the first few megabytes.
    rows = "".join(GOOD.replace('"a"', f'"{number}"') for number in range(60_000))
    intake = read(rows + GOOD.replace("avg_order_value", "region"))
    assert any("does not have were not read: region" in warning for warning in intake.warnings)
    assert intake.accepted == 60_001


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("{\n", SourceError, "none of its lines is an object"),
        ('{\n  "user_id": 1\n}\n', SourceError, "none of its lines is an object"),
        ('{"a": 1}\n', ContractError, "required columns are missing"),
        (GOOD.encode() + b'{"user_id": "\xff"}\n', SourceError, "line 2 is not UTF-8"),
        (GOOD + '{"user_id": "' + "x" * (9 << 20), SourceError, "longer than"),
    ],
)
def test_what_is_no_table_is_refused(content: str | bytes, error: type[Exception], message: str, read: Read) -> None:
    with pytest.raises(error, match=message):
        read(content)


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    )
)
def test_a_flat_object_of_text_comes_back_as_it_was(value: dict[str, str]) -> None:
    assert rows_of(json.dumps(value).encode(), 1) == [value]


def test_nested_members_get_the_names_of_both() -> None:
    line = b'{"id": 1, "customer": {"id": 2, "tags": ["x", 3]}, "paid": true}'
    assert rows_of(line, 1) == [{"id": "1", "customer.id": "2", "customer.tags": '["x", 3]', "paid": "true"}]
