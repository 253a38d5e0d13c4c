"""Files -> bytes: decoded ones, metered against the limits, with a hash of the raw ones."""

import gzip
import hashlib
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Protocol, cast

from data_ingestion.formats.header import header_place
from data_ingestion.options import RATIO_FROM, ReadLimits
from retention.errors import Remedy, Setting, SourceError


class Meter:
    """Counts what was decoded, over all files of one reading, against the limits."""

    def __init__(self, limits: ReadLimits) -> None:
        self.limits = limits
        self._bytes = 0
        self._rows = 0
        self._of_file = self._allowed = 0

    def begin(self, size: int) -> None:
        """Start with a file of so many bytes, which may decode to a multiple of them only."""
        self._of_file, self._allowed = 0, max(RATIO_FROM, size * self.limits.ratio)

    def mark(self) -> tuple[int, int]:
        """Return the counts, to come back to when a file has to be read again."""
        return self._bytes, self._rows

    def reset(self, mark: tuple[int, int]) -> None:
        """Forget what was counted since a mark."""
        self._bytes, self._rows = mark

    def add_bytes(self, count: int, name: str) -> None:
        """Count decoded bytes; raise `SourceError` where they are more than the limits."""
        self._bytes += count
        self._of_file += count
        if self._allowed and self._of_file > self._allowed:
            what = f"the file unpacks to more than {self.limits.ratio:,} times its size, as malicious files do"
            hint = "If it is a table that you trust, allow more"
            raise _over(what, name, hint, Setting.MOST_RATIO, self.limits.ratio)
        if self._bytes > self.limits.decoded_bytes:
            what = f"the input unpacks to more than {self.limits.decoded_bytes:,} bytes"
            hint = "Split it, check that it is the right file, or allow more"
            raise _over(what, name, hint, Setting.MOST_BYTES, self.limits.decoded_bytes)

    def add_rows(self, count: int, name: str) -> None:
        """Count rows; raise `SourceError` where they are more than the limit."""
        self._rows += count
        if self._rows > self.limits.rows:
            what = f"the input has more than {self.limits.rows:,} rows"
            raise _over(what, name, "Split it, or allow more", Setting.MOST_ROWS, self.limits.rows)

    def check_columns(self, count: int, name: str) -> None:
        """Check the number of columns of a file; raise `SourceError` where it is more than the limit."""
        if count > self.limits.columns:
            what = f"the file has more than {self.limits.columns:,} columns"
            raise _over(what, name, "Leave out what is not needed, or allow more", Setting.MOST_COLUMNS, count)


def _over(what: str, name: str, hint: str, setting: Setting, limit: int) -> SourceError:
    # What is over is read no further, so nobody knows how much is needed; ten times as much will mostly do.
    return SourceError(what, where=name, hint=hint, remedies=(Remedy(setting, (str(10 * limit),)),))


class _HashedFile(io.RawIOBase):
    """A file whose raw bytes are hashed and counted as they are read."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self.digest = hashlib.sha256()
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._raw.read(size)
        self.digest.update(data)
        self.count += len(data)
        return data

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)


# NotImplementedError: a zip archive is packed in a way that the library does not know.
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class ByteSource:
    """Decoded bytes of a text file, in one pass, and the file underneath."""

    def __init__(self, stream: _Readable, raw: _HashedFile, size: int, name: str, meter: Meter) -> None:
        self._stream, self._raw, self._size = stream, raw, size
        self.packed = stream is not raw
        self.notices: list[str] = getattr(stream, "notices", [])
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
        except _DAMAGE as error:
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
    """Open a plain, gzip or xz file, or a zip archive of one table, for one pass over its decoded bytes."""
    size = path.stat().st_size
    meter.begin(size)
    with path.open("rb") as handle, ExitStack() as opened:
        magic = handle.read(6)
        handle.seek(0)
        raw = _HashedFile(handle)
        stream: _Readable = raw
        if magic.startswith(b"\x1f\x8b"):
            stream = cast(_Readable, gzip.GzipFile(fileobj=io.BufferedReader(raw, 1 << 20)))
        elif magic.startswith(b"\xfd7zXZ\x00"):
            stream = cast(_Readable, lzma.LZMAFile(cast(IO[bytes], io.BufferedReader(raw, 1 << 20))))  # noqa: SIM115
        elif magic.startswith(b"PK\x03\x04"):
            stream = _archived(path, name, opened) or raw
        yield ByteSource(stream, raw, size, name, meter)


_OF_SYSTEMS = re.compile(r"(^|/)(__MACOSX/|\.[^./]|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
"""What systems put into archives beside the files of a person."""
_OF_OFFICE = re.compile(r"xl/|\[Content_Types\]\.xml$|content\.xml$|mimetype$")
_LONGEST_LINE = 1 << 20
_TOP = 50
"""Lines of a part among which the header is."""
_MOST_NAMED, _MOST_PARTS = 5, 1_000


class _Parts:
    """The files of an archive that are parts of one table, as one text with the header of the first."""

    def __init__(self, archive: zipfile.ZipFile, files: Sequence[zipfile.ZipInfo], name: str) -> None:
        names = named([Path(each.filename).name for each in files])
        self.notices = [f"{name}: {len(files):,} files were read as one table: {names}"] if files[1:] else []
        self._archive, self._files, self._name = archive, iter(files), name
        self._first = next(self._files)
        self._part = archive.open(self._first)
        top = [self._part.readline(_LONGEST_LINE) for _ in range(_TOP if files[1:] else 1)]
        self._held, plain = b"".join(top), [_plain_line(line) for line in top]
        self._delimiter = max((b",", b";", b"\t", b"|"), key=self._held.count)
        rows = [line.decode(errors="replace").split(self._delimiter.decode()) for line in plain]
        self._header = plain[header_place(rows)]
        self._last, self._above = b"\n", 0

    def read(self, size: int, /) -> bytes:
        """Return some of the text, `b""` at its end."""
        data, self._held = self._held + self._part.read(max(1, size - len(self._held))), b""
        while not data and (file := next(self._files, None)) is not None:
            self._part.close()
            self._part = self._archive.open(file)
            line = first = self._part.readline(_LONGEST_LINE)
            # A title above the header has fewer cells.
            for _ in range(_TOP):
                if line and _plain_line(line).count(self._delimiter) < self._header.count(self._delimiter):
                    self._above += bool(_plain_line(line))
                    line = self._part.readline(_LONGEST_LINE)
            # Objects of JSON lines name their members themselves, so there is no header to leave out.
            headed = not self._header.startswith(b"{")
            if first and headed and (_plain_line(line) != self._header or b"\0" in line):
                raise self._different(file)
            ended = b"" if self._last in (b"\n", b"\r") else b"\n"
            data = ended + (b"" if headed else line) or self._part.read(size)
        if not data and self._above:
            what = "rows above the headers of further files were passed over"
            self.notices.append(f"{self._name}: {what}: {self._above:,}")
            self._above = 0
        self._last = data[-1:]
        return data

    def close(self) -> None:
        """Close the part that is open; the archive stays open as long as one is."""
        self._part.close()

    def _different(self, file: zipfile.ZipInfo) -> SourceError:
        one, other = (Path(each.filename).name for each in (self._first, file))
        return SourceError(
            f"the zip archive contains files that are not parts of one table: '{one}' and '{other}' start differently",
            where=self._name,
            hint="Unpack it, and give each table as an input of its own",
        )


def named(names: Sequence[str]) -> str:
    """Return the first names of a list in quotes, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(f"'{name}'" for name in names[:_MOST_NAMED]) + more


def _plain_line(line: bytes) -> bytes:
    return line.removeprefix(b"\xef\xbb\xbf").strip()


def _archived(path: Path, name: str, opened: ExitStack) -> _Readable | None:
    """Return the text in a zip archive; None if it is a workbook, holds nothing, or is damaged."""
    try:
        archive = opened.enter_context(zipfile.ZipFile(path))
        files = [each for each in archive.infolist() if not each.is_dir() and not _OF_SYSTEMS.search(each.filename)]
        if not files or any(_OF_OFFICE.match(each.filename) or each.header_offset < 0 for each in files):
            return None
        if any(each.flag_bits & 1 for each in files):
            raise SourceError("the zip archive needs a password", where=name, hint="Unpack it first")
        if len(files) > _MOST_PARTS:
            raise SourceError(f"the zip archive contains {len(files):,} files", where=name, hint="Unpack it first")
        # Parts are numbered: the tenth comes after the second, whatever their order in the archive.
        parts = _Parts(archive, sorted(files, key=lambda each: _numbered(each.filename)), name)
        opened.callback(parts.close)
        return parts
    except (*_DAMAGE, UnicodeDecodeError):
        return None


def _numbered(name: str) -> list[tuple[str, int]]:
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D+)(\d*)", f" {name}")]


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
