"""The door to every file: its kind, encoding, dialect, header and blocks are found here, whoever reads it."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from data_ingestion.files.blocks import Table
from data_ingestion.files.byte_source import Meter, open_bytes
from data_ingestion.files.csv_text import open_csv
from data_ingestion.files.encoding_choice import BYTES, choose_encoding
from data_ingestion.files.encodings import NotUtf8, sniff_encoding
from data_ingestion.files.fixed_width import blank_separated, open_blank_separated
from data_ingestion.files.jsonl_text import open_jsonl
from data_ingestion.files.parquet_text import open_parquet
from data_ingestion.formats import Format
from data_ingestion.formats.header import EVERYTHING
from data_ingestion.options import ENCODINGS, ReadOptions, codec_of
from retention.errors import Remedy, Setting, SourceError

SAMPLE_BYTES = 1 << 16
Answer = TypeVar("Answer")


class FileKind(StrEnum):
    """What a file holds."""

    CSV = "csv"
    PARQUET = "parquet"
    XLSX = "xlsx"
    JSONL = "jsonl"


def read_table(
    path: Path,
    name: str,
    meter: Meter,
    use: Callable[[Table], Answer],
    options: ReadOptions,
    *,
    as_format: Format | None = None,
) -> Answer:
    """Open a file, whatever it holds, and return what `use` makes of its table while that is open.

    That a text is not UTF-8 may show on its last line. Then it is read once more in another encoding, which is why
    the door takes a function and does not hand the table out: `use` has to start again.

    Raises:
        SourceError: It is no table, cannot be opened, or is damaged.
        ContractError: It lacks required columns.
    """
    check_readable(path, name)
    kind, sample = _detect_kind(path, name, meter)
    if kind is FileKind.PARQUET:
        return use(open_parquet(path, name, meter, as_format))
    if kind is FileKind.XLSX:
        from data_ingestion.files.excel_text import open_excel  # noqa: PLC0415 - few files need it

        return use(open_excel(path, name, meter, as_format))
    columns = open_blank_separated if blank_separated(sample) else open_csv
    open_text, encoding = open_jsonl if kind is FileKind.JSONL else columns, sniff_encoding(sample)
    mark = meter.mark()
    try:
        with open_bytes(path, name, meter) as source:
            return use(open_text(source, encoding, as_format))
    except NotUtf8 as error:
        if encoding != "utf-8":
            what = "the file is not UTF-8 although it starts with the UTF-8 mark"
            raise SourceError(what, where=name, hint="Save it again as UTF-8") from error
        stated = _asked_encoding(options, kind, f"{name}, line {error.line}", error)
    meter.reset(mark)
    if not stated:
        with open_bytes(path, name, Meter(meter.limits)) as source:
            encoding = choose_encoding(open_text(source, BYTES, EVERYTHING), as_format, options.mappings)
    with open_bytes(path, name, meter) as source:
        table = open_text(source, stated or encoding, as_format)
        if not stated:
            how = f"it was read as {ENCODINGS[encoding]}, and every encoding that fits gives the same text"
            table.warnings.append(f"{name} is not UTF-8; {how}")
        return use(table)


def _asked_encoding(options: ReadOptions, kind: FileKind, where: str, error: NotUtf8) -> str:
    """Return the encoding that a person says for text that is not UTF-8; `""`: it has to be found."""
    stated = "" if options.encoding == "auto" else options.encoding
    # JSON is UTF-8 by its own rule, so a byte that is not is damage.
    if (stated and codec_of(stated) == "utf-8") or (not stated and kind is FileKind.JSONL):
        what, hint = f"line {error.line} is not UTF-8", "Export it again as UTF-8, or say what it is"
        raise SourceError(what, where=where, hint=hint, remedies=(Remedy(Setting.ENCODING),)) from error
    return stated


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """Return the base names; a name that came before gets a number."""
    seen: dict[str, int] = {}
    names = []
    for path in paths:
        seen[path.name] = count = seen.get(path.name, 0) + 1
        names.append(path.name if count == 1 else f"{path.name} ({count})")
    return names


def check_readable(path: Path, name: str) -> None:
    """Check that a path is a file that can be read more than once."""
    if path.is_dir():
        raise SourceError("the input is a folder, not a file", where=name or str(path), hint="Name a file in it")
    if path.exists() and not path.is_file():
        # A table is read twice, once to see what it is; a pipe gives its bytes once, or waits, and a device has no end.
        raise SourceError(
            "the input is a pipe or a device, not a file", where=name, hint="Save the table as a file first"
        )


def _detect_kind(path: Path, name: str, meter: Meter) -> tuple[FileKind, bytes]:
    """Return what a file holds and a sample of its decoded bytes; the extension plays no part."""
    try:
        with open_bytes(path, name, Meter(meter.limits)) as source:
            sample = source.read(SAMPLE_BYTES)
            packed = source.packed
    except OSError as error:
        what, hint = f"the file cannot be opened: {error.strerror}", "Check the path, and that you may read it"
        raise SourceError(what, where=name, hint=hint) from error
    kind = _kind_of(sample, name)
    if packed and kind not in (FileKind.CSV, FileKind.JSONL):
        raise SourceError(f"the file contains a compressed {kind} file", where=name, hint="Unpack it first")
    return kind, sample


_NOT_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"%pdf", "is a PDF document"),
    (b"version https://git-lfs", "is a Git LFS pointer, not the file itself"),
    (b"<!doctype html", "is a web page"),
    (b"<html", "is a web page"),
    (b"<", "is an XML or HTML document"),
    (b"{\\rtf", "is an RTF document"),
    (b"[", "is JSON, but not one object per line"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd"),
    (b"\x1f\x8b", "is compressed twice"),
    (b"\xfd7zxz", "is compressed twice"),
    (b"bzh", "is compressed with bzip2"),
    (b"rar!", "is a RAR archive"),
    (b"7z\xbc\xaf", "is a 7-Zip archive"),
    (b"pk\x05\x06", "is an empty zip archive"),
    (b"sqlite format 3", "is a SQLite database"),
)


def _kind_of(sample: bytes, name: str) -> FileKind:
    if sample.startswith(b"PAR1"):
        return FileKind.PARQUET
    if sample.startswith(b"PK\x03\x04"):
        return FileKind.XLSX
    if sample.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError(_old_workbook(sample), where=name, hint="Save it as .xlsx, without a password")
    # In UTF-16 and UTF-32 there are zeros between the letters.
    start = sample.lstrip(b"\xef\xbb\xbf\xff\xfe\0").replace(b"\0", b"").lstrip().lower()
    if not start and b"\0" not in sample:
        raise SourceError("the file is empty", where=name, hint="Export it again, and check that it is the right file")
    for magic, what in _NOT_TABLES:
        if start.startswith(magic):
            raise SourceError(
                f"the file {what}", where=name, hint="A CSV, JSON lines, Parquet or Excel (.xlsx) table is needed"
            )
    # In UTF-16 a mark and zeros stand around the first brace.
    letters = sample[:64].lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"").lstrip()
    return FileKind.JSONL if letters.startswith(b"{") else FileKind.CSV


def _old_workbook(sample: bytes) -> str:
    """Return what a file in the old container of Microsoft Office is."""
    if "EncryptedPackage".encode("utf-16-le") in sample:
        return "the file is a password-protected Excel workbook"
    if "Workbook".encode("utf-16-le") in sample:
        return "the file is an Excel 97 workbook (.xls)"
    return "the file is a password-protected or old (.xls) Excel workbook"
