"""Whatever dialect a table is written in, reading gives it back, with every row accounted for."""

import gzip
import lzma
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from data_ingestion import Intake, ReadOptions, read_customers
from retention.errors import InputError

HEADER = ("user_id", "cart_abandoned_date", "region", "avg_order_value")
CP1252 = "abcXYZ019 .,;|\t\"'\n-_@=+" + "äöüßéèñ€ç"
ANY = CP1252 + "日本語Ω\U0001f6d2\u00a0\r"

Written = tuple[bytes, list[tuple[str, str]]]

PACKERS: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "gzip": gzip.compress, "xz": lzma.compress}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")


def cells(alphabet: str) -> st.SearchStrategy[str]:
    return st.text(alphabet, max_size=8)


def rows(alphabet: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    filled = cells(alphabet).filter(lambda text: bool(text.strip()))
    return st.lists(st.tuples(filled, cells(alphabet)), min_size=1, max_size=12)


def quoted(cell: str, delimiter: str, always: bool) -> str:
    needed = any(special in cell for special in (delimiter, '"', "\n", "\r"))
    return '"' + cell.replace('"', '""') + '"' if always or needed else cell


@st.composite
def written_tables(draw: st.DrawFn) -> Written:
    encoding = draw(st.sampled_from(ENCODINGS))
    table = draw(rows(CP1252 if encoding == "cp1252" else ANY))
    delimiter = draw(st.sampled_from(",;\t|"))
    ending = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    always = draw(st.booleans())
    lines = [HEADER, *((user, "2025-09-01", region, str(number)) for number, (user, region) in enumerate(table))]
    text = "".join(delimiter.join(quoted(cell, delimiter, always) for cell in line) + ending for line in lines)
    if draw(st.booleans()):
        text = text.removesuffix(ending)
    return PACKERS[draw(st.sampled_from(sorted(PACKERS)))](text.encode(encoding)), table


def read_bytes(content: bytes) -> Intake:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        path.write_bytes(content)
        return read_customers([path], options=ReadOptions(encoding="cp1252"))


@given(written_tables())
def test_any_dialect_gives_the_table_back(written: Written) -> None:
    content, table = written
    intake = read_bytes(content)
    assert (intake.read, len(intake.quarantine)) == (len(table), 0)
    assert intake.rows["user_id"].tolist() == [user for user, _ in table]
    assert intake.rows["avg_order_value"].tolist() == list(range(len(table)))
    regions = ["" if pd.isna(region) else region for region in intake.rows["region"]]
    assert regions == ["" if not region.strip() else region for _, region in table]


@given(written_tables(), st.data())
def test_a_damaged_file_balances_or_is_refused(
    written: tuple[bytes, list[tuple[str, str]]], data: st.DataObject
) -> None:
    content = bytearray(written[0])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b'"', b",", b"\n", b"", b"\r"])
        )
    try:
        intake = read_bytes(bytes(content))
    except InputError:
        return
    assert intake.read == len(intake.rows) + len(intake.quarantine) == intake.sources[0].rows_read


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_counts_them(ending: str) -> None:
    lines = ["user_id,cart_abandoned_date,region", 'a,2025-09-01,"two', 'lines"', "", "b,never,North", "c,2025-09-01,x"]
    intake = read_bytes(ending.join(lines).encode())
    assert intake.quarantine["line"].tolist() == [5]
    assert intake.locate(intake.rows.index.to_numpy())["line"].tolist() == [2, 6]
