"""Bytes of a text file -> chunks of UTF-8."""

import codecs
from collections.abc import Iterator

from data_ingestion.files.byte_source import ByteSource
from data_ingestion.options import ENCODINGS, codec_of
from retention.errors import SourceError

CHUNK_BYTES = 4 << 20

PLAIN = ("utf-8", "utf-8-sig")
"""Encodings whose bytes are passed on as they are."""

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class NotUtf8(Exception):  # noqa: N818 - a signal to read the file again in another encoding
    """The bytes are not UTF-8, and nothing before them showed that they should be."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def sniff_encoding(sample: bytes) -> str:
    """Return the encoding that a file starts in: a byte-order mark, the zeros of UTF-16, else UTF-8.

    >>> sniff_encoding("a,b".encode("utf-16-le")), sniff_encoding(b"a,b")
    ('utf-16-le', 'utf-8')
    """
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    # Headers are mostly ASCII, so without a mark every second byte of UTF-16 is zero, and three of four of UTF-32.
    start = sample[:64]
    if len(start) >= 8 and 5 * len(start) <= 8 * start.count(0) < 8 * len(start):
        return "utf-32-be" if start[0] == 0 else "utf-32-le"
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) * 4 > len(start) and min(even, odd) * 8 < max(even, odd):
        return "utf-16-be" if even > odd else "utf-16-le"
    return "utf-8"


def utf8_chunks(source: ByteSource, encoding: str) -> Iterator[bytes]:
    """Yield the file as UTF-8 bytes without a byte-order mark; UTF-8 itself is passed on unchecked.

    Raises:
        SourceError: The bytes do not fit the encoding.
    """
    mark = next((mark for mark, name in _MARKS if name == encoding), b"")
    decoder = None if encoding in PLAIN else codecs.getincrementaldecoder(codec_of(encoding))()
    chunk = source.read(CHUNK_BYTES).removeprefix(mark)
    while chunk:
        yield chunk if decoder is None else _recode(decoder, chunk, source.name, encoding)
        chunk = source.read(CHUNK_BYTES)
    if decoder is not None:
        yield _recode(decoder, b"", source.name, encoding, final=True)


def _recode(
    decoder: codecs.IncrementalDecoder, chunk: bytes, name: str, encoding: str, *, final: bool = False
) -> bytes:
    try:
        return decoder.decode(chunk, final).encode()
    except UnicodeError as error:
        what = f"the text is {encoding[:6].upper()}, but damaged or cut off"
        if encoding in ENCODINGS or not encoding.startswith("utf"):
            what = f"the text is neither UTF-8 nor {ENCODINGS.get(encoding, encoding)} throughout"
        raise SourceError(what, where=name, hint="Export it again as UTF-8") from error
