"""Headers: quoted or not, and below whatever stands above them, the same table is read."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from data_ingestion import ColumnMapping
from data_ingestion.files.peek import peek
from data_ingestion.formats.header import header_place
from data_ingestion.options import ReadOptions
from retention.errors import InputError, SourceError
from tests.data_ingestion.conftest import Read

TABLE = "user_id,cart_abandoned_date,avg_order_value\nu1,2025-09-01,10\n#u2,2025-09-02,20\n"
LOG = "customer,happened,what\nu1,2025-09-01 10:00:00,put in basket\nu2,2025-09-02 11:00:00,paid\n"
MAPPING = ColumnMapping(
    "events",
    {"customer": "customer", "time": "happened", "event": "what"},
    {"put in basket": "cart", "paid": "purchase"},
)
ABOVE = {
    "comments of Google Analytics": "# ----------------\n# Free form 1\n# Shop, Berlin, 2025\n# ----------------\n\n",
    "a title": "Customers of September\n\n",
    "a title in a spreadsheet": "Customers of September,,\n,,\n",
    "names and values": "Shop:,Example\nFrom:,2025-09-01\nTo:,2025-09-07\n",
    "sentences": '"Includes Marketplace, Fulfillment (FBA), and Webstore"\n"All amounts in USD, unless specified"\n\n',
    "a row of dates": "Period,2025-09-01,2025-09-07\n",
    "a blank line": "\n\n",
}


def quoted(text: str, delimiter: str = ",") -> str:
    """Return a table with every cell in quotes."""
    return "".join(delimiter.join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in text.splitlines() if line)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_quoted_header_is_read_as_one_without_quotes(delimiter: str, mark: str, read: Read, tmp_path: Path) -> None:
    assert read(mark + quoted(TABLE, delimiter)).rows["user_id"].tolist() == ["u1", "#u2"]
    intake = read(mark + quoted(LOG, delimiter), mappings=(MAPPING,))
    assert intake.activity is not None
    assert intake.activity.people["user_id"].tolist() == ["u1", "u2"]
    start = peek(tmp_path / "customers.csv", "customers.csv", ReadOptions())
    assert (start.names, start.rows, start.delimiter) == (("customer", "happened", "what"), 2, delimiter)


def test_quoted_headers_of_unknown_names_are_read(read: Read) -> None:
    # Mailchimp, eBay and R; a header may hold delimiters, quotes and line ends.
    for header in ('"Kunde","Wann, genau","Preis"', '"","Kunde","Wert ""netto"""', '"Kunde","Wann\nund wo","Preis"'):
        with pytest.raises(Exception, match="required columns are missing: 'user_id'"):
            read(f'{header}\n"1","x","3"\n"2","y","4"\n')


@pytest.mark.parametrize("header", ['"user_id,cart_abandoned_date\nu1,2025-09-01\n', 'a,"b\nu1,2\n', '"a\n'])
def test_a_header_whose_quote_is_not_closed_is_refused(header: str, read: Read) -> None:
    with pytest.raises(SourceError, match="the first line is not a header"):
        read(header)


@pytest.mark.parametrize("above", ABOVE, ids=str)
def test_what_stands_above_the_header_is_passed_over(above: str, read: Read) -> None:
    intake = read(ABOVE[above] + TABLE)
    assert (intake.read, intake.rows["user_id"].tolist()) == (2, ["u1", "#u2"])
    lines = (ABOVE[above] + TABLE).count("\n")
    assert intake.locate(intake.rows.index.to_numpy())["line"].tolist() == [lines - 1, lines]
    assert any("above the header" in each for each in intake.warnings) == bool(ABOVE[above].strip())
    log = read(ABOVE[above] + LOG, mappings=(MAPPING,))
    assert log.accepted == 2


@pytest.mark.parametrize(
    "text",
    [
        "| user_id | cart_abandoned_date |\n|:---|---:|\n| u1 | 2025-09-01 |\n",
        "user_id|cart_abandoned_date\n-------+-------------------\nu1|2025-09-01\n",
        "user_id,cart_abandoned_date\r\n-------,------\r\nu1,2025-09-01\r\n",
    ],
)
def test_a_rule_below_the_header_is_no_row(text: str, read: Read) -> None:
    intake = read(text)
    assert (intake.read, intake.rows["user_id"].tolist()) == (1, ["u1"])
    assert intake.locate(intake.rows.index.to_numpy())["line"].tolist() == [3]


def test_headers_with_blanks_around_are_guessed_and_read(read: Read) -> None:
    text = (
        " email | order_id | order_date | order_total \n-------+---+---+---\n a@example.com | 1 | 2025-09-02 | 20.5\n"
    )
    assert read(text).accepted == 1


def test_a_zone_above_the_header_is_told(read: Read) -> None:
    said = " ".join(read(f"Report\nTime zone: Europe/Berlin\n{TABLE}").warnings)
    assert "2; one mentions a time zone" in said
    assert "time zone" not in " ".join(read(f"Report\nTime: 10:00\n{TABLE}").warnings)


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ((["a", "b"], ["1", "2"]), 0),
        ((["1", "2025-09-01"], ["2", "2025-09-02"]), 0),
        ((["", "name"], ["1", "x"]), 0),
        ((["#", "Order", "Paid"], ["1", "x", "yes"], ["2", "y", "no"]), 0),
        ((["# Order", "Date"], ["1001", "2025-09-01"]), 0),
        ((["user_id", "email"], ["a", "b", "c"], ["a", "b", "c"]), 0),
        ((["# list of September"], ["email"], ["a@example.com"]), 1),
        ((["email"], ["a@example.com"]), 0),
        ((["Report"], ["a", "b", "c"], ["x", "", ""], ["y", "", ""]), 1),
        ((["Report", "", ""], ["a", "b", "c"], ["x", "1", ""], ["y", "2", ""]), 1),
        ((["k", "v"],) * 8 + (["when", "who", "what", "how", "much"],) + (["2025-09-01", "1", "x", "y", "3"],) * 4, 8),
    ],
)
def test_the_header_is_the_first_row_that_names_the_columns(rows: Sequence[Sequence[str]], place: int) -> None:
    assert header_place(rows) == place


@pytest.mark.parametrize("content", ["x" * 3_000_000, f"user_id,{'é' * 1_000_000},b\na,b,c\n"])
def test_a_name_of_megabytes_is_refused_in_a_short_message(content: str, read: Read) -> None:
    # Each letter was looked at for every known name, which took minutes.
    with pytest.raises(InputError) as caught:
        read(content)
    assert len(str(caught.value)) < 2_000


@pytest.mark.parametrize("unseen", ["\u200b", "\u200e", "\ufeff", "\u2060 ", "\u00a0", " \u200f"])
def test_what_nobody_sees_around_a_name_does_not_matter(unseen: str, read: Read) -> None:
    intake = read(TABLE.replace("user_id", f"{unseen}user_id").replace("_value", f"_value{unseen}"))
    assert intake.rows["avg_order_value"].tolist() == [10, 20]
