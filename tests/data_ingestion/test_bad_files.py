"""Bad files: each is read with every row accounted for, or refused with one sentence that helps."""

import gzip
import io
import lzma
import zipfile
from collections import Counter

import openpyxl
import pytest

from retention.errors import ContractError, InputError, SourceError
from tests.data_ingestion.conftest import Read

TOP = "user_id,cart_abandoned_date,avg_order_value,email_consent,sessions_last_30d\n"
GOOD = "a,2025-09-01,10,yes,3\n"


def row(text: str) -> str:
    return TOP + GOOD + text + "\n"


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def empty_workbook() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


ROWS: dict[str, tuple[str, list[str]]] = {
    "blank id": (row(",2025-09-01,1,,"), ["missing_user_id"]),
    "id of blanks": (row('"  ",2025-09-01,1,,'), ["missing_user_id"]),
    "blank date": (row("b,,1,,"), ["missing_date"]),
    "NA date": (row("b,N/A,1,,"), ["missing_date"]),
    "word for a date": (row("b,yesterday,1,,"), ["not_a_date"]),
    "30 February": (row("b,2025-02-30,1,,"), ["not_a_date"]),
    "month 13": (row("b,2025-13-01,1,,"), ["not_a_date"]),
    "25 o'clock": (row("b,2025-09-01 25:00:00,1,,"), ["not_a_date"]),
    "year 1": (row("b,0001-01-01,1,,"), ["out_of_bounds"]),
    "year 9999": (row("b,9999-12-31,1,,"), ["out_of_bounds"]),
    "word for a number": (row("b,2025-09-01,lots,,"), ["not_a_number"]),
    "cents": (row("b,2025-09-01,12¢,,"), ["not_a_number"]),
    "hexadecimal": (row("b,2025-09-01,0x10,,"), ["not_a_number"]),
    "underscore": (row("b,2025-09-01,1_000,,"), ["not_a_number"]),
    "infinite": (row("b,2025-09-01,inf,,"), ["infinite"]),
    "minus infinity": (row("b,2025-09-01,-Infinity,,"), ["infinite"]),
    "too large for a float": (row("b,2025-09-01,1e999,,"), ["infinite"]),
    "negative money": (row("b,2025-09-01,-0.01,,"), ["out_of_bounds"]),
    "too few fields": (row("b,2025-09-01"), ["too_few_fields"]),
    "too many fields": (row("b,2025-09-01,1,,,,,"), ["too_many_fields"]),
    "blanks only": (row("   "), ["too_few_fields"]),
    "delimiters only": (row(",,,,"), ["missing_user_id"]),
    "text after a quote": (row('"b"x,2025-09-01,1,,'), ["broken_quoting"]),
    "inches in quotes": (row('"5" screen",2025-09-01,1,,'), ["broken_quoting"]),
    "cut-off last row": (TOP + GOOD + "b,2025-09-0", ["too_few_fields"]),
    "very long id": (row("b" * 40_000 + ",2025-09-01,1,,"), ["too_long"]),
    "broken row after quoted newlines": (TOP + '"a\n\na",2025-09-01,1,,\n' + "b,x,1,,\n", ["not_a_date"]),
    "several bad rows": (row("b,,1,,\n,2025-09-01,1,,\nc"), ["missing_date", "missing_user_id", "too_few_fields"]),
}


@pytest.mark.parametrize("case", ROWS)
def test_a_bad_row_is_quarantined_with_its_reason_and_the_good_one_stays(case: str, read: Read) -> None:
    content, reasons = ROWS[case]
    intake = read(content)
    assert intake.quarantine["reason"].tolist() == reasons
    assert intake.read == len(intake.rows) + len(reasons)
    assert len(intake.rows) == 1


REFUSED: dict[str, tuple[bytes, type[InputError], str]] = {
    "no byte": (b"", SourceError, "the file is empty"),
    "white space": (b" \n\n  \n", SourceError, "the file is empty"),
    "header only": (TOP.encode(), SourceError, "has no rows, only a header"),
    "header without newline": (TOP.strip().encode(), SourceError, "has no rows, only a header"),
    "web page": (b"<!DOCTYPE html><html><body>Sign in</body></html>", SourceError, "is a web page"),
    "web page after a mark": (b"\xef\xbb\xbf\n<html>", SourceError, "is a web page"),
    "xml": (b"<?xml version='1.0'?><rows/>", SourceError, "is an XML or HTML document"),
    "json": (b'[{"user_id": 1}]', SourceError, "is JSON"),
    "pdf": (b"%PDF-1.7 ...", SourceError, "is a PDF"),
    "lfs pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", SourceError, "Git LFS pointer"),
    "zero bytes at the start": (b"\0" * 100, SourceError, "contains zero bytes"),
    "zero byte inside": ((TOP + GOOD + "b\0,2025-09-01,1,,\n").encode(), SourceError, "line 3: the file contains zero"),
    "100,001 lines of one letter": (
        (TOP + "x\n" * 100_001).encode(),
        SourceError,
        "none of the first 100,001 rows has as many cells as the header",
    ),
    "truncated gzip": (gzip.compress((TOP + GOOD * 50).encode())[:-12], SourceError, "damaged or was cut off"),
    "truncated xz": (lzma.compress((TOP + GOOD * 50).encode())[:-12], SourceError, "damaged or was cut off"),
    "garbage after gzip magic": (b"\x1f\x8b\x08garbage garbage garbage", SourceError, "damaged or was cut off"),
    "gzip of a workbook": (gzip.compress(empty_workbook()), SourceError, "the file contains a compressed xlsx file"),
    "old or encrypted workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, SourceError, "password-protected"),
    "zip of a csv without rows": (zipped("customers.csv", TOP.encode()), SourceError, "has no rows, only a header"),
    "broken zip": (b"PK\x03\x04 and then nothing", SourceError, "workbook is damaged"),
    "workbook without content": (zipped("xl/workbook.xml", b"<x/>"), SourceError, "workbook is damaged"),
    "empty workbook": (empty_workbook(), SourceError, "the sheet is empty"),
    "broken parquet": (b"PAR1" + b"\0" * 64 + b"PAR1", SourceError, "Parquet file is damaged"),
    "unclosed quote": ((TOP + GOOD + '"b,2025-09-01,1,,\n' + GOOD * 9).encode(), SourceError, "line 3: a quote"),
    "unclosed quote before quoted rows": (
        (TOP + 'a,2025-09-01,1,"yes,1\n' + 'b,2025-09-01,1,"yes",1\n' * 9).encode(),
        SourceError,
        "opens on line 2 is not closed",
    ),
    "unclosed quote closed by a stray one": (
        (TOP + 'a,2025-09-01,1,"yes,1\nb,2025-09-01,1,no,1"\n' + GOOD).encode(),
        SourceError,
        "opens on line 2 is not closed",
    ),
    "unclosed quote in the header": (b'user_id,"cart_abandoned_date\na,2025-09-01\n', SourceError, "is not a header"),
    "several encodings": ((TOP + "Hélène,2025-09-01,1,,\n").encode("cp1252"), SourceError, "may be Western"),
    "mixed encodings": (
        (TOP + "Zoë,2025-09-01,1,,\n").encode() + "Jürgen,2025-09-01,1,,\n".encode("cp1252"),
        SourceError,
        "line 3 is not UTF-8",
    ),
    "utf-8 mark on other text": (
        b"\xef\xbb\xbf" + (TOP + "J\xfcrgen,2025-09-01,1,,\n").encode("cp1252"),
        SourceError,
        "starts with the UTF-8 mark",
    ),
    "half a utf-16 character": ((TOP + GOOD).encode("utf-16")[:-1], SourceError, "is UTF-16, but damaged"),
    "missing column": (b"user_id,avg_order_value\na,1\n", ContractError, "missing: 'cart_abandoned_date'"),
    "nearest column": (
        b"userid,cart_abandon_date\na,2025-09-01\n",
        ContractError,
        "rename 'userid' to 'user_id'; rename 'cart_abandon_date' to 'cart_abandoned_date'",
    ),
    "duplicate header": (b"user_id,USER_ID,cart_abandoned_date\na,a,2025-09-01\n", ContractError, "more than once"),
    "no header": (b"a,2025-09-01\nb,2025-09-01\n", ContractError, "required columns are missing"),
    "prose": (b"Dear colleague,\nplease find the table attached.\n", ContractError, "required columns are missing"),
    "two currencies": (
        b"user_id,cart_abandoned_date,currency\na,2025-09-01,EUR\nb,2025-09-01,usd\nc,2025-09-01,\n",
        ContractError,
        r"2 currencies \(EUR, USD\)",
    ),
    "ambiguous dates": (
        b"user_id,cart_abandoned_date\na,01-02-2025\nb,03-02-2025\n",
        SourceError,
        "2 dates can be read day first or month first.*Set the order of day and month .dmy or mdy",
    ),
    "contradicting dates": (
        b"user_id,cart_abandoned_date\na,13-02-2025\nb,02-13-2025\n",
        SourceError,
        "1 can only be day first, 1 only month first.*Set the order of day and month .dmy or mdy",
    ),
    "nothing usable": (
        b"user_id,cart_abandoned_date\na,soon\nb,later\n",
        SourceError,
        "2 not a date in cart_abandoned",
    ),
    "wrong delimiter everywhere": (b"user_id,cart_abandoned_date\na;2025-09-01\n", SourceError, "1 too few fields"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_no_table_is_refused_with_one_sentence(case: str, read: Read) -> None:
    content, kind, match = REFUSED[case]
    with pytest.raises(kind, match=match) as caught:
        read(content)
    assert "\n" not in str(caught.value)


def test_the_quarantine_tells_file_line_column_value_and_number_of_faults(read: Read) -> None:
    intake = read(TOP + GOOD + "\n" + "b,nonsense,-1,maybe,\n")
    assert intake.quarantine.drop(columns="original").to_dict("records") == [
        {
            "file": "customers.csv",
            "line": 4,
            "column": "cart_abandoned_date",
            "value": "nonsense",
            "reason": "not_a_date",
            "faults": 3,
            "suggestion": "",
        }
    ]


def test_the_first_fault_is_the_first_by_column_of_the_file(read: Read) -> None:
    intake = read("avg_order_value,user_id,cart_abandoned_date\nx,,\n1,a,2025-09-01\n")
    assert intake.quarantine[["column", "value", "faults"]].values.tolist() == [["avg_order_value", "x", 3]]


def test_a_shown_value_is_cut_after_a_hundred_characters(read: Read) -> None:
    intake = read(row("b,2025-09-01," + "9x" * 200 + ",,"))
    assert intake.quarantine["value"].tolist() == ["9x" * 50]


def test_lines_of_bad_rows_are_exact_after_quoted_newlines_blank_lines_and_other_bad_rows(read: Read) -> None:
    body = '"a\r\nb",2025-09-01,1,,\r\n\r\nshort\r\n"q"z,2025-09-01,1,,\r\nc,bad,1,,\r\n'
    quarantine = read(TOP.replace("\n", "\r\n") + body).quarantine
    assert Counter(zip(quarantine["reason"], quarantine["line"], strict=True)) == Counter(
        {("too_few_fields", 5): 1, ("broken_quoting", 6): 1, ("not_a_date", 7): 1}
    )


def test_no_error_holds_a_personal_value(read: Read) -> None:
    content = "user_id,cart_abandoned_date,email\n" + "secret-id,soon,jane.doe@example.com\n" * 3
    with pytest.raises(SourceError) as caught:
        read(content)
    assert "secret" not in str(caught.value)
    assert "jane" not in str(caught.value)
