"""Rows of text, before their cells are cast: a date and its time of day become one cell, totals are set aside."""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_ingestion.files.blocks import BrokenRow, LineMap, TextBlock
from retention.customers.reasons import Reason

_NAMED = ("user_id", "customer", "email", "phone")
_TOTALS = re.compile(
    r"((grand|sub|sum|general)[ -]?)?totals?( g[eé]n[eé]ral| geral)?|(sub)?totale( complessivo| generale)?"
    r"|(eind|sub)?totaal|(sous-)?total|gesamt(summe|ergebnis)?|(zwischen)?summe|insgesamt|suma( total| końcowa)?|razem"
    r"|soma|итого|всего|общий итог|(genel )?toplam|合計|総計|总计|合计|小计|합계|총합계",
    re.IGNORECASE,
)
_ENDS = 3
"""Rows at each end of a block that may be totals: in the middle of a table such a word is rather somebody's name."""


def whole_rows(block: TextBlock) -> TextBlock:
    """Return a block of which each row is one of somebody, with its whole time in one cell."""
    return _without_totals(_with_clock(block))


def _with_clock(block: TextBlock) -> TextBlock:
    """Return a block with the time of day behind its date, where the two are columns of their own."""
    columns = dict(block.columns)
    clock = columns.pop("clock", None)
    if clock is None or "time" not in columns:
        return replace(block, columns=columns) if clock is not None else block
    date = columns["time"]
    # A blank time of day adds nothing, and a date that has its time needs none.
    alone = pc.or_(pc.equal(pc.utf8_trim_whitespace(clock), ""), pc.match_substring(date, ":"))
    joined = pc.binary_join_element_wise(pc.utf8_trim_whitespace(date), clock, pa.scalar(" ", pa.large_string()))
    return replace(block, columns=columns | {"time": pc.if_else(alone, date, joined)})


def _without_totals(block: TextBlock) -> TextBlock:
    """Return a block whose totals are set aside: rows near its ends with a word for one, and nobody beside it."""
    ends = sorted({*range(min(_ENDS, block.rows)), *range(max(0, block.rows - _ENDS), block.rows)})
    rows = {place: {name: text[place].as_py() for name, text in block.columns.items()} for place in ends}
    gone = [place for place, row in rows.items() if _is_total(row)]
    if not gone:
        return block
    kept = np.delete(np.arange(block.rows), gone)
    texts = (", ".join(rows[place].values()) for place in gone)
    totals = [BrokenRow(int(block.lines.at(np.array([place]))[0]), Reason.TOTALS_ROW, next(texts)) for place in gone]
    return replace(
        block,
        columns={name: text.take(pa.array(kept)) for name, text in block.columns.items()},
        rows=len(kept),
        lines=LineMap(0, block.lines.at(kept)),
        broken=(*block.broken, *totals),
        typed={name: cells[kept] for name, cells in block.typed.items()},
    )


def _is_total(row: Mapping[str, str]) -> bool:
    said = {name for name, cell in row.items() if _TOTALS.fullmatch(cell.strip().rstrip(": "))}
    return bool(said) and all(name in said or not row.get(name, "").strip() for name in _NAMED)
