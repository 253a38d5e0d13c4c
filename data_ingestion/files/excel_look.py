"""The XML of a workbook, looked at before a library reads it, which takes memory for all that a sheet spans.

A few hundred bytes can name a cell at the last row and column of a sheet, and one text can stand in a million cells.
"""

import posixpath
import zipfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from data_ingestion.files.byte_source import Meter
from retention.errors import SourceError

MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14
"""What a sheet of Excel can have."""
MOST_CELLS = 1 << 25
"""Cells between the first and the last that hold something, of which each takes 32 bytes."""
MOST_TEXT = 1 << 29
"""Bytes of text that the cells of a sheet may have if each had the longest one."""
_CHUNK = 1 << 20
_DIGITS = "0123456789"


@dataclass
class SheetLook:
    """What the XML of a sheet tells before its cells are read.

    Args:
        rows: Last row that holds something, from 1.
        columns: Last column, from 1.
        texts: Cells that hold a text of the workbook's list.
        formulas: Place of a column -> formulas without a stored result, as a library writes them that computes nothing.
        errors: Row, from 1 -> place of a column -> the error that stands there, such as `#N/A`.
    """

    rows: int = 0
    columns: int = 0
    filled: int = 0
    texts: int = 0
    formulas: Counter[int] = field(default_factory=Counter)
    errors: dict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))


def look_at_sheet(archive: zipfile.ZipFile, sheet: str, name: str, meter: Meter) -> SheetLook:
    """Return what a sheet spans, after checking that it can be read in the memory that it may take.

    Args:
        archive: The workbook.
        sheet: Title of the sheet.
        name: Of the file, for errors.
        meter: Counts the blank rows; those with content are counted when they are read.

    Raises:
        SourceError: It cannot.
        LookupError, ExpatError, BadZipFile: The workbook is damaged.
    """
    # The parts are read to their ends, so none of them decodes to more than it declares.
    part = _part_of(archive, sheet)
    with archive.open(part) as source:
        look = _quick_look(source)
    longest = _longest_text(archive)
    if look is None or look.columns > meter.limits.columns or _too_large(look) or look.texts * longest > MOST_TEXT:
        with archive.open(part) as source:
            look = _Cells().read(source)
    if _too_large(look):
        what = f"the sheet spans {look.rows:,} rows and {look.columns:,} columns, more than can be read"
        hint = "Delete what is far from the table, or save the table as CSV"
        raise SourceError(what, where=f"{name}, sheet '{sheet}'", hint=hint)
    if look.texts * longest > MOST_TEXT:
        what = "the texts of the sheet may take more memory than is allowed for a workbook"
        raise SourceError(what, where=f"{name}, sheet '{sheet}'", hint="Save the table as CSV")
    meter.check_columns(look.columns, name)
    meter.add_rows(look.rows - look.filled, name)
    return look


def _too_large(look: SheetLook) -> bool:
    return look.rows > MOST_ROWS or look.columns > MOST_COLUMNS or look.rows * look.columns > MOST_CELLS


def _quick_look(source: IO[bytes]) -> SheetLook | None:
    """Return what a sheet spans at most, all cells taken for texts; None if a parser has to look closer.

    It does where the sheet is written in another way than programs do, and where formulas or errors stand in it.
    """
    look, rest, before = SheetLook(), b"", 0
    while chunk := source.read(_CHUNK):
        piece, mark, last = (rest + chunk).rpartition(b"<")
        rest = mark + last
        places = _places(np.frombuffer(piece + b" " * 16, dtype=np.uint8))
        # Another encoding, errors, prefixes of names: a search for one byte takes next to no time.
        if places is None or b"\0" in piece or b't="e"' in piece or (b":" in piece and b":c" in piece):
            return None
        rows, columns = places
        if len(rows):
            # Rows that go back are filled twice, which a parser counts better.
            if rows[0] < before or (rows[1:] < rows[:-1]).any():
                return None
            look.filled += int(np.count_nonzero(rows[1:] != rows[:-1])) + int(rows[0] > before)
            before = look.rows = int(rows[-1])
            look.columns = max(look.columns, int(columns.max()))
        look.texts += len(rows)
    return look


def _places(data: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.int32]] | None:
    """Return the row and the column of each cell; None if one does not start with its place, or has a formula."""
    tags = np.flatnonzero(data[:-16] == ord("<")) + 1
    names = data[tags]
    # A longer name that begins with the same letter is another one.
    short = ((data[tags + 1] | 32) - ord("a")) >= 26
    if (names == ord("!")).any() or (short & (names == ord("f"))).any():
        return None
    starts = tags[short & (names == ord("c"))]
    ends = starts + 5
    sure = all((data[starts + offset] == letter).all() for offset, letter in enumerate(b' r="', start=1))
    columns, rows = np.zeros(len(starts), dtype=np.int32), np.zeros(len(starts), dtype=np.int32)
    for numbers, base, first, least, most in ((columns, 26, ord("A"), 1, 3), (rows, 10, ord("0"), 0, 7)):
        for _ in range(most):
            # What is under the first sign wraps round to a large number.
            digits = data[ends] - np.uint8(first)
            fits = digits < base
            if not fits.any():
                break
            numbers[fits] = numbers[fits] * base + digits[fits] + least
            ends += fits
    closed = (data[ends] == ord('"')) & (rows > 0) & (columns > 0)
    return (rows, columns) if sure and closed.all() else None


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the member of the archive that holds a sheet."""
    if len(set(archive.namelist())) < len(archive.namelist()):
        raise zipfile.BadZipFile("a member is there twice")
    (marks,) = (each for each in _elements(archive, "xl/workbook.xml", "sheet") if each["name"] == sheet)
    (key,) = (value for name, value in marks.items() if name.endswith(":id"))
    (link,) = (each for each in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship") if each["Id"] == key)
    return posixpath.normpath(posixpath.join("/xl", link["Target"]))[1:]


def _elements(archive: zipfile.ZipFile, part: str, wanted: str) -> list[dict[str, str]]:
    elements = list[dict[str, str]]()

    def start(name: str, marks: dict[str, str]) -> None:
        if name.rpartition(":")[2] == wanted:
            elements.append(marks)

    parser = _parser()
    parser.StartElementHandler = start
    with archive.open(part) as source:
        parser.ParseFile(source)
    return elements


def _longest_text(archive: zipfile.ZipFile) -> int:
    """Return how many bytes the longest text of the workbook's list has at most."""
    longest = 0
    for part in archive.namelist():
        if part.lower().endswith("sharedstrings.xml"):
            data = archive.read(part)
            # A comment or raw data could hold what looks like the start of a text.
            longest = max(longest, len(data) if b"<!" in data else max(map(len, data.split(b"<si"))))
    return longest


def _parser() -> expat.XMLParserType:
    """Return a parser that takes no definitions of types, which no program writes into a workbook."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise zipfile.BadZipFile("the XML defines a type")

    parser.StartDoctypeDeclHandler = refuse
    return parser


class _Cells:
    """Handlers of a sheet's elements."""

    def __init__(self) -> None:
        self.look, self._parser = SheetLook(), _parser()
        self._parser.StartElementHandler = self._start
        self._row = self._column = self._last_filled = 0
        self._kind, self._formula = "", False
        self._columns: dict[str, int] = {}

    def read(self, source: IO[bytes]) -> SheetLook:
        """Return what a sheet tells."""
        self._parser.ParseFile(source)
        self._end_cell()
        return self.look

    def _start(self, name: str, marks: Mapping[str, str]) -> None:
        if name == "c":
            self._begin_cell(marks)
        elif name in ("v", "is"):
            self._value()
        elif name == "row":
            self._end_cell()
            self._row = int(marks["r"]) if "r" in marks else self._row + 1
            self._column = 0
        elif name == "f":
            # A formula whose result is an empty text has one.
            self._formula = self._kind != "str"
        elif ":" in name:
            self._start(name.rpartition(":")[2], marks)

    def _begin_cell(self, marks: Mapping[str, str]) -> None:
        if self._formula or self._kind == "e":
            self._end_cell()
        place, self._kind = marks.get("r"), marks.get("t", "")
        if place is None:
            self._column += 1
            return
        letters = place.rstrip(_DIGITS)
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _number(letters)
        self._row, self._column = int(place[len(letters) :]), column

    def _value(self) -> None:
        look = self.look
        if self._row != self._last_filled:
            self._last_filled = self._row
            look.filled += 1
            look.rows = max(look.rows, self._row)
        look.columns = max(look.columns, self._column)
        if self._kind == "s":
            look.texts += 1
        if self._formula or self._kind == "e":
            self._parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        if text.strip():
            self._formula = False
            if self._kind == "e":
                self.look.errors[self._row][self._column - 1] = text
            self._parser.CharacterDataHandler = None

    def _end_cell(self) -> None:
        """Count the formula of the cell before if no result followed."""
        self._parser.CharacterDataHandler = None
        if self._formula:
            self.look.formulas[self._column - 1] += 1
            self._formula = False


def _number(letters: str) -> int:
    """Return the number of a column from its letters: A is 1.

    >>> _number("A"), _number("XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        number = min(number * 26 + ord(letter) - 64, MOST_COLUMNS + 1)
    return number
