"""Files -> bytes: what a file is, judged by its content, and its decoded bytes with a hash of the raw ones."""

import gzip
import hashlib
import io
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Protocol, cast

from data_ingestion.options import Limits
from retention.errors import SourceError

SAMPLE_BYTES = 1 << 16


class FileKind(StrEnum):
    """What a file holds."""

    CSV = "csv"
    PARQUET = "parquet"
    XLSX = "xlsx"
    JSONL = "jsonl"


class Meter:
    """Counts what was decoded, over all files of one reading, against the limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._bytes = 0
        self._rows = 0

    def mark(self) -> tuple[int, int]:
        """Return the counts, to come back to when a file has to be read again."""
        return self._bytes, self._rows

    def reset(self, mark: tuple[int, int]) -> None:
        """Forget what was counted since a mark."""
        self._bytes, self._rows = mark

    def add_bytes(self, count: int, name: str) -> None:
        """Count decoded bytes.

        Raises:
            SourceError: They are more than the limit.
        """
        self._bytes += count
        if self._bytes > self.limits.decoded_bytes:
            raise SourceError(
                f"the input decodes to more than {self.limits.decoded_bytes:,} bytes",
                where=name,
                hint="Split it, or check that it is the right file",
            )

    def add_rows(self, count: int, name: str) -> None:
        """Count rows.

        Raises:
            SourceError: They are more than the limit.
        """
        self._rows += count
        if self._rows > self.limits.rows:
            raise SourceError(f"the input has more than {self.limits.rows:,} rows", where=name, hint="Split it")


class _HashedFile(io.RawIOBase):
    """A file whose raw bytes are hashed and counted as they are read."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self.digest = hashlib.sha256()
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        data = self._raw.read(len(view))
        view[: len(data)] = data
        self.digest.update(data)
        self.count += len(data)
        return len(data)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class ByteSource:
    """Decoded bytes of a text file, in one pass.

    Args:
        stream: Where the decoded bytes come from.
        raw: The file underneath.
        size: Its size in bytes.
        name: Its base name, for errors.
        meter: Limits.
    """

    def __init__(self, stream: _Readable, raw: _HashedFile, size: int, name: str, meter: Meter) -> None:
        self._stream, self._raw, self._size = stream, raw, size
        self.packed = stream is not raw
        self.name, self.meter = name, meter

    @property
    def fraction(self) -> float:
        """How much of the raw file has been read, from 0 to 1."""
        return min(1.0, self._raw.count / max(1, self._size))

    def read(self, size: int) -> bytes:
        """Return up to so many decoded bytes; `b""` at the end.

        Raises:
            SourceError: The compressed data is damaged, cut off, or decodes to too much.
        """
        try:
            data = self._stream.read(size)
        except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
            raise SourceError(
                "the compressed file is damaged or was cut off", where=self.name, hint="Copy or export it again"
            ) from error
        self.meter.add_bytes(len(data), self.name)
        return data

    def sha256(self) -> str:
        """Return the hash of the raw file; call it after reading to the end."""
        while self._raw.read(1 << 20):
            continue
        return self._raw.digest.hexdigest()


@contextmanager
def open_bytes(path: Path, name: str, meter: Meter) -> Iterator[ByteSource]:
    """Open a plain, gzip or xz file for one pass over its decoded bytes."""
    with path.open("rb") as handle:
        magic = handle.read(6)
        handle.seek(0)
        raw = _HashedFile(handle)
        stream: _Readable = raw
        if magic.startswith(b"\x1f\x8b"):
            stream = cast(_Readable, gzip.GzipFile(fileobj=io.BufferedReader(raw, 1 << 20)))
        elif magic.startswith(b"\xfd7zXZ\x00"):
            stream = cast(_Readable, lzma.LZMAFile(cast(IO[bytes], io.BufferedReader(raw, 1 << 20))))  # noqa: SIM115
        yield ByteSource(stream, raw, path.stat().st_size, name, meter)


def detect_kind(path: Path, name: str, meter: Meter) -> tuple[FileKind, bytes]:
    """Return what a file holds and a sample of its decoded bytes; the extension plays no part.

    Raises:
        SourceError: The file cannot be opened, or is nothing that holds a table.
    """
    try:
        with open_bytes(path, name, Meter(meter.limits)) as source:
            sample = source.read(SAMPLE_BYTES)
            packed = source.packed
    except OSError as error:
        raise SourceError(f"the file cannot be opened: {error.strerror}", where=name) from error
    kind = _kind_of(sample, name)
    if packed and kind not in (FileKind.CSV, FileKind.JSONL):
        raise SourceError(f"holds a compressed {kind} file", where=name, hint="Unpack it first")
    return kind, sample


_NOT_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"%pdf", "is a PDF document"),
    (b"version https://git-lfs", "is a Git LFS pointer, not the file itself"),
    (b"<!doctype html", "is a web page"),
    (b"<html", "is a web page"),
    (b"<", "is an XML or HTML document"),
    (b"{\\rtf", "is an RTF document"),
    (b"[", "is JSON, but not one object a line"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd"),
    (b"bzh", "is compressed with bzip2"),
    (b"rar!", "is a RAR archive"),
    (b"7z\xbc\xaf", "is a 7-Zip archive"),
    (b"sqlite format 3", "is a SQLite database"),
)


def _kind_of(sample: bytes, name: str) -> FileKind:
    if sample.startswith(b"PAR1"):
        return FileKind.PARQUET
    if sample.startswith(b"PK\x03\x04"):
        return FileKind.XLSX
    if sample.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError(
            "is a password-protected or old (.xls) Excel workbook", where=name, hint="Save it as .xlsx, no password"
        )
    start = sample.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not start:
        raise SourceError("the file is empty", where=name)
    for magic, what in _NOT_TABLES:
        if start.startswith(magic):
            raise SourceError(f"{what}", where=name, hint="A CSV, JSON lines, Parquet or Excel (.xlsx) table is needed")
    # In UTF-16 a mark and zeros stand around the first brace.
    letters = sample[:64].lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"").lstrip()
    return FileKind.JSONL if letters.startswith(b"{") else FileKind.CSV


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
