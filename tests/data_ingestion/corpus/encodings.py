"""The good table and broken ones in every encoding."""

from collections.abc import Iterator
from functools import partial

from tests.data_ingestion.corpus.case import Accounted, Case, Refused
from tests.data_ingestion.corpus.good import csv

TEXT = csv()
WHOLE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


def cases() -> Iterator[Case]:
    """Yield the good table in every encoding and with every delimiter, and files that mix or break them."""
    for encoding in WHOLE:
        yield Case(f"encoding {encoding}", partial(TEXT.encode, encoding), Accounted())
    for encoding in ("cp1252", "latin-1"):
        guessed = Accounted(warning="Windows-1252")
        yield Case(f"encoding {encoding}", partial(TEXT.encode, encoding), guessed)
    for name, delimiter in DELIMITERS.items():
        for end in ("\n", "\r\n", "\r"):
            text = csv(delimiter=delimiter, end=end, always=end == "\r\n")
            yield Case(f"{name} and {end!r}", partial(text.encode, "utf-8"), Accounted())
    separated = "sep=;\r\n" + csv(delimiter=";")
    yield Case("a separator line", partial(separated.encode, "utf-8"), Accounted())
    yield from _mixed()
    yield from _broken()


def _mixed() -> Iterator[Case]:
    utf8, cp1252 = TEXT.encode(), TEXT.encode("cp1252")
    split = TEXT.index("Süd")
    yield Case(
        "UTF-8, then Windows-1252",
        lambda: TEXT[:split].encode() + TEXT[split:].encode("cp1252"),
        Refused("line 5 is not UTF-8", "line 5"),
    )
    yield Case(
        "the mark of UTF-8 on Windows-1252", lambda: b"\xef\xbb\xbf" + cp1252, Refused("starts with the UTF-8 mark")
    )
    yield Case("the mark of UTF-16 on UTF-8", lambda: b"\xff\xfe" + utf8, Refused("required columns are missing"))
    yield Case("two marks", lambda: b"\xef\xbb\xbf\xef\xbb\xbf" + utf8, Accounted())


def _broken() -> Iterator[Case]:
    utf8 = TEXT.encode()
    place = utf8.index("ë".encode())
    damaged = "the text is UTF-16, but damaged"
    yield Case("half a character of UTF-16", lambda: TEXT.encode("utf-16")[:-1], Refused(damaged))
    yield Case("UTF-32 cut off", lambda: TEXT.encode("utf-32-le")[:-2], Refused("the text is UTF-32, but damaged"))
    yield Case("half a surrogate", lambda: TEXT.encode("utf-16") + b"\x00\xd8", Refused(damaged))
    yield Case(
        "a byte of no encoding",
        lambda: utf8[:place] + b"\x81" + utf8[place + 2 :],
        Refused("line 5 is not UTF-8", "line 5"),
    )
    yield Case("a zero byte in a row", lambda: utf8.replace(b"West", b"We\0st"), Refused("zero bytes", "line 6"))
    yield Case("a zero byte in the header", lambda: b"\0" + utf8, Refused("zero bytes", "line 1"))
    yield Case("zero bytes at the end", lambda: utf8 + b"\0" * 512, Refused("zero bytes", "line 8"))
    yield Case("zero bytes only", lambda: b"\0" * 4096, Refused("zero bytes", "line 1"))
