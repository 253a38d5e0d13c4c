"""Lists of people in every kind of file: they are read as any other file is, and no row is left out."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from audience_export import read_coupons, read_people
from data_ingestion import ColumnMapping, ReadLimits, ReadOptions
from retention.errors import ContractError, InputError, SourceError

TEXT = "Kundennummer;E-Mail;Vorname;Customer ID\nx;a@x.org;Jörg;00123\ny;b@x.org;Zoë;77\n"


def workbook(rows: Sequence[Sequence[Any]], *others: str) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    for title in others:
        book.create_sheet(title)
    book.save(out)
    return out.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def table(columns: dict[str, pa.Array]) -> bytes:
    out = io.BytesIO()
    parquet.write_table(pa.table(columns), out)
    return out.getvalue()


def file(folder: Path, content: bytes) -> Path:
    # The name says nothing: what a file is, its content tells.
    path = folder / "list.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "notices"),
    [
        (TEXT.encode(), ()),
        (TEXT.encode("utf-8-sig"), ()),
        (TEXT.encode("cp1252"), ("list.txt is not UTF-8; it was read as Western (Windows-1252)",)),
        (TEXT.encode("utf-16"), ()),
        (TEXT.replace(";", "\t").encode("utf-16-le"), ()),
        (zipped("list.csv", TEXT.encode()), ()),
        (f"Unsubscribed in June\n\n{TEXT}".encode(), ("list.txt: rows above the header were passed over",)),
        (workbook([line.split(";") for line in TEXT.splitlines()]), ()),
        (
            workbook([["June"], *(line.split(";") for line in TEXT.splitlines())], "Notes"),
            ("list.txt: only the sheet 'Sheet' was read", "list.txt: rows above the header were passed over: 1"),
        ),
        (table({"email": pa.array(["a@x.org", "b@x.org"]), "user_id": pa.array(["00123", "77"])}), ()),
        (b'{"email": "a@x.org", "user_id": "00123"}\n{"email": "b@x.org", "user_id": 77}\n', ()),
    ],
)
def test_a_list_is_read_whatever_file_it_comes_in(content: bytes, notices: tuple[str, ...], tmp_path: Path) -> None:
    people = read_people(file(tmp_path, content))
    assert (people.user_id.to_pylist(), people.email.to_pylist()) == (["00123", "77"], ["a@x.org", "b@x.org"])
    assert len(people.notices) == len(notices)
    assert all(told.startswith(notice) for told, notice in zip(people.notices, notices, strict=True))


def test_numbers_that_name_people_keep_their_digits(tmp_path: Path) -> None:
    book = workbook([["customer_id", "phone", "Kunde"], [77, 16505551212, 5]])
    stored = table({"user_id": pa.array([77.0, None]), "phone": pa.array([16505551212.0, 16505551213.0])})
    reading = ReadOptions(country="US")
    for content, phones in ((book, ["+16505551212"]), (stored, ["+16505551212", "+16505551213"])):
        people = read_people(file(tmp_path, content), reading)
        assert people.user_id[0].as_py() == "77"
        assert people.phone.to_pylist() == phones
    mapped = ReadOptions(mappings=(ColumnMapping("people", {"customer": "Kunde"}),))
    assert read_people(file(tmp_path, book), mapped).user_id.to_pylist() == ["5"]


@pytest.mark.parametrize("header", ["Customer ID", "Kunde", "phone"])
def test_a_number_that_lost_digits_would_leave_out_nobody_and_is_refused(header: str, tmp_path: Path) -> None:
    reading = ReadOptions(mappings=(ColumnMapping("people", {"customer": "Kunde"}),))
    content = workbook([[header, "email"], [12345678901234567, "a@x.org"]])
    with pytest.raises(ContractError, match=f"the column '{header}' holds numbers of more than 15 digits"):
        read_people(file(tmp_path, content), reading)
    # A column that names nobody may hold any number.
    other = workbook([["Order", "email"], [12345678901234567, "a@x.org"]])
    assert read_people(file(tmp_path, other), reading).email.to_pylist() == ["a@x.org"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a@x.org,secret\nb@x.org,Ben\nemail,name\nc@x.org,Cy\n", "a row above the names of the columns holds data"),
        (b"secret@x.org,\nemail,name\nc@x.org,Cy\n", "a row above the names of the columns holds data"),
        (b"<html>secret</html>", "list.txt: the file is a web page"),
        (b'email,name\na@x.org,"secret\nb@x.org,Ben\n', "line 2: a quote that opens on line 2 is not closed"),
        (b'{"email": "a@x.org"}\nsecret\n', "line 2: a row cannot be read"),
        (workbook([["email"], ["a@x.org", "secret"]]), "line 2: a row cannot be read. The row has more fields"),
        (workbook([["email"], ["a@x.org"]])[:-9], "the zip archive or Excel workbook is damaged"),
        (zipped("list.csv", b"email\na@x.org,secret\n"), "line 2: a row cannot be read"),
        ("email\nsecret.é@x.org\n".encode("cp1252"), "may be .*Western .*: é;"),
        # Read as Western letters the header would say nothing, and those who refused would be written to.
        ("email,Отписан\na@x.org,yes\n".encode("cp1251"), "may be .*Cyrillic .*: Отписан;"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_and_tells_no_values(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_people(file(tmp_path, content))
    assert "list.txt" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "x.org" not in str(caught.value)


def test_a_list_has_the_encoding_and_the_limits_that_a_person_states(tmp_path: Path) -> None:
    path = file(tmp_path, "email\né@x.org\n".encode("cp1252"))
    assert read_people(path, ReadOptions(encoding="cp1252")).email.to_pylist() == ["é@x.org"]
    with pytest.raises(SourceError, match="more than 1 rows"):
        read_people(file(tmp_path, b"email\na@x.org\nb@x.org\n"), ReadOptions(limits=ReadLimits(rows=1)))


def test_a_list_may_have_a_header_alone(tmp_path: Path) -> None:
    for content in (b"email\n", workbook([["email"]]), table({"email": pa.array([], pa.string())})):
        assert len(read_people(file(tmp_path, content)).email) == 0


def test_codes_of_a_workbook_are_its_cells(tmp_path: Path) -> None:
    coupons = read_coupons(file(tmp_path, workbook([["Segment", "Coupon Code"], ["VIP", 4711], ["VIP", "A-1"]])))
    assert coupons.code.to_pylist() == ["4711", "A-1"]
    assert coupons.segment is not None
    assert coupons.segment.to_pylist() == ["VIP", "VIP"]
