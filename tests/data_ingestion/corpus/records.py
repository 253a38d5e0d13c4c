"""Mutations of the shape of rows: fields lost and gained, quotes astray, cut ends."""

from collections.abc import Callable, Iterator
from functools import partial

from tests.data_ingestion.corpus.case import Accounted, Case, Refused
from tests.data_ingestion.corpus.good import csv

LINES = csv().splitlines()
TOUCHED_LINE = 3
"""Place of the touched row in `LINES`; it is line 4 of the file."""


def with_line(change: Callable[[str], str], place: int = TOUCHED_LINE, end: str = "\n") -> bytes:
    """Return the good file with one line changed."""
    lines = [change(line) if at == place else line for at, line in enumerate(LINES)]
    return (end.join(lines) + end).encode()


def _unclosed(line: str) -> str:
    return line.replace("North", '"North')


# Each changes line 4, so that its customer, 3, is lost.
BROKEN: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "a field lost": (lambda line: line.replace(",NA,", ","), ("too_few_fields",)),
    "half a row": (lambda line: line[:12], ("too_few_fields",)),
    "one field": (lambda _: "3", ("too_few_fields",)),
    "a line of blanks": (lambda _: "   ", ("too_few_fields",)),
    "a line of text": (lambda _: "Total: 6 customers", ("too_few_fields",)),
    "a field gained": (lambda line: line + ",", ("too_many_fields",)),
    "two rows in one line": (lambda line: line + "," + line, ("too_many_fields",)),
    "an unquoted comma": (lambda line: line.replace("NA", "NA, South"), ("too_many_fields",)),
    "text after a quote": (lambda line: line.replace("NA", '"NA"x'), ("broken_quoting",)),
    "blank after a quote": (lambda line: line.replace("NA", '"NA" '), ("broken_quoting",)),
    "delimiters only": (lambda line: "," * line.count(","), ("missing_user_id",)),
    "another delimiter": (lambda line: line.replace(",", ";"), ("too_few_fields",)),
    "the header again": (lambda _: LINES[0], ("repeated_header",)),
    "fields swapped": (lambda line: ",".join(reversed(line.split(","))), ("missing_date",)),
    "shifted by one": (lambda line: "x," + line.rsplit(",", 1)[0], ("not_a_date",)),
    "two lines": (lambda line: line.replace(",NA", "\n,NA"), ("too_few_fields", "too_few_fields")),
    "lines": (lambda _: "a\nb\nc", ("too_few_fields",) * 3),
}

# Each leaves the table as it is.
HARMLESS: dict[str, Callable[[str], str]] = {
    "blank line": lambda line: "\n" + line,
    "several blank lines": lambda line: line + "\n\n\n",
    "all quoted": lambda line: ",".join(f'"{cell}"' for cell in line.split(",")),
    "one quoted": lambda line: line.replace(",80,", ',"80",'),
}


def cases() -> Iterator[Case]:
    """Yield files whose fourth line, or whose end, is broken."""
    for name, (change, reasons) in BROKEN.items():
        for end, kind in (("\n", "LF"), ("\r\n", "CRLF"), ("\r", "CR")):
            if end == "\n" or name in {"a field lost", "text after a quote", "a field gained"}:
                outcome = Accounted(reasons, without=("3",))
                yield Case(f"{name} {kind}", partial(with_line, change, end=end), outcome)
    for name, change in HARMLESS.items():
        yield Case(name, partial(with_line, change), Accounted())
    yield from _quotes()
    yield from _ends()


def _quotes() -> Iterator[Case]:
    unclosed = Refused("a quote that opens on line 4 is not closed", "line 4")
    yield Case("quote not closed", lambda: with_line(lambda line: line.replace("NA", '"NA')), unclosed)
    yield Case("quote not closed in the first field", lambda: with_line(lambda line: '"' + line), unclosed)
    yield Case(
        "quote not closed in the last line", lambda: with_line(_last_quote, 6), Refused("opens on line 7", "line 7")
    )
    yield Case(
        "quote closed by a stray one",
        lambda: with_line(lambda line: line.replace("NA", '"NA')).replace(b"West,no", b'West,no"'),
        unclosed,
    )
    yield Case(
        "quote in the header", lambda: with_line(lambda line: '"' + line, 0), Refused("the first line is not a header")
    )
    yield Case(
        "quote inside a field",
        lambda: with_line(lambda line: line.replace("NA", 'N"A')),
        Accounted(cell=("3", "region", 'N"A')),
    )
    yield Case(
        "line end in a quoted field",
        lambda: with_line(lambda line: line.replace("NA", '"N\nA"')),
        Accounted(cell=("3", "region", "N\nA")),
    )


def _last_quote(line: str) -> str:
    return line.replace("East", '"East')


def _ends() -> Iterator[Case]:
    whole = "\n".join(LINES).encode()
    yield Case("no line end at the end", lambda: whole, Accounted())
    yield Case(
        "last row cut in a number",
        lambda: whole[: whole.rfind(b"45.05") + 3],
        Accounted(("too_few_fields",), without=("f6",)),
    )
    yield Case(
        "last row cut after its id",
        lambda: whole[: whole.rfind(b"f6") + 2],
        Accounted(("too_few_fields",), without=("f6",)),
    )
    yield Case(
        "last row cut in its last cell",
        lambda: whole[:-1],
        Accounted(cell=("f6", "email_consent", False), unread=("not_a_flag",)),
    )
    yield Case("blank lines at the end", lambda: whole + b"\n\n\r\n\n", Accounted())
    yield Case("a mark of the end of a file", lambda: whole + b"\n\x1a", Accounted(("too_few_fields",)))
    yield Case("mixed line ends", lambda: whole.replace(b"\n", b"\r\n", 3), Accounted())
