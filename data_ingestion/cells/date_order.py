"""What a file's dates have in common: the order of day and month, and what numbers among them mean."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data_ingestion.cells.dates import DateCells, Ordered
from data_ingestion.cells.typed_blocks import TypedBlock
from data_ingestion.options import DateOrder
from retention.errors import Remedy, Setting, SourceError
from retention.wording import counted

ORDERS = Remedy(Setting.DATE_ORDER, ("dmy", "mdy"))


def decide_order(blocks: Sequence[TypedBlock], setting: DateOrder, name: str) -> str:
    """Return `dmy`, `mdy` or `ymd` (no date needs an order) for a file.

    A date that exists only one way round decides. The asked order holds as it is.

    Raises:
        SourceError: The dates contradict each other, or every one of them can be read both ways.
    """
    if setting != "auto":
        return setting
    ordered = [cells.ordered for block in blocks for cells in block.dates() if cells.ordered is not None]
    # A day, a month and a year of two digits each: the years in which shops have orders tell whether one starts a date.
    year_first, year_last = np.sum([(0, 0), *(cells.year_first for cells in ordered)], axis=0)
    if ordered and not year_last:
        return _two_digits(ordered, int(year_first), name)
    day_first = sum(cells.day_first for cells in ordered)
    month_first = sum(cells.month_first for cells in ordered)
    # Either order would move the dates of the other kind by months, silently. Nothing in the file says which.
    if day_first and month_first:
        raise SourceError(
            f"the dates contradict each other: {day_first:,} can only be day first, {month_first:,} only month first",
            where=name,
            hint="Say which it is; dates that do not fit are quarantined",
            remedies=(ORDERS,),
        )
    if day_first or month_first:
        return "dmy" if day_first else "mdy"
    # Cells such as 05.05. are the same date both ways and leave nothing open; they are not counted here.
    unsure = sum(len(cells.ambiguous) for cells in ordered)
    if unsure:
        raise SourceError(
            f"{counted(unsure, 'date')} can be read day first or month first, and no date in the file tells which",
            where=f"{name}, line {_first_line(blocks)}",
            hint="Say which it is",
            remedies=(ORDERS,),
        )
    return "dmy" if ordered else "ymd"


def _two_digits(ordered: Sequence[Ordered], year_first: int, name: str) -> str:
    """Return `ymd` for dates such as 22-12-31 where some have no other reading of about now.

    Raises:
        SourceError: None has.
    """
    if year_first:
        return "ymd"
    count = sum(len(cells.positions) for cells in ordered)
    raise SourceError(
        f"{counted(count, 'date')} such as 22-12-21 can start or end with the year, and none in the file tells which",
        where=name,
        hint="Say which it is",
        remedies=(Remedy(Setting.DATE_ORDER, ("ymd", "dmy", "mdy")),),
    )


def _first_line(blocks: Sequence[TypedBlock]) -> int:
    """Return the line of the first date that can be read both ways; there is one."""
    lines = (
        int(line)
        for block in blocks
        for cells in block.dates()
        if cells.ordered is not None
        for line in block.lines.at(cells.ordered.ambiguous[:1])
    )
    return min(lines)


def units_of_numbers(blocks: Sequence[TypedBlock]) -> dict[str, int]:
    """Return the unit of the columns whose times are numbers since 1970.

    What most cells of a column are, dates or numbers in one unit, the column holds; other cells are no times.
    """
    kinds: dict[str, NDArray[np.int64]] = {}
    for block in blocks:
        for column, cells in block.values.items():
            if isinstance(cells, DateCells):
                kinds[column] = kinds.get(column, 0) + cells.kinds()
    chosen = {column: int(counts.argmax()) - 1 for column, counts in kinds.items()}
    return {column: unit for column, unit in chosen.items() if unit >= 0}
