"""The decimal sign of a file is decided from all its numbers together, or asked for."""

from pathlib import Path

import pytest

from data_ingestion import ReadOptions, read_customers
from retention.errors import ContractError, OptionError, SourceError
from tests.data_ingestion.conftest import Read

HEADER = "user_id;cart_abandoned_date;avg_order_value;cart_value;sessions_last_30d;engagement_score\n"


def table(*rows: str) -> str:
    return HEADER + "".join(f"u{place};2025-09-01;{row}\n" for place, row in enumerate(rows))


def values(read: Read, *rows: str, **options: str) -> list[float]:
    return [float(value) for value in read(table(*rows), **options).rows["avg_order_value"]]


def test_one_number_of_any_column_decides_for_all(read: Read) -> None:
    assert values(read, "1.234;;;", "2.000;7,5;;") == [1234, 2000]
    assert values(read, "1.234;;;", "2.000;7.5;;") == [1.234, 2]
    assert values(read, "1,234;;;0.5") == [1234]
    assert values(read, "1,234;;;0,5") == [1.234]


def test_the_number_of_a_rejected_row_decides_too(read: Read) -> None:
    assert values(read, "1.234;;;", "1;;;-12,5") == [1234]


def test_whole_numbers_leave_nothing_open(read: Read) -> None:
    intake = read(table("1;2;3;1", "1 234;;;"))
    assert intake.sources[0].decimal == "point"
    assert intake.warnings[1:] == ()


@pytest.mark.parametrize(
    ("row", "decimal"),
    [("1,234;;2,500;", "point"), ("1.234;;2.500;", "comma"), ("1,234;;;1,000", "comma"), ("1,234;$5,000;;", "point")],
)
def test_a_number_that_fits_its_column_one_way_only_decides_with_a_warning(row: str, decimal: str, read: Read) -> None:
    intake = read(table(row))
    assert intake.sources[0].decimal == decimal
    assert f"were read with a decimal {decimal}, the only way that fits all columns" in intake.warnings[0]


@pytest.mark.parametrize("row", ["1,234;;;", "KWD 1,234;;;", "1,234;$5,000;;1,000", "1,234;;2,000;"])
def test_nothing_is_guessed_where_nothing_decides(row: str, read: Read) -> None:
    with pytest.raises(
        SourceError, match=r"line 3: \d numbers? such as '1,234' can be read .* Set the decimal sign .point or"
    ):
        read(table("7;;;", row))


def test_contradicting_numbers_are_refused_with_their_lines(read: Read) -> None:
    with pytest.raises(SourceError, match="line 4 has a decimal point, line 3 a decimal comma"):
        read(table("7;;;", "7,5;;;", "7.5;;;"))


@pytest.mark.parametrize(
    ("rows", "decimal", "kept", "bad"),
    [
        (["7.5", "8.5", "9.25", "1.5", "12,50"], "point", [7.5, 8.5, 9.25, 1.5], ["12,50"]),
        (["7,5", "8,5", "9,25", "1,5", "12.50"], "comma", [7.5, 8.5, 9.25, 1.5], ["12.50"]),
        (["7.5", "8.5", "9.25", "1.5", "12,50", "1,234", "3"], "point", [7.5, 8.5, 9.25, 1.5, 3], ["12,50", "1,234"]),
    ],
)
def test_a_number_unlike_most_others_is_set_aside_and_so_is_one_that_fits_both(
    rows: list[str], decimal: str, kept: list[float], bad: list[str], read: Read
) -> None:
    intake = read(table(*(f"{row};;;" for row in rows)))
    assert intake.sources[0].decimal == decimal
    assert intake.rows["avg_order_value"].tolist() == kept
    assert intake.quarantine["value"].tolist() == bad
    assert set(intake.quarantine["reason"]) == {"not_a_number"}
    assert f"1 number has a decimal {'comma' if decimal == 'point' else 'point'}" in intake.warnings[0]


def test_an_asked_sign_decides_and_what_does_not_fit_is_quarantined(read: Read) -> None:
    rows = ("1.234;;;", "7,5;;;", "7.5;;;")
    for decimal, expected, bad in (("comma", [1234, 7.5], "7.5"), ("point", [1.234, 7.5], "7,5")):
        intake = read(table(*rows), decimal=decimal)
        assert intake.rows["avg_order_value"].tolist() == expected
        assert intake.quarantine[["value", "reason"]].values.tolist() == [[bad, "not_a_number"]]


def test_each_file_decides_for_itself(tmp_path: Path) -> None:
    for name, row in (("de.csv", "7,5;;;"), ("us.csv", "8.5;;;")):
        (tmp_path / name).write_text(table(row), encoding="utf-8")
    intake = read_customers([tmp_path / "de.csv", tmp_path / "us.csv"])
    assert [source.decimal for source in intake.sources] == ["comma", "point"]
    assert intake.rows["avg_order_value"].tolist() == [7.5, 8.5]


def test_a_file_of_many_blocks_decides_as_one(read: Read) -> None:
    filling = "x" * 400
    lines = [f"u{place};2025-09-01;1.234;{filling}\n" for place in range(30_000)]
    lines[-1] = "last;2025-09-01;12,5;x\n"
    intake = read("user_id;cart_abandoned_date;avg_order_value;region\n" + "".join(lines))
    assert intake.rows["avg_order_value"].tolist() == [1234.0] * 29_999 + [12.5]


def test_currencies_of_rejected_rows_do_not_count(read: Read) -> None:
    assert len(read(table("$5.00;;;", "\u20ac5.00;;;-1")).rows) == 1
    assert len(read(table("$5.00;;;", "5.00;\u20ac-1;;")).rows) == 2
    with pytest.raises(ContractError, match=r"2 currencies \(\$, \u20ac\)"):
        read(table("$5.00;;;", "\u20ac5.00;1;;"))


def test_currencies_of_several_files_must_agree(tmp_path: Path) -> None:
    for name, row in (("a.csv", "$7.50;;;"), ("b.csv", "\u20ac8.50;;;")):
        (tmp_path / name).write_text(table(row), encoding="utf-8")
    with pytest.raises(ContractError, match="2 currencies"):
        read_customers([tmp_path / "a.csv", tmp_path / "b.csv"])


def test_another_sign_is_refused() -> None:
    with pytest.raises(OptionError, match="the decimal sign 'dot' is not known"):
        ReadOptions(decimal="dot")  # type: ignore[arg-type]
