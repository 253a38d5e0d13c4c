"""Columns separated by blanks: only what is a known layout is read so."""

import pytest

from data_ingestion.files.fixed_width import blank_separated
from retention.errors import ContractError
from tests.data_ingestion.conftest import Read

ROWS = " 00004 0001 19970101  2   29.33\n 00004 0001 19970118  2   29.73\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROWS, True),
        ("\n" + ROWS, True),
        (" customer_id  date number_of_cds  dollar_value\n 00001 19970101 1 11.77\n", True),
        ("user_id cart_abandoned_date\na 2025-09-01\n", True),
        ("user_id\tcart_abandoned_date\na\t2025-09-01\n", False),
        ("user_id\na\n", False),
        ("user_id,cart_abandoned_date\na,2025-09-01\n", False),
        ("Please find the table\nattached to this letter\n", False),
        (" 00004 0001 19970101  2\n", False),
        ("", False),
    ],
)
def test_a_text_counts_as_separated_by_blanks_only_where_it_makes_a_known_layout(text: str, expected: bool) -> None:
    assert blank_separated(text.encode()) is expected


def test_blank_lines_before_the_header_do_not_shift_lines(read: Read) -> None:
    intake = read("\n\nuser_id cart_abandoned_date\na  2025-09-01\nb  never\n")
    assert intake.quarantine["line"].tolist() == [5]
    assert intake.rows["user_id"].tolist() == ["a"]


def test_a_last_row_without_a_line_end_is_read(read: Read) -> None:
    assert read(ROWS.rstrip()).accepted == 2


def test_prose_is_not_taken_for_a_table(read: Read) -> None:
    with pytest.raises(ContractError, match="required columns are missing"):
        read("Please find the table\nattached to this letter\n")
