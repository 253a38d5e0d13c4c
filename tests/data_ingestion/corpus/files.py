"""Files that are packed, cut, damaged, something else than they say, or made to do harm."""

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Iterator
from datetime import date, time
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq

from data_ingestion import ReadLimits
from tests.data_ingestion.corpus.case import Accounted, Case, Refused
from tests.data_ingestion.corpus.good import GOOD, HEADER, changed, csv, excel, parquet, typed

TEXT = csv().encode()
LONG = (csv() + "".join(f"u{n},2025-09-01,,1,1,1,1,1,1,,,,x,\n" for n in range(5_000))).encode()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zipped(*members: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def cases() -> Iterator[Case]:
    """Yield files whose bytes, rather than their rows, are at fault."""
    yield from _packed()
    yield from _no_tables()
    yield from _workbooks()
    yield from _parquets()
    yield from _limits()


def _packed() -> Iterator[Case]:
    cut = Refused("the compressed file is damaged or was cut off")
    for name, pack in (("gzip", gzip.compress), ("xz", partial(lzma.compress, preset=0))):
        yield Case(name, partial(pack, TEXT), Accounted())
        yield Case(f"{name} of UTF-16", partial(pack, TEXT.decode().encode("utf-16")), Accounted())
        yield Case(f"{name} cut at its end", partial(bytes, pack(LONG)[:-9]), cut)
        yield Case(f"{name} cut in the middle", partial(bytes, pack(LONG)[: len(pack(LONG)) // 2]), cut)
        yield Case(f"{name} with a byte changed", partial(_flipped, pack(LONG)), cut)
        yield Case(f"{name} of nothing", partial(pack, b""), Refused("the file is empty"))
        yield Case(f"{name} of a workbook", partial(pack, excel()), Refused("the file contains a compressed xlsx file"))
    yield Case("gzip in gzip", lambda: gzip.compress(gzip.compress(TEXT)), Refused("is compressed twice"))
    yield Case("two gzip parts", lambda: gzip.compress(TEXT[:200]) + gzip.compress(TEXT[200:]), Accounted())
    yield Case("gzip, then other bytes", lambda: gzip.compress(TEXT) + b"other bytes", cut)
    yield Case("gzip mark only", lambda: b"\x1f\x8b", cut)
    yield Case("zip of one table", lambda: zipped(("export/customers.csv", TEXT)), Accounted())
    yield Case("zip made on a Mac", lambda: zipped(("a.csv", TEXT), ("__MACOSX/._a.csv", b"x")), Accounted())
    yield Case("zip with a path that leads out", lambda: zipped(("../../a.csv", TEXT)), Accounted())
    yield from _parts()
    yield Case("zip of nothing", zipped, Refused("is an empty zip archive"))
    yield Case(
        "zip of a workbook", lambda: zipped(("a.xlsx", excel())), Refused("the file contains a compressed xlsx file")
    )
    yield Case(
        "zip cut off", lambda: zipped(("a.csv", LONG))[:-40], Refused("zip archive or Excel workbook is damaged")
    )
    yield Case("zip with a byte changed", lambda: _flipped(zipped(("a.csv", LONG))), cut)
    yield Case("bzip2", lambda: bz2.compress(TEXT), Refused("is compressed with bzip2"))


def _parts() -> Iterator[Case]:
    head, lines = TEXT.splitlines(keepends=True)[0], TEXT.splitlines(keepends=True)[1:]
    parts = [(f"orders_export_{place}.csv", head + line) for place, line in enumerate(lines, start=1)]
    yield Case("zip of parts", lambda: zipped(*parts), Accounted(warning="6 files were read as one table"))
    yield Case("zip of parts in another order", lambda: zipped(*reversed(parts)), Accounted())
    yield Case(
        "zip of parts without line ends",
        lambda: zipped(*((f"p{place}", head + line.rstrip(b"\r\n")) for place, line in enumerate(lines))),
        Accounted(),
    )
    yield Case(
        "zip of parts with marks",
        lambda: zipped(*((name, b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n")) for name, text in parts)),
        Accounted(),
    )
    folder = (("export/", b""), ("export/.DS_Store", b"\0\0"), ("export/a.csv", TEXT), ("export/Thumbs.db", b"\0"))
    yield Case("zip of a folder", lambda: zipped(*folder), Accounted())
    yield Case(
        "zip of two tables",
        lambda: zipped(("a.csv", TEXT), ("b.csv", b"code,name\n1,2\n")),
        Refused("not parts of one table: 'a.csv' and 'b.csv'"),
    )


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


def _no_tables() -> Iterator[Case]:
    page = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>"
    contents: dict[str, tuple[bytes, str]] = {
        "nothing": (b"", "the file is empty"),
        "blanks": (b" \r\n\t\n", "the file is empty"),
        "a mark only": (b"\xef\xbb\xbf", "the file is empty"),
        "the header only": (TEXT.splitlines(keepends=True)[0], "has no rows, only a header"),
        "the header without line end": (TEXT.splitlines()[0], "has no rows, only a header"),
        "a web page": (page, "is a web page"),
        "a web page in UTF-16": (page.decode().encode("utf-16"), "is a web page"),
        "a web page after blanks": (b"\n\n  " + page, "is a web page"),
        "xml": (b"<?xml version='1.0'?><rows/>", "is an XML or HTML document"),
        "a Git LFS pointer": (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            "is a Git LFS pointer",
        ),
        "an array of JSON": (json.dumps([{"user_id": "3"}]).encode(), "is JSON"),
        "an object of JSON over lines": (json.dumps({"user_id": "3"}, indent=1).encode(), "is JSON"),
        "PDF": (b"%PDF-1.7\n%...", "is a PDF document"),
        "RTF": (b"{\\rtf1 text}", "is an RTF document"),
        "SQLite": (b"SQLite format 3\0" + b"\0" * 100, "is a SQLite database"),
        "zstd": (b"\x28\xb5\x2f\xfd....", "is compressed with zstd"),
        "RAR": (b"Rar!\x1a\x07\x00", "is a RAR archive"),
        "7-Zip": (b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive"),
        "prose": (b"Dear colleague,\nthe table follows.\n", "required columns are missing"),
        "an error message": (b"Error 500: the export failed\n", "required columns are missing"),
        "PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "zero bytes"),
    }
    for name, (content, phrase) in contents.items():
        yield Case(name, partial(bytes, content), Refused(phrase))


def _workbooks() -> Iterator[Case]:
    yield Case("workbook of texts", excel, Accounted())
    yield Case("workbook of numbers and times", lambda: excel(typed()), Accounted())
    yield Case("workbook with other sheets", lambda: excel(after=["Notes"]), Accounted(warning="left out: 'Notes'"))
    yield Case("workbook with blank rows", lambda: excel([[], *GOOD[:3], [], *GOOD[3:], [""]]), Accounted())
    yield Case("workbook, first sheet empty", lambda: excel(before=["Cover"]), Refused("the sheet is empty"))
    yield Case("empty workbook", lambda: excel([]), Refused("the sheet is empty"))
    yield Case("workbook with a header only", lambda: excel(GOOD[:1]), Refused("has no rows, only a header"))
    yield Case("workbook with a title", lambda: excel([["Customers"], *GOOD]), Accounted(warning="above"))
    long = [[*cells, *([None] * 3), "x"] if row == 3 else cells for row, cells in enumerate(GOOD)]
    yield Case("workbook with a long row", lambda: excel(long), Accounted(("too_many_fields",), without=("3",)))
    error = changed("cart_value", "#REF!")
    yield Case(
        "workbook with an error in a cell",
        lambda: excel(error),
        Accounted(cell=("3", "cart_value", None), unread=("not_a_number",)),
    )
    for name, cell in (("a time of day", time(10, 30)), ("a serial number", 45_901), ("a truth", True)):
        yield Case(
            f"workbook with {name} for a date",
            partial(excel, _cell(1, cell)),
            Accounted(("not_a_date",), without=("3",)),
        )
    day = Accounted(cell=("3", "cart_abandoned_date", "2025-09-03"))
    yield Case("workbook with a day for a time", lambda: excel(_cell(1, date(2025, 9, 3))), day)
    yield Case("workbook with a number for an id", lambda: excel(_cell(0, 3)), Accounted())
    yield Case(
        "workbook with an id that lost digits",
        lambda: excel(_cell(0, 12345678901234567)),
        Refused("more than 15 digits", "user_id"),
    )
    yield from _no_workbooks()


def _no_workbooks() -> Iterator[Case]:
    yield Case("workbook cut off", lambda: excel()[:-100], Refused("workbook is damaged"))
    yield Case("workbook with a byte changed", lambda: _flipped(excel()), Refused("workbook is damaged"))
    yield Case("workbook without sheets", lambda: zipped(("xl/workbook.xml", b"<x/>")), Refused("workbook is damaged"))
    yield Case(
        "encrypted workbook",
        lambda: OLE + "EncryptedPackage".encode("utf-16-le"),
        Refused("password-protected Excel workbook"),
    )
    yield Case("Excel 97", lambda: OLE + b"\0" * 512 + "Workbook".encode("utf-16-le"), Refused("an Excel 97 workbook"))
    yield Case("another file of Office", lambda: OLE + b"\0" * 900, Refused("password-protected or old (.xls)"))
    yield Case(
        "binary workbook", lambda: zipped(("xl/workbook.bin", b"x"), ("a", b"")), Refused("binary Excel workbook")
    )
    yield Case("OpenDocument", lambda: zipped(("mimetype", b"x"), ("content.xml", b"<x/>")), Refused("OpenDocument"))


def _cell(column: int, value: object) -> list[list[object]]:
    """Return the good table with a typed cell in the touched row."""
    return [
        [value if (row, place) == (3, column) else cell for place, cell in enumerate(cells)]
        for row, cells in enumerate(GOOD)
    ]


def _parquets() -> Iterator[Case]:
    for codec in ("none", "snappy", "gzip", "zstd"):
        yield Case(f"Parquet, {codec}", partial(parquet, compression=codec), Accounted())
    yield Case("Parquet of numbers and times", lambda: parquet(typed()), Accounted())
    damaged = Refused("the Parquet file is damaged or encrypted")
    yield Case("Parquet cut off", lambda: parquet()[:-10], damaged)
    yield Case("Parquet without its end", lambda: parquet()[: len(parquet()) // 2], damaged)
    yield Case("Parquet marks only", lambda: b"PAR1" + b"\0" * 64 + b"PAR1", damaged)
    yield Case(
        "Parquet without rows",
        lambda: parquet_of({name: pa.array([], pa.string()) for name in HEADER}),
        Refused("has no rows"),
    )
    nested = {name: pa.array(["3"]) for name in HEADER} | {"cart_value": pa.array([[1.0]])}
    yield Case("Parquet with nested values", lambda: parquet_of(nested), Refused("holds nested values", "cart_value"))
    lost = {name: pa.array(["3"]) for name in HEADER} | {"user_id": pa.array([2.0**60])}
    yield Case(
        "Parquet with ids that lost digits", lambda: parquet_of(lost), Refused("last digits are lost", "user_id")
    )
    blob = {name: pa.array(["3"]) for name in HEADER} | {"region": pa.array([b"\xff\xfe"])}
    yield Case("Parquet with bytes that are no text", lambda: parquet_of(blob), Refused("not UTF-8 text", "region"))
    lacking = {name: pa.array(["3"]) for name in HEADER if name not in ("user_id", "email", "phone")}
    yield Case("Parquet that names nobody", lambda: parquet_of(lacking), Refused("user_id"))


def parquet_of(columns: dict[str, pa.Array]) -> bytes:
    """Return columns as Parquet."""
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _limits() -> Iterator[Case]:
    small = {"limits": ReadLimits(decoded_bytes=100_000)}
    over = Refused("unpacks to more than 100,000 bytes")
    bomb = TEXT + b"u,2025-09-01,,1,1,1,1,1,1,,,,x,\n" * 100_000
    yield Case("a gzip bomb", lambda: gzip.compress(bomb), over, small)
    yield Case("an xz bomb", lambda: lzma.compress(bomb), over, small)
    yield Case("a zip bomb", lambda: zipped(("a.csv", bomb)), over, small)
    pieces = [(f"{place}.csv", bomb[: len(bomb) // 50]) for place in range(50)]
    yield Case("a zip bomb of parts", lambda: zipped(*pieces), over, small)
    yield Case("a workbook that inflates", lambda: zipped(("xl/workbook.xml", b" " * 1_000_000)), over, small)
    values = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), pa.array(["x" * 10_000]))
    inflating = {name: pa.array(["2025-09-01"] * 2_000) for name in HEADER} | {"region": values}
    yield Case("a Parquet file that inflates", lambda: parquet_of(inflating), over, small)
    yield Case("too many rows", lambda: LONG, Refused("more than 1,000 rows"), {"limits": ReadLimits(rows=1_000)})
    record = {"limits": ReadLimits(record_bytes=10_000)}
    yield Case(
        "a line without end",
        lambda: TEXT + b"x" * 9_000_000,
        Refused("starts on line 8 is longer than", "line 8"),
        record,
    )
    ratio = {"limits": ReadLimits(ratio=1)}
    yield Case("packed, but small", lambda: gzip.compress(LONG[: len(TEXT)]), Accounted(), ratio)
