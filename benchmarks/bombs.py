"""Files that are made to fill a machine's memory or to keep it busy: what each of them takes, and what is said of it.

    python -m benchmarks.bombs          makes 42 of them, reads each, and shows a table
    python -m benchmarks.bombs NAME     one of them, shown only

Each is made at run time, and read by the command line with --memory-limit 2G.
"""

import gzip
import io
import json
import lzma
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.harness import ROOT

HEADER = b"user_id,cart_abandoned_date,region\n"
ROW = b"u1,2025-09-01,North\n"
LIMIT = "2G"
BIG = 256 << 20
PATIENCE = 300
"""Seconds after which a bomb is given up."""
QUERY = "SELECT * FROM carts"
Make = Callable[[Path], str | None]
"""Writes a file; returns the query where the file is a database."""


def _written(path: Path, parts: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(parts)


def _repeated(head: bytes, part: bytes, size: int) -> Iterator[bytes]:
    """Yield a text of some size, so that it is never in memory whole."""
    yield head
    piece = part * max(1, (1 << 20) // len(part))
    for _ in range(size // len(piece)):
        yield piece


def _long(head: bytes, part: bytes, size: int = BIG) -> Make:
    return lambda path: _written(path, _repeated(head, part, size))


def _gzip(head: bytes, part: bytes, size: int = 2 * BIG) -> Make:
    def make(path: Path) -> None:
        with gzip.open(path, "wb", compresslevel=1) as file:
            file.writelines(_repeated(head, part, size))

    return make


def _xz(path: Path) -> None:
    with lzma.open(path, "wb", preset=0) as file:
        file.writelines(_repeated(HEADER, ROW, 2 * BIG))


def _zip(*names: str, head: bytes = HEADER, part: bytes = ROW, size: int = 2 * BIG) -> Make:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name in names:
                with archive.open(name, "w", force_zip64=True) as file:
                    file.writelines(_repeated(head, part, size // len(names)))

    return make


def _object(path: Path) -> None:
    path.write_text(json.dumps({f"k{i}": i for i in range(4_000_000)}), encoding="utf-8")


def _nested(path: Path) -> None:
    inner = io.BytesIO()
    with gzip.GzipFile(fileobj=inner, mode="wb", compresslevel=1) as file:
        file.writelines(_repeated(HEADER, ROW, BIG))
    path.write_bytes(gzip.compress(inner.getvalue()))


WORKBOOK = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Target="sharedStrings.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>',
}
SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>user_id</t></is></c>'
    b'<c r="B1" t="inlineStr"><is><t>cart_abandoned_date</t></is></c></row>'
)
END = b"</sheetData></worksheet>"
CELL = '<c r="{place}" t="inlineStr"><is><t>x</t></is></c>'


def _sheet(rows: bytes | Iterator[bytes], texts: bytes = b"<sst/>", head: bytes = SHEET, end: bytes = END) -> Make:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for name, text in WORKBOOK.items():
                archive.writestr(name, text)
            archive.writestr("xl/sharedStrings.xml", texts)
            with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
                file.writelines([head, rows] if isinstance(rows, bytes) else [head, *rows])
                file.write(end)

    return make


def _cell(place: str) -> bytes:
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row}">{CELL.format(place=place)}</row>'.encode()


def _shared(path: Path) -> None:
    texts = b"<sst><si><t>" + b"x" * 32_000 + b"</t></si></sst>"
    rows = b"".join(f'<row r="{r}"><c r="A{r}" t="s"><v>0</v></c></row>'.encode() for r in range(2, 200_000))
    _sheet(rows, texts)(path)


LAUGHS = b"<!DOCTYPE w [<!ENTITY a 'ha'>" + b"".join(
    f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>".encode() for i in range(9)
)


def _columns(region: pa.Array, path: Path, **options: object) -> None:
    ids = pa.array(np.zeros(len(region), np.int32))
    table = pa.table({"user_id": ids, "cart_abandoned_date": ids.cast(pa.date32()), "region": region})
    pq.write_table(table, path, compression="zstd", **options)


def _repeats(rows: int, letters: int, *, category: bool = False) -> Make:
    """Make one text many times over, as a column of text or as a category."""

    def make(path: Path) -> None:
        codes = pa.array(np.zeros(rows, np.int32))
        _columns(pa.DictionaryArray.from_arrays(codes, pa.array(["x" * letters])), path, store_schema=category)

    return make


def _late(path: Path) -> None:
    texts = pa.array(["x"] * 50_000 + ["y" * (1 << 20)] * 1_000, pa.large_string())
    _columns(texts, path, use_dictionary=False, data_page_size=1 << 30)


def _plain(path: Path) -> None:
    texts = pa.array([f"{i}" + "y" * (1 << 20) for i in range(1_500)], pa.large_string())
    _columns(texts, path, use_dictionary=False, data_page_size=2_000_000_000)


def _wide(path: Path) -> None:
    pq.write_table(pa.table({f"c{i}": pa.array([1]) for i in range(20_000)}), path)


def _lists(path: Path) -> None:
    ids = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(10_000_000, np.int8)), 10_000)
    pq.write_table(pa.table({"user_id": ids, "cart_abandoned_date": ["2025-09-01"] * 1_000}), path)


def _database(select: str) -> Make:
    def make(path: Path) -> str:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE carts (user_id, cart_abandoned_date, region)")
        connection.close()
        return select

    return make


NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) SELECT "
CART = "i AS user_id, '2025-09-01' AS cart_abandoned_date"
BOMBS: dict[str, tuple[str, Make]] = {
    "one line of 256 MB": ("csv", _long(b"", b"x")),
    "one line of 256 MB below a header": ("csv", _long(HEADER, b"x")),
    "a quote that is never closed": ("csv", _long(HEADER + b'"', b"x,\n")),
    "quotes inside cells without quotes": ("csv", _long(HEADER, b'u"1,2025-09-01,No"rth\n', 16 << 20)),
    "a quote in each cell": ("csv", _long(HEADER, b'"u"1,"2025-09-01","N""orth"\n', 16 << 20)),
    "blank lines": ("csv", _long(HEADER, b"\n", 64 << 20)),
    "lines of delimiters": ("csv", _long(HEADER, b"," * 1_000 + b"\n")),
    "a header of a million columns": ("csv", _long(b"", b"column,", 8 << 20)),
    "zero bytes": ("csv", _long(HEADER, b"\0")),
    "carriage returns": ("csv", _long(HEADER, b"\r", 64 << 20)),
    "lines of one letter": ("csv", _long(HEADER, b"x\n", 64 << 20)),
    "a number of 200 MB": (
        "csv",
        _long(b"user_id,cart_abandoned_date,avg_order_value\nu1,2025-09-01,", b"9", 200 << 20),
    ),
    "blanks as columns": ("txt", _long(b"", b" " * 1_000 + b"1\n")),
    "gzip: 512 MB of rows": ("csv.gz", _gzip(HEADER, ROW)),
    "gzip: 512 MB of zeros": ("csv.gz", _gzip(b"", b"\0")),
    "gzip: a line of 512 MB": ("csv.gz", _gzip(HEADER, b"x")),
    "gzip inside gzip": ("csv.gz", _nested),
    "xz: 512 MB of rows": ("csv.xz", _xz),
    "zip: 512 MB of rows": ("zip", _zip("a.csv")),
    "zip: 512 MB in 50 parts": ("zip", _zip(*(f"{i}.csv" for i in range(50)))),
    "zip: a line of 512 MB": ("zip", _zip("a.csv", part=b"x")),
    "zip: 20,000 files": ("zip", _zip(*(f"{i}.csv" for i in range(20_000)), size=0)),
    "JSON nested a million times": ("jsonl", _long(b"", b'{"a":', 5 << 20)),
    "JSON: an object of 64 MB": (
        "jsonl",
        _object,
    ),
    "JSON: other names in each line": (
        "jsonl",
        lambda path: _written(path, (f'{{"user_id":1,"k{i}":{i}}}\n'.encode() for i in range(500_000))),
    ),
    "JSON: a text of 256 MB": ("jsonl", _long(b'{"user_id":"', b"x")),
    "Excel: a cell in the last row and column": ("xlsx", _sheet(_cell("XFD1048576"))),
    "Excel: a row above the last one": ("xlsx", _sheet(_cell("A4000000000"))),
    "Excel: a column beyond the last one": ("xlsx", _sheet(_cell("ZZZZZ2"))),
    "Excel: 20 million rows with nothing": ("xlsx", _sheet(_repeated(b"", b"<row/>", 120 << 20))),
    "Excel: one long text 200,000 times": ("xlsx", _shared),
    "Excel: definitions that multiply": ("xlsx", _sheet(b"&j;", head=LAUGHS + b"]>" + SHEET)),
    "Excel: 512 MB of blanks": ("xlsx", _sheet(_repeated(b"", b" ", 512 << 20))),
    "Parquet: 800,000 letters, 8,192 times": ("parquet", _repeats(8_192, 800_000)),
    "Parquet: the same as a category": ("parquet", _repeats(8_192, 800_000, category=True)),
    "Parquet: 1.5 GB of text in one page": ("parquet", _plain),
    "Parquet: large rows after small ones": ("parquet", _late),
    "Parquet: 50 million equal rows": ("parquet", _repeats(50_000_000, 1)),
    "Parquet: 20,000 columns": ("parquet", _wide),
    "Parquet: lists as identifiers": ("parquet", _lists),
    "query: 10,000 rows of 1 MB": (
        "db",
        _database(NUMBERS.format(most=10_000) + CART + ", hex(zeroblob(500000)) AS region FROM n"),
    ),
    "query: a cell of 500 MB": (
        "db",
        _database(f"SELECT 1 AS {'user_id'}, 1 AS cart_abandoned_date, hex(zeroblob(250000000)) AS region"),
    ),
}


def main(asked: list[str]) -> int:
    """Make and read the bombs that are asked for, or all."""
    if asked[:1] == ["make"]:
        print(BOMBS[asked[1]][1](Path(asked[2])) or "")
        return 0
    lines = ["| what it is | its size | what is said | peak memory | seconds |", "|---|---|---|---|---|"]
    for name in asked or BOMBS:
        lines.append(_row(name))
        print(lines[-1], flush=True)
    return 0


def _row(name: str) -> str:
    """Return the row of a bomb: made by one process and read by another, so that only the reading is measured."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"bomb.{BOMBS[name][0]}"
        command = [sys.executable, "-m", "benchmarks.bombs", "make", name, str(path)]
        query = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
        size = path.stat().st_size
        given = ["--input", f"sqlite:///{path}", "--query", query] if query else ["--input", str(path)]
        limits = ["--memory-limit", LIMIT, "--output_dir", str(Path(folder) / "out")]
        start = time.perf_counter()
        with (Path(folder) / "said").open("w+") as said:
            process = subprocess.Popen([sys.executable, "main.py", *given, *limits], cwd=ROOT, stdout=said, stderr=said)
            timer = Timer(PATIENCE, process.terminate)
            timer.start()
            _, status, used = os.wait4(process.pid, 0)
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            words = _words(said.read(), process.returncode)
    seconds = time.perf_counter() - start
    megabytes = used.ru_maxrss >> (20 if sys.platform == "darwin" else 10)
    return f"| {name} | {_size(size)} | {words} | {megabytes:,} MB | {seconds:.1f} |"


def _words(text: str, code: int) -> str:
    """Return what the command said: the problem, without place and advice."""
    if code not in (0, 2):
        return f"**exit code {code}**"
    if code == 0:
        return "read"
    told = re.sub(r"^Error: (\S+?(, [^:.]*)?: )?", "", text.strip().splitlines()[-1])
    return re.split(r"\. (?=[A-Z])|\.$", told)[0].replace("|", "\\|")[:110]


def _size(size: int) -> str:
    kilobytes = -(-size // 1_000)
    return f"{size:,} bytes" if size < 10_000 else f"{kilobytes:,} kB" if size < 10_000_000 else f"{size // 10**6:,} MB"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
