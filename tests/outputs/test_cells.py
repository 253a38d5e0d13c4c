"""Cells: the shortest text that reads back as the value."""

import csv
import io
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from outputs.cells import (
    TEXT,
    date_cells,
    flag_cells,
    lines_of,
    local_micros,
    neutral,
    number_cells,
    text_cells,
    time_cells,
    whole,
)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_number_reads_back_to_the_same_bits(values: list[float]) -> None:
    numbers = np.array(values)
    for integers in {False, whole(numbers)}:
        cells = number_cells(numbers, integers).to_pylist()
        assert [float(cell) for cell in cells] == values


def test_numbers_carry_nothing_that_is_not_needed() -> None:
    mixed = np.array([90.0, 0.1, np.nan, 1e300, 1e-7])
    assert number_cells(mixed, False).to_pylist() == ["90", "0.1", None, "1e+300", "1e-7"]
    assert number_cells(np.array([2.0**53, np.nan]), True).to_pylist() == ["9007199254740992", None]


@pytest.mark.parametrize(
    ("values", "answer"),
    [([1.0, np.nan], True), ([], True), ([1.5], False), ([1e300], False), ([np.inf], False)],
)
def test_a_column_is_whole_if_integers_hold_it(values: list[float], answer: bool) -> None:
    assert whole(np.array(values)) is answer


def times(*texts: str | None, zone: str = "Europe/Berlin") -> "pd.Series[pd.Timestamp]":
    naive = pd.to_datetime(pd.Series(texts, dtype="str"), format="ISO8601").astype("datetime64[us]")
    return naive.dt.tz_localize(zone)


def test_times_are_local_with_the_offset_that_holds_on_that_day() -> None:
    wall, utc = local_micros(times("2025-03-29T23:00:00", "2025-03-30T12:30:01", None), "Europe/Berlin")
    assert time_cells(wall, utc).to_pylist() == ["2025-03-29T23:00:00+01:00", "2025-03-30T12:30:01+02:00", None]


def test_fractions_of_seconds_are_written_where_there_are_any() -> None:
    wall, utc = local_micros(
        times("2025-01-01T00:00:00.5", "1969-12-31T23:59:59.000001", "2025-01-01", zone="UTC"), "UTC"
    )
    assert time_cells(wall, utc).to_pylist() == [
        "2025-01-01T00:00:00.500000+00:00",
        "1969-12-31T23:59:59.000001+00:00",
        "2025-01-01T00:00:00+00:00",
    ]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu", "Europe/Berlin"])
def test_a_written_time_reads_back_as_the_same_moment(zone: str) -> None:
    given = times("2025-07-01T10:00:00", "1999-12-31T23:59:59.25", "1890-01-01T00:00:00", zone=zone)
    cells = time_cells(*local_micros(given, zone)).to_pylist()
    assert [datetime.fromisoformat(cell) for cell in cells] == given.dt.to_pydatetime().tolist()


def test_days_are_local_days() -> None:
    wall, _ = local_micros(times("2025-07-01", None, "1965-02-03"), "Europe/Berlin")
    assert date_cells(wall).to_pylist() == ["2025-07-01", None, "1965-02-03"]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+49",
        "-5",
        "@x",
        "\tx",
        "\rx",
        "\nx",
        "\x00",
        "  =1",
        "\u00a0=1",
        "\ufeff=1",
        "\x0b=1",
        "\x85=1",
        "\u200b=1",
        "\u2060\u200d=1",
        "\uff1d1+1",
        "\uff20x",
        "\uff0b1",
        "\uff0d1",
        "\x1f@x",
    ],
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert neutral(pa.array([text], TEXT)).to_pylist() == [f"'{text}"]


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("a;=1", "a;'=1"),
        ("=1; \u200b-1;b;@c", "'=1;' \u200b-1;b;'@c"),
        ('a;"=1"', 'a;\'"=1"'),
        ("a\n=1", "a\n'=1"),
        ("a\t+1", "a\t'+1"),
    ],
)
def test_no_cell_begins_a_formula_amid_itself_where_semicolons_or_tabs_cut(text: str, harmless: str) -> None:
    assert neutral(pa.array([text], TEXT)).to_pylist() == [harmless]


@pytest.mark.parametrize("text", ["a=1", "00123", "", "'=1", "Zoë", "1+1", "a; b", "1;2", "a\nb"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert neutral(pa.array([text, None], TEXT)).to_pylist() == [text, None]


def test_the_machine_profile_changes_no_text() -> None:
    assert text_cells(pa.array(["=1+1", "+49"], TEXT), "machine").to_pylist() == ["=1+1", "+49"]


def test_flags_are_yes_no_or_empty() -> None:
    assert flag_cells(pa.array([True, False, None])).to_pylist() == ["yes", "no", None]


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_any_text_survives_a_csv_file(rows: list[tuple[str, str]]) -> None:
    columns = [text_cells(pa.array([row[side] for row in rows], TEXT), "machine") for side in (0, 1)]
    text = "".join(lines_of([*columns, pa.array(["end"] * len(rows), TEXT)]).to_pylist())
    assert list(csv.reader(io.StringIO(text, newline=""))) == [[*row, "end"] for row in rows]


def test_quotes_are_found_in_a_part_of_a_longer_column() -> None:
    column = pa.array(["plain", "a,b", "plain"], TEXT)
    assert text_cells(column.slice(0, 1), "machine").to_pylist() == ["plain"]
    assert text_cells(column.slice(1, 2), "machine").to_pylist() == ['"a,b"', "plain"]
