import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from data_ingestion.cells.casts import REASONS, cast_cells, number_faults
from data_ingestion.cells.nothing import TEXTS
from data_ingestion.cells.numbers import NumberCells
from data_ingestion.cells.typed_blocks import type_block
from data_ingestion.files.blocks import LineMap, TextBlock
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
    assert intake.rows["user_id"].tolist() == ids
    assert intake.rows["region"].fillna("").tolist() == ["" if each.strip() in TEXTS else each for each in ids]


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


def test_only_the_start_of_a_text_that_is_too_long_is_kept() -> None:
    texts = {"user_id": ["a", "b" * 10**6, ""], "region": ["North", "x" * 10**6, "null"]}
    columns = {name: pa.array(cells, pa.large_string()) for name, cells in texts.items()}
    block = type_block(TextBlock(columns, 3, LineMap(2)), 100)
    kept = [*block.values.values(), *(cells.raw for cells in block.faults)]
    assert sum(cells.get_total_buffer_size() for cells in kept if isinstance(cells, pa.Array)) < 10_000
    assert [cells.column for cells in block.faults] == ["user_id", "region"]
    assert block.nothing == {"region": 1}


def test_a_cell_gets_one_reason_of_several() -> None:
    assert reasons_of("avg_order_value", "-inf") == {0: "infinite"}


def test_every_reason_has_a_sentence() -> None:
    assert all(reason.sentence.endswith(".") for reason in Reason)


@pytest.mark.parametrize("word", ["\\N", "NULL", "(null)", "[NULL]", "<NA>", "None", "undefined", "#N/A", "#NV", "N/A"])
def test_what_databases_and_spreadsheets_write_for_nothing_is_missing_with_a_notice(word: str, read: Read) -> None:
    header = "user_id,cart_abandoned_date,last_order_date,avg_order_value,email_consent,region\n"
    text = f"{header}1,2025-09-01,2025-08-01,5,yes,North\n2,2025-09-02,{word},{word},{word},{word}\n"
    intake = read(text)
    row = intake.rows.iloc[1]
    assert row[["last_order_date", "avg_order_value", "email_consent", "region"]].isna().all()
    notice = "1 of last_order_date, 1 of avg_order_value, 1 of email_consent, 1 of region"
    assert any(warning.endswith(f"count as missing: {notice}") for warning in intake.warnings)


@pytest.mark.parametrize(
    "never",
    [
        "0000-00-00",
        "0000-00-00 00:00:00",
        "0001-01-01 00:00:00",
        "01/01/0001",
        "1753-01-01",
        *("1601-01-01", "1582-10-14", "1858-11-17", "2262-04-11", "2999-12-31", "4712-12-31", "<nil>"),
        *("1904-01-01", "1960-01-01", "1980-01-01", "2079-06-06", "[object Object]", "(empty)"),
        "1899-12-30",
        "1900-01-00",
        "1900-01-01",
        "1970-01-01T00:00:00Z",
        "1969-12-31 16:00:00",
        "31.12.9999",
        "9999-12-31 23:59:59.9999999",
        "0",
        "-62135596800",
        "Never",
        "jamais",
    ],
)
def test_a_date_that_means_never_is_no_last_order(never: str, read: Read) -> None:
    text = f"user_id,cart_abandoned_date,last_order_date\n1,2025-09-01,2025-08-31\n2,2025-09-02,{never}\n"
    intake = read(text, date_order="dmy")
    assert intake.rows["last_order_date"].isna().tolist() == [False, True]
    assert any("1 of last_order_date" in warning for warning in intake.warnings)


def test_names_and_countries_that_look_like_nothing_stay(read: Read) -> None:
    header = "user_id,cart_abandoned_date,country,last_name,first_name\n"
    intake = read(f"{header}NA,2025-09-01,NA,Null,Nan\nNil,2025-09-01,NA,None-Such,nobody\n")
    assert intake.rows[["user_id", "country", "last_name", "first_name"]].to_numpy().tolist() == [
        ["NA", "NA", "Null", "Nan"],
        ["Nil", "NA", "None-Such", "nobody"],
    ]
    assert not any("say nothing" in warning for warning in intake.warnings)


def test_several_rows_of_a_word_for_nothing_are_nobodys_and_one_keeps_its_bytes(read: Read) -> None:
    rows = "NULL,2025-09-01\nNULL,2025-09-02\nnull,2025-09-03\n1,2025-09-03\n"
    intake = read(f"user_id,cart_abandoned_date\n{rows}")
    assert intake.quarantine[["line", "value", "reason"]].to_numpy().tolist() == [
        [2, "NULL", "missing_user_id"],
        [3, "NULL", "missing_user_id"],
    ]
    assert intake.rows["user_id"].tolist() == ["null", "1"]


def test_events_of_nobody_are_set_aside(read: Read) -> None:
    rows = "NULL,2025-09-01 10:00,add_to_cart\n-,2025-09-01 10:00,add_to_cart\n7,2025-09-01 10:00,add_to_cart\n"
    assert read(f"user_id,event_time,event\n{rows}").quarantine["reason"].tolist() == ["missing_user_id"] * 2
