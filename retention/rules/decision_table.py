"""A decision table as CSV -> rules: the segment in the first column, then a column of conditions for each it reads."""

import csv
import re
from collections.abc import Iterator
from typing import Any

from retention.customers.contracts import NUMERIC_FEATURES
from retention.errors import RulesError
from retention.rules.logic import (
    EVERYTHING,
    Node,
    RuleSet,
    Truth,
    among,
    column,
    compared,
    is_missing,
    joined,
    number as number_of,
    placed,
    rule_set,
)

EVERY, ELSE = ("", "-"), ("else", "otherwise")
_RANGE = re.compile(r"([\[(\]]?)\s*(\S+?)\s*\.\.\s*([^\s\])\[]+)\s*([\])\[]?)")
_SIGN = re.compile(r"(<=|>=|!=|<>|==|<|>|=)\s*(.+)")
_COMMA = re.compile(r"\d,\d")


def read_table(text: str, source: str) -> RuleSet:
    """Return the rules of a decision table.

    Raises:
        RulesError: A header or a cell is not understood; with its line.
    """
    first = text.lstrip().partition("\n")[0]
    # Python's own idea of lines would end one inside a cell.
    lines = (f"{line}\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n"))
    rows = csv.reader(lines, delimiter=max(",;\t", key=first.count), skipinitialspace=True, strict=True)
    try:
        return rule_set(source, "decision table", _entries(rows, source))
    except csv.Error as error:
        raise RulesError(f"the table cannot be read ({error})", where=f"{source}, line {rows.line_num}") from error


def _entries(rows: Any, source: str) -> Iterator[tuple[str, str, Node | None]]:
    features = list[str]()
    for segment, *cells in ([cell.strip() for cell in row] for row in rows if any(row)):
        place, when = f"line {rows.line_num}", None
        with placed(f"{source}, {place}"):
            if not features:
                features = [column(name) for name in cells]
                continue
            if len(cells) != len(features):
                raise RulesError(f"the line has {len(cells) + 1} cells, and the header {len(features) + 1}")
            if not {cell.lower() for cell in cells} & set(ELSE):
                parts = [_cell(*each) for each in zip(features, cells, strict=True) if each[1] not in EVERY]
                when = joined(parts, every=True).yes if parts else EVERYTHING
        yield segment, place, when


def _cell(feature: str, cell: str) -> Truth:
    """Return what a cell asks: any of the values, ranges and comparisons that it lists."""
    if feature in NUMERIC_FEATURES and _COMMA.search(cell):
        hint = "Write decimals with a point, and a blank between values"
        raise RulesError(f"'{cell[:40]}' has a comma inside a number", hint=hint)
    inner = re.fullmatch(r"not\s*\((.*)\)", cell, re.IGNORECASE)
    items = next(csv.reader([inner[1] if inner else cell], skipinitialspace=True))
    truth = joined([_item(feature, item.strip()) for item in items], every=False)
    # As everywhere, a comparison with a missing value is false.
    return joined([truth.negated(), is_missing(feature).negated()], every=True) if inner else truth


def _item(feature: str, item: str) -> Truth:
    if item.lower() == "missing":
        return is_missing(feature)
    if item.lower() == "not missing":
        return is_missing(feature).negated()
    if feature not in NUMERIC_FEATURES:
        return among(feature, [item]).truth("two")
    if match := _RANGE.fullmatch(item):
        left, low, high, right = match.groups()
        least = compared(feature, ">" if left in ("(", "]") else ">=", number_of(low))
        return joined([least, compared(feature, "<" if right in (")", "[") else "<=", number_of(high))], every=True)
    sign, value = match.groups() if (match := _SIGN.fullmatch(item)) else ("=", item)
    return compared(feature, sign, number_of(value))
