import csv
import io
import json

import pytest
from hypothesis import given, strategies as st

from data_ingestion.files import tokenizer
from data_ingestion.files.stretches import Splitter
from data_ingestion.files.tokenizer import Tokenizer, Unclosed, swallows_a_row
from tests.real_data import DATA

SPECTRUM = DATA / "csv_spectrum"


def tokens(text: str) -> list[list[str] | None]:
    records = Tokenizer(b",").tokenize(text.encode(), final=True).records
    return [None if record.fields is None else [cell.decode() for cell in record.fields] for record in records]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n", [["a", "b"]]),
        ("a,b", [["a", "b"]]),
        ("a,", [["a", ""]]),
        (",", [["", ""]]),
        ('"a,b",c\n', [["a,b", "c"]]),
        ('"a""b","",""""\n', [['a"b', "", '"']]),
        ('a"b,c"\n', [['a"b', 'c"']]),
        ("a\rb\r\nc\n", [["a"], ["b"], ["c"]]),
        ('"a\r\nb"\n', [["a\r\nb"]]),
        ("\n\na\n\n", [["a"]]),
        ('"a"b,c\nd\n', [None, ["d"]]),
    ],
)
def test_text_is_cut_into_cells(text: str, expected: list[list[str] | None]) -> None:
    assert tokens(text) == expected


def test_an_unclosed_quote_tells_its_line() -> None:
    with pytest.raises(Unclosed) as caught:
        tokens('a\n"b\nc"\nd,"e\nf\n')
    assert caught.value.line == 3


def test_a_quote_closed_in_the_middle_of_a_later_line_counts_as_unclosed() -> None:
    with pytest.raises(Unclosed) as caught:
        tokens('a\nb,"c\nd"e\n')
    assert caught.value.line == 1


def test_an_incomplete_record_is_left_for_the_next_chunk() -> None:
    for text in (b'a,b\n"c', b'a,b\n"c"', b"a,b\nc\r", b"a,b\nc"):
        assert Tokenizer(b",").tokenize(text, final=False).consumed == 4


def test_a_line_that_looks_like_a_row_was_swallowed() -> None:
    assert swallows_a_row(b'a,"b\nc,d,e"', b",", 3)
    assert not swallows_a_row(b'a,"b\nc",d,e', b",", 4)
    # The rest of its own row follows a text with a line break, however many cells that has.
    assert not swallows_a_row(b'"a\nb",c,d,e', b",", 3)
    assert not swallows_a_row(b'a,"b ""c""\nd",e,f,g', b",", 4)
    assert swallows_a_row(b'a,"b\nc,d,e"', b",", 4, stray=True) is False
    assert swallows_a_row(b'a,b"\nc,d,e', b",", 3, stray=True)


@given(
    st.lists(
        st.lists(st.text('ab,"\n\r ', max_size=5), min_size=2, max_size=4).filter(any),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 12),
)
def test_any_chunking_gives_the_same_records(table: list[list[str]], size: int) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    data = out.getvalue().encode()
    assert tokens(out.getvalue()) == table
    chunks = (data[start : start + size] for start in range(0, len(data), size))
    stretches = list(Splitter(b",", "x", 1 << 20, letters=True).split(chunks, 1))
    assert b"".join(stretch.data for stretch in stretches) == data
    assert [cells for stretch in stretches for cells in tokens(stretch.data.decode())] == table


@given(
    st.lists(st.lists(st.text('ab"', max_size=4), min_size=2, max_size=3).map(",".join).filter(any), max_size=40),
    st.integers(1, 60),
)
def test_quotes_that_are_letters_give_the_cells_of_the_tokenizer(lines: list[str], size: int) -> None:
    text = "".join(f"{line}\n" for line in lines)
    data = text.encode()
    try:
        expected = [(each.fields, each.line) for each in Tokenizer(b",").tokenize(data, final=True).records]
    except Unclosed:
        return
    read = list[tuple[list[bytes] | None, int]]()
    for each in Splitter(b",", "x", 1 << 20, letters=True).split(
        (data[start : start + size] for start in range(0, len(data), size)), 0
    ):
        if each.records is not None or each.quoted:
            records = each.records or Tokenizer(b",").tokenize(each.data, final=True).records
            read.extend((record.fields, each.first_line + record.line) for record in records)
        else:
            rows = each.data.splitlines()
            read.extend((row.split(b","), each.first_line + place) for place, row in enumerate(rows) if row)
    assert read == expected


# The collection's twelfth file, location_coordinates, is left out: its expected answer holds another phone number.
@pytest.mark.parametrize(
    "name",
    [
        "comma_in_quotes",
        "empty",
        "empty_crlf",
        "escaped_quotes",
        "json",
        "newlines",
        "newlines_crlf",
        "quotes_and_newlines",
        "simple",
        "simple_crlf",
        "utf8",
    ],
)
def test_the_csv_spectrum_is_read_as_its_authors_mean_it(name: str) -> None:
    header, *rows = tokens((SPECTRUM / "csvs" / f"{name}.csv").read_bytes().decode())
    expected = json.loads((SPECTRUM / "json" / f"{name}.json").read_text(encoding="utf-8"))
    # The expected cells of two files are written with LF although the files end their lines with CR LF.
    found = [[(cell or "").replace("\r\n", "\n") for cell in row or []] for row in rows]
    assert [dict(zip(header or [], row, strict=True)) for row in found] == [
        {key: value.replace("\r\n", "\n") for key, value in row.items()} for row in expected
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("final", [True, False])
def test_blank_lines_cost_one_step_however_many(end: str, final: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    counted, count_lines = list[int](), tokenizer.count_lines

    def count(data: bytes) -> int:
        counted.append(len(data))
        return count_lines(data)

    monkeypatch.setattr(tokenizer, "count_lines", count)
    tokens = Tokenizer(b",").tokenize(f"a,b{end}{end * 100_000}c,d{end}{end * 50_000}e".encode(), final=final)
    lines = [0, 100_001, 150_002]
    assert [record.line for record in tokens.records] == lines[: 3 if final else 2]
    assert tokens.lines == lines[2]
    assert len(counted) < 10
