"""Rows of text, before their cells are cast: a date and its time become one cell, totals and headers are set aside."""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_ingestion.files.blocks import BrokenRow, LineMap, TextBlock
from data_ingestion.formats.words import as_text
from retention.customers.reasons import Reason

_NAMED = ("user_id", "customer", "email", "phone")
_TOTALS = re.compile(
    r"((grand|sub|sum|general)[ -]?)?totals?( g[eé]n[eé]ral| geral| revenue| sales| orders| amount| value)?"
    r"|(sub)?totale( complessivo| generale)?"
    r"|(eind|sub)?totaal|(sous-)?total|gesamt(summe|ergebnis)?|(zwischen)?summe|insgesamt|suma( total| końcowa)?|razem"
    r"|soma|итого|всего|общий итог|(genel )?toplam|合計|総計|总计|合计|小计|합계|총합계"
    r"|sum|summa|somme|som|average|celkem|összesen|yhteensä|i alt",
    re.IGNORECASE,
)
ENDS = 3
"""Rows at each end of a block that may be totals: in the middle of a table such a word is rather somebody's name."""


def whole_rows(block: TextBlock, headers: Mapping[str, str]) -> TextBlock:
    """Return a block of which each row is one of somebody, with its whole time in one cell."""
    again = _headers(block, headers)
    return _with_clock(_without(block, {**_totals(block), **dict.fromkeys(again, Reason.REPEATED_HEADER)}))


def _headers(block: TextBlock, headers: Mapping[str, str]) -> list[int]:
    """Return which rows are the header again: exports joined by hand have it in the middle."""
    rows = np.arange(block.rows if len(block.columns) > 1 else 0)
    for name, text in block.columns.items():
        cells = text if len(rows) == block.rows else text.take(pa.array(rows))
        same = pc.equal(pc.utf8_trim_whitespace(cells), headers.get(name, "").strip())
        rows = rows[np.asarray(same.to_numpy(zero_copy_only=False))]
        if not len(rows):
            break
    return [int(place) for place in rows]


def _with_clock(block: TextBlock) -> TextBlock:
    """Return a block with the time of day behind its date, where the two are columns of their own."""
    if "clock" not in block.columns:
        return block
    columns = dict(block.columns)
    clock = columns.pop("clock")
    if "time" not in columns:
        return replace(block, columns=columns)
    date = columns["time"]
    # A blank time of day adds nothing, and a date that has its time needs none.
    alone = pc.or_(pc.equal(pc.utf8_trim_whitespace(clock), ""), pc.match_substring(date, ":"))
    joined = pc.binary_join_element_wise(pc.utf8_trim_whitespace(date), clock, pa.scalar(" ", pa.large_string()))
    return replace(block, columns=columns | {"time": pc.if_else(alone, date, joined)})


def _totals(block: TextBlock) -> dict[int, Reason]:
    """Return which rows are totals: those near the ends with a word for one, and nobody beside it."""
    ends = sorted({*range(min(ENDS, block.rows)), *range(max(0, block.rows - ENDS), block.rows)})
    some = {name: as_text(cells.take(pa.array(ends, pa.int64()))).to_pylist() for name, cells in block.stored.items()}
    rows = (dict(zip(some, row, strict=True)) for row in zip(*some.values(), strict=True))
    return {place: Reason.TOTALS_ROW for place, row in zip(ends, rows, strict=False) if _is_total(row)}


def _without(block: TextBlock, gone: Mapping[int, Reason]) -> TextBlock:
    if not gone:
        return block
    kept = np.delete(np.arange(block.rows), list(gone))
    lines = block.lines.at(np.array(list(gone))).tolist()
    texts = (", ".join(text[place].as_py() for text in block.columns.values()) for place in gone)
    broken = [BrokenRow(*each) for each in zip(lines, gone.values(), texts, strict=True)]
    return replace(
        block,
        columns={name: text.take(pa.array(kept)) for name, text in block.columns.items()},
        rows=len(kept),
        lines=LineMap(0, block.lines.at(kept)),
        broken=(*block.broken, *broken),
        typed={name: cells[kept] for name, cells in block.typed.items()},
    )


def says_total(cell: str) -> bool:
    """Return whether a cell labels a total, which may stand behind it.

    >>> says_total("Total"), says_total("Sum: 71.00"), says_total("SUM001")
    (True, True, False)
    """
    return _TOTALS.fullmatch(re.sub(r"[\s:=(][\W\d]*$", "", cell.strip())) is not None


def _is_total(row: Mapping[str, str]) -> bool:
    totals = {name for name, cell in row.items() if says_total(cell)}
    return bool(totals) and all(name in totals or not row.get(name, "").strip() for name in _NAMED)
