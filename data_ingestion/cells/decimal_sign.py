"""Whether a file's numbers have a decimal point or a decimal comma, decided from all its number columns together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data_ingestion.cells.numbers import DecimalSign, NumberCells, Open
from data_ingestion.cells.typed_blocks import TypedBlock
from data_ingestion.options import Decimal
from retention.errors import Remedy, Setting, SourceError
from retention.wording import counted

MANY = 4
"""So many times more numbers must have one sign for the others to be typing errors."""
SIGNS = Remedy(Setting.DECIMAL, ("point", "comma"))


@dataclass(frozen=True)
class NumberFormat:
    """The decimal sign of a file.

    Args:
        warning: What a person should know about how it was found; `""`: nothing.
        mixed: Whether a few numbers have the other sign; they, and those that fit both, are no numbers.
    """

    decimal: DecimalSign
    warning: str = ""
    mixed: bool = False


def decide_decimal(blocks: Sequence[TypedBlock], setting: Decimal, name: str) -> NumberFormat:
    """Return the decimal sign of a file.

    A number that can be read one way only, such as `12,50`, decides; a few of the other sign are typing errors.
    Where there is none, a number decides that fits its column one way only: `1,234` sessions, or `$1,234`, as no
    amount of dollars has three decimals. The asked sign holds as it is.

    Raises:
        SourceError: The numbers contradict each other, or every one of them can be read both ways.
    """
    if setting != "auto":
        return NumberFormat(setting)
    # One cell such as `12,50` decides for the file, because programs write all numbers of a file in one way.
    point, comma = _first_lines(blocks)
    if point and comma:
        few = _typing_errors(blocks, name)
        if few is not None:
            return few
        raise SourceError(
            f"the numbers contradict each other: line {point} has a decimal point, line {comma} a decimal comma",
            where=name,
            hint="Say which it is; numbers that do not fit are quarantined",
            remedies=(SIGNS,),
        )
    if point or comma:
        return NumberFormat("point" if point else "comma")
    return _by_column(blocks, name)


def _typing_errors(blocks: Sequence[TypedBlock], name: str) -> NumberFormat | None:
    """Return the sign of most numbers that have one, if there is such a sign."""
    signs: tuple[DecimalSign, DecimalSign] = ("point", "comma")
    point, comma = (sum(cells.sure(sign) for _, cells in _numbers(blocks)) for sign in signs)
    # Columns of plain numbers count as one where they have a point, which makes a decimal comma win less often only.
    plain = sum(block.rows for block, cells in _numbers(blocks) if cells.open is None and cells.point >= 0)
    # Few against many are typing errors and go to quarantine, with the cells that fit both: under the wrong
    # sign those would be a thousand times too large or too small.
    if comma * MANY <= point:
        return NumberFormat("point", _mixed_words(name, comma, "comma"), mixed=True)
    if (point + plain) * MANY <= comma:
        return NumberFormat("comma", _mixed_words(name, point, "point"), mixed=True)
    return None


def _mixed_words(name: str, count: int, sign: str) -> str:
    some = counted(count, "number", "has", "have")
    return (
        f"{name}: {some} a decimal {sign}, unlike most others; their rows were set aside, and so were rows with "
        "numbers that fit both"
    )


def _first_lines(blocks: Sequence[TypedBlock]) -> tuple[int, int]:
    """Return the lines of the first numbers that have a decimal point and a decimal comma for certain; 0: none."""
    point, comma = list[int](), list[int]()
    for block, cells in _numbers(blocks):
        for place, lines in ((cells.point, point), (cells.comma, comma)):
            if place >= 0:
                lines.append(block.line_at(place))
    return min(point, default=0), min(comma, default=0)


def _by_column(blocks: Sequence[TypedBlock], name: str) -> NumberFormat:
    """Return the decimal sign that alone gives values that their columns can hold."""
    unsure = [(block, cells.open) for block, cells in _numbers(blocks) if cells.open is not None]
    if not unsure:
        return NumberFormat("point")
    count = sum(int(cells.ambiguous.sum()) for _, cells in unsure)
    line = min(block.line_at(int(cells.positions[0])) for block, cells in unsure)
    leant = leaning([cells for _, cells in unsure])
    if leant is None:
        raise SourceError(
            f"{counted(count, 'number')} such as {_example(unsure)} can be read as thousands or as decimals, "
            "and no number in the file tells which",
            where=f"{name}, line {line}",
            hint="Say which it is",
            remedies=(SIGNS,),
        )
    such = f"{name}: {counted(count, 'number')} such as {_example(unsure)}"
    meaning = f"{such} {'was' if count == 1 else 'were'} read with a decimal {leant}"
    return NumberFormat(
        leant, f"{meaning}, the only way that fits all columns; choose the decimal sign if that is wrong"
    )


def leaning(columns: Sequence[Open]) -> DecimalSign | None:
    """Return the sign that alone gives values which columns can hold; None: both do, or neither."""
    point, comma = (any((cells.leaning == side).any() for cells in columns) for side in (1, -1))
    return None if point == comma else "point" if point else "comma"


def _example(unsure: Sequence[tuple[TypedBlock, Open]]) -> str:
    """Return a number of the file's form, but not one of its values."""
    _, cells = unsure[0]
    return "'1,234'" if abs(cells.point[0]) > abs(cells.comma[0]) else "'1.234'"


def _numbers(blocks: Sequence[TypedBlock]) -> Iterator[tuple[TypedBlock, NumberCells]]:
    for block in blocks:
        for cells in block.values.values():
            if isinstance(cells, NumberCells):
                yield block, cells
