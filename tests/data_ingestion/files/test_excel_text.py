import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from data_ingestion import ColumnMapping, ReadLimits
from data_ingestion.files.excel_text import cell_text, column_texts
from retention.errors import ContractError, SourceError
from tests.data_ingestion.conftest import Read

HEADER = ["user_id", "cart_abandoned_date", "sessions_last_30d", "avg_order_value", "email_consent"]


def workbook(*rows: Sequence[object], other_sheet: bool = False) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    if other_sheet:
        book.create_sheet("Notes").append(["x"])
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_typed_cells_follow_the_rules_of_text(read: Read) -> None:
    content = workbook(
        HEADER,
        ["00123", date(2025, 9, 1), 3, 10.25, True],
        [42, datetime(2025, 9, 1, 10, 30), 4.0, None, "no"],  # noqa: DTZ001 - a cell of a sheet has no zone
        ["NA", "2025-09-02", None, "12.5", None],
    )
    intake = read(content, name="book.xlsx")
    assert intake.rows["user_id"].tolist() == ["00123", "42", "NA"]
    assert [str(time)[:19] for time in intake.rows["cart_abandoned_date"]] == [
        "2025-09-01 00:00:00",
        "2025-09-01 10:30:00",
        "2025-09-02 00:00:00",
    ]
    assert intake.rows["sessions_last_30d"].tolist()[:2] == [3, 4]
    assert intake.rows["avg_order_value"].tolist()[::2] == [10.25, 12.5]
    assert intake.rows["email_consent"].tolist()[:2] == [True, False]
    assert intake.sources[0].format == "xlsx"


def test_a_number_is_never_in_doubt_and_a_text_like_one_is(read: Read) -> None:
    rows: list[list[object]] = [["a", "2025-09-01", None, 1.234], ["b", "2025-09-01", None, "1.234,50"]]
    assert read(workbook(HEADER, *rows)).rows["avg_order_value"].tolist() == [1.234, 1234.5]
    with pytest.raises(SourceError, match="Set the decimal sign"):
        read(workbook(HEADER, ["a", "2025-09-01", None, "1.234"]))


NUMBERS = (1.0, -3.0, 0.0, -0.0, 0.1, 1 / 3, 1e-4, 9.9e-5, 1e9, 1e9 - 0.5, -12345678901.5, 1e14, 1e22, float("inf"))
TIMES = (date(2025, 9, 1), datetime(2025, 9, 1), datetime(2025, 9, 1, 10, 30), datetime(1900, 1, 1, 0, 0, 0, 120))  # noqa: DTZ001


@pytest.mark.parametrize("kind", [NUMBERS, TIMES, (True, False), ("", "a", "Zoë"), (time(10, 30), timedelta(1))])
def test_a_column_at_once_and_its_cells_one_by_one_give_the_same_texts(kind: tuple[object, ...]) -> None:
    for cells in ([each] for each in kind):
        assert column_texts(cells).to_pylist() == [cell_text(cells[0])]
    for cells in (list(kind), [*kind, ""], [*kind, 2.0, "x"], []):
        assert column_texts(cells).to_pylist() == list(map(cell_text, cells))


def test_blank_rows_are_passed_over_and_lines_are_rows_of_the_sheet(read: Read) -> None:
    content = workbook(
        [], HEADER, ["a", "2025-09-01"], [], ["b", "bad"], ["c", "2025-09-01", 1, 1, None, None, "extra"]
    )
    intake = read(content, name="wrong_extension.csv")
    assert intake.rows["user_id"].tolist() == ["a"]
    assert intake.quarantine[["line", "reason"]].values.tolist() == [[5, "not_a_date"], [6, "too_many_fields"]]


def test_other_sheets_are_left_out_with_a_warning(read: Read) -> None:
    intake = read(workbook(HEADER, ["a", "2025-09-01"], other_sheet=True))
    assert intake.warnings == ("customers.csv: only the sheet 'Sheet' was read; left out: 'Notes'",)


def test_the_first_sheet_that_is_not_hidden_is_read(read: Read) -> None:
    for hidden in ("hidden", "veryHidden"):
        book = openpyxl.Workbook()
        book.worksheets[0].append(["code", "name"])
        book.worksheets[0].sheet_state = hidden
        for row in (["Export of the shop"], [], HEADER, ["a", "2025-09-01"]):
            book.create_sheet("Customers").append(row) if len(book.worksheets) < 2 else book.worksheets[1].append(row)
        intake = read(saved(book))
        assert intake.rows["user_id"].tolist() == ["a"]
        assert "customers.csv: only the sheet 'Customers' was read; left out: 'Sheet'" in intake.warnings


def test_a_sheet_that_is_no_table_of_customers_is_named_with_the_others(read: Read) -> None:
    with pytest.raises(ContractError, match=r"sheet 'Sheet': required columns.*The workbook also has 'Notes': move"):
        read(workbook(["code", "name"], ["a", "b"], other_sheet=True))
    with pytest.raises(SourceError, match=r"sheet 'Sheet': the sheet is empty.*The workbook also has 'Notes'"):
        read(workbook(other_sheet=True))


@pytest.mark.parametrize(
    ("above", "count"),
    [
        ([["Customers"]], 1),
        ([["Sales report"], [], ["Shop", "Example"], ["From", date(2025, 9, 1), date(2025, 9, 7)]], 3),
        ([["Report"], ["of", "September"]], 2),
        ([[None, None, "Customers of September"], []], 1),
    ],
)
def test_titles_above_the_header_are_passed_over(above: list[list[object]], count: int, read: Read) -> None:
    table: list[list[object]] = [
        ["kunde", "datum", "summe", "status", "anzahl"],
        ["a", date(2025, 9, 1), 10, None, None],
    ]
    mapping = ColumnMapping("orders", {"customer": "kunde", "time": "datum", "total": "summe"})
    intake = read(workbook(*above, *table, *table[1:]), mappings=(mapping,))
    assert intake.read == intake.accepted == 2
    assert any(f"rows above the header were passed over: {count}" in each for each in intake.warnings)


def test_a_workbook_that_decodes_to_too_much_is_refused(read: Read) -> None:
    content = workbook(HEADER, *(["a", "2025-09-01", 1, 1, "yes"] for _ in range(2_000)))
    with pytest.raises(SourceError, match="unpacks to more than 20,000 bytes"):
        read(content, limits=ReadLimits(decoded_bytes=20_000))


def test_a_truncated_workbook_is_damaged(read: Read) -> None:
    with pytest.raises(SourceError, match="workbook is damaged"):
        read(workbook(HEADER, ["a", "2025-09-01"])[:-100])


def test_a_workbook_with_too_many_columns_is_refused(read: Read) -> None:
    with pytest.raises(SourceError, match="more than 4 columns"):
        read(workbook(HEADER, ["a", "2025-09-01"]), limits=ReadLimits(columns=4))


SHEET = "xl/worksheets/sheet1.xml"
CELL = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
LINK = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>'
)


ROOT = LINK.replace("/worksheet", "/officeDocument").replace("worksheets/sheet1", "xl/workbook")


def written(data: str, more: dict[str, str] | None = None, encoding: str = "utf-8") -> bytes:
    """Return a workbook of a few hundred bytes with this in its sheet."""
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{data}</worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in {
            "_rels/.rels": ROOT,
            "xl/workbook.xml": BOOK,
            "xl/_rels/workbook.xml.rels": LINK,
            **(more or {}),
        }.items():
            archive.writestr(part, text)
        archive.writestr(SHEET, sheet.encode(encoding))
    return out.getvalue()


def rows(*cells: str) -> str:
    return "<sheetData>" + "".join(f"<row>{cell}</row>" for cell in cells) + "</sheetData>"


FAR = rows(CELL.format("A1", "user_id"), CELL.format("XFD1048576", "x"))


@pytest.mark.parametrize(
    "data",
    [
        FAR,
        FAR.replace('"', "'"),
        FAR.replace("XFD", "xfd"),
        FAR.replace("<c ", "<c\n"),
        FAR.replace("<c ", "<x:c ").replace("</c>", "</x:c>").replace("<sheetData>", '<sheetData xmlns:x="x">'),
        FAR.replace('<c r="XFD1048576" t="inlineStr">', '<c t="inlineStr" r="XFD1048576">'),
        rows(CELL.format("A1", "user_id"), CELL.format("ZZ900000", "x")),
        rows(CELL.format("A1", "user_id"), CELL.format("A99999999", "x")),
        rows(CELL.format("A1", "user_id"), CELL.format("ZZZZ1", "x")),
        f"<dimension ref='A1:B2'/>{FAR}",
    ],
)
def test_a_tiny_workbook_that_spans_a_whole_sheet_is_refused(data: str, read: Read) -> None:
    content = written(data)
    assert len(content) < 1_429
    with pytest.raises(SourceError, match=r"more than can be read|damaged"):
        read(content)


def test_a_dimension_that_is_not_true_takes_no_memory(read: Read) -> None:
    header = CELL.format("A1", "user_id") + CELL.format("B1", "cart_abandoned_date")
    body = CELL.format("A2", "a") + CELL.format("B2", "2025-09-01")
    intake = read(written(f'<dimension ref="A1:XFD1048576"/>{rows(header, body)}'))
    assert intake.rows["user_id"].tolist() == ["a"]


def test_one_text_in_many_cells_is_refused_before_it_is_copied(read: Read) -> None:
    text = f"<sst><si><t>{'x' * 3_000_000}</t></si></sst>"
    cells = rows(*(f'<c r="A{row}" t="s"><v>0</v></c>' for row in range(1, 700)))
    start, first, end = LINK.partition(LINK[LINK.index("<Relationship ") : LINK.index("</R")])
    second = first.replace("rId1", "rId2").replace("/worksheet", "/sharedStrings")
    links = start + first + second.replace("worksheets/sheet1", "sharedStrings") + end
    more = {"xl/_rels/workbook.xml.rels": links}
    for shared in (text, text.replace("x<", "x<!-- <si --><")):
        with pytest.raises(SourceError, match="more memory than is allowed for a workbook"):
            read(written(cells, more | {"xl/sharedStrings.xml": shared}))


def test_a_sheet_in_another_encoding_is_looked_at_too(read: Read) -> None:
    with pytest.raises(SourceError, match="more than can be read"):
        read(written(FAR, encoding="utf-16"))


def test_blank_rows_count_against_the_limit(read: Read) -> None:
    header = CELL.format("A1", "user_id") + CELL.format("B1", "cart_abandoned_date")
    body = CELL.format("A5000", "a") + CELL.format("B5000", "2025-09-01")
    content = written(rows(header, body))
    intake = read(content)
    assert (intake.read, intake.rows["user_id"].tolist()) == (1, ["a"])
    with pytest.raises(SourceError, match="more than 4,998 rows"):
        read(content, limits=ReadLimits(rows=4_998))


def test_cells_with_a_format_and_nothing_else_span_nothing(read: Read) -> None:
    header = CELL.format("A1", "user_id") + CELL.format("B1", "cart_abandoned_date")
    body = CELL.format("A2", "a") + CELL.format("B2", "2025-09-01")
    intake = read(written(rows(header, body, '<c r="XFD1048576" s="1"/>')))
    assert intake.rows["user_id"].tolist() == ["a"]


@pytest.mark.parametrize(
    ("error", "kept"), [("#N/A", True), ("#DIV/0!", False), ("#REF!", False), ("#VALUE!", False), ("#NAME?", False)]
)
def test_an_error_in_a_number_is_missing_or_sets_its_row_aside(error: str, kept: bool, read: Read) -> None:
    top = "".join(CELL.format(f"{letter}1", name) for letter, name in zip("ABCD", HEADER, strict=False))
    body = CELL.format("A2", "a") + CELL.format("B2", "2025-09-01")
    good = CELL.format("A3", "b") + CELL.format("B3", "2025-09-01")
    intake = read(written(rows(top, f'{body}<c r="D2" t="e"><v>{error}</v></c>', good)))
    assert intake.rows["user_id"].tolist() == (["a", "b"] if kept else ["b"])
    assert intake.quarantine["value"].tolist() == ([] if kept else [error])


def test_dates_of_1904_and_midnights_are_the_days_that_a_person_sees(read: Read) -> None:
    days = [datetime(2025, 9, 1), datetime(2025, 9, 2, 10, 30), date(2025, 9, 3)]  # noqa: DTZ001
    for epoch in (CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900):
        book = openpyxl.Workbook()
        book.epoch = epoch
        for row in (HEADER[:2], *([f"u{place}", day] for place, day in enumerate(days))):
            book.worksheets[0].append(row)
        times = read(saved(book)).rows["cart_abandoned_date"]
        assert [str(each)[:16] for each in times] == ["2025-09-01 00:00", "2025-09-02 10:30", "2025-09-03 00:00"]
