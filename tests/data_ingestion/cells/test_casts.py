import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_ingestion.cells.casts import REASONS, cast_cells, number_faults
from data_ingestion.cells.numbers import NumberCells
from retention.customers.contracts import COLUMNS
from retention.customers.reasons import Reason
from tests.data_ingestion.conftest import Read
from tests.real_data import DATA

NAUGHTY = DATA / "naughty_strings" / "blns.txt"
HEADER = "user_id,cart_abandoned_date,avg_order_value,email_consent,region\n"


def reasons_of(column: str, *texts: str) -> dict[int, str]:
    cells, faults = cast_cells(COLUMNS[column], pa.array(texts, pa.large_string()), 100)
    if isinstance(cells, NumberCells):
        faults = number_faults(COLUMNS[column], *cells.resolve("point"))
    return {int(place): REASONS[code].value for place, code in zip(faults.positions, faults.codes, strict=True)}


def numbers(*texts: str) -> list[float]:
    cells, _ = cast_cells(COLUMNS["avg_order_value"], pa.array(texts, pa.large_string()), 100)
    assert isinstance(cells, NumberCells)
    return list(cells.resolve("point")[0])


def test_ids_stay_byte_for_byte(read: Read) -> None:
    ids = [
        "00123",
        "123",
        "9007199254740993",
        "9007199254740992",
        "NA",
        " a",
        "a ",
        "1.23E+15",
        "null",
        "True",
        "Ä",
        "Ä",
    ]
    intake = read(HEADER + "".join(f'"{user}",2025-09-01,1,,\n' for user in ids))
    assert intake.rows["user_id"].tolist() == ids
    assert intake.rows["user_id"].dtype == "str"


def test_naughty_strings_survive_as_ids(read: Read) -> None:
    lines = NAUGHTY.read_text(encoding="utf-8").split("\n")
    ids = [line for line in dict.fromkeys(lines) if line.strip() and "\0" not in line]
    quoted = ['"' + line.replace('"', '""') + '"' for line in ids]
    intake = read(HEADER + "".join(f"{cell},2025-09-01,1,,{cell}\n" for cell in quoted))
    assert len(ids) > 400
    assert intake.rows["user_id"].tolist() == ids == intake.rows["region"].tolist()


def test_numbers_are_trimmed_and_missing_has_several_spellings() -> None:
    values = numbers(" 1.5 ", "", "NA", "n/a", "null", "NaN", "None", "1e3", "+2", "-0", ".5", "7.")
    assert values[0] == 1.5
    assert np.isnan(values[1:7]).all()
    assert values[7:] == [1000, 2, 0, 0.5, 7]
    assert str(values[9]) == "0.0"


@pytest.mark.parametrize(
    "text", ["1,5", "10 00", "abc", "0x1F", "1_0", "--1", "1e", "e5", ".", "¢5", "٣3", "1.2.3", "nan1", "nan(1)"]
)
def test_what_is_no_number_is_not_a_number(text: str) -> None:
    assert reasons_of("avg_order_value", "1", text) == {1: "not_a_number"}


def test_bounds_are_inclusive() -> None:
    texts = ("0", "1", "-0.0000001", "1.0000001", "0.5", "")
    assert reasons_of("engagement_score", *texts) == {2: "out_of_bounds", 3: "out_of_bounds"}


def test_counts_are_whole_numbers() -> None:
    assert reasons_of("sessions_last_30d", "3", "3.0", "3e0", "3.5", "-1", "-1.5", "") == {
        3: "not_an_integer",
        4: "out_of_bounds",
        5: "out_of_bounds",
    }


@given(st.floats(0, allow_nan=False, allow_infinity=False))
def test_any_number_that_python_writes_is_read_back_exactly(number: float) -> None:
    assert numbers(repr(number)) == [number]
    assert numbers(repr(number), "NA")[0] == number


def test_flags_have_several_spellings(read: Read) -> None:
    yes = ["yes", "Y", "TRUE", "1", "subscribed", " on "]
    no = ["no", "n", "False", "0", "Unsubscribed", "not_subscribed"]
    missing = ["", "NA"]
    body = "".join(f"u{i},2025-09-01,1,{flag},\n" for i, flag in enumerate([*yes, *no, *missing]))
    consent = read(HEADER + body).rows["email_consent"]
    assert consent.dtype == "boolean"
    assert consent.tolist() == [True] * 6 + [False] * 6 + [pd.NA] * 2


def test_text_keeps_its_blanks_and_its_na_but_blank_text_is_missing(read: Read) -> None:
    regions = read(HEADER + "a,2025-09-01,1,, North \nb,2025-09-01,1,,NA\nc,2025-09-01,1,,  \n").rows["region"]
    assert regions[:2].tolist() == [" North ", "NA"]
    assert regions.isna().tolist() == [False, False, True]
    assert regions.dtype == "str"


def test_a_long_text_is_too_long_and_the_limit_itself_is_not() -> None:
    assert reasons_of("region", "x" * 100, "x" * 101) == {1: "too_long"}


def test_a_cell_gets_one_reason_of_several() -> None:
    assert reasons_of("avg_order_value", "-inf") == {0: "infinite"}


def test_every_reason_has_a_sentence() -> None:
    assert all(reason.sentence.endswith(".") for reason in Reason)
