"""A decision table as CSV -> rules: the segment in the first column, then a column of conditions for each it reads."""

import csv
import re
from collections.abc import Iterator

from retention.customers.contracts import NUMERIC_FEATURES
from retention.errors import RulesError
from retention.rules.logic import EVERYTHING, NOTHING, Rule, RuleSet, Truth, among, column, compared, is_missing, joined
from retention.rules.logic import number as number_of

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
    rows = csv.reader(text.splitlines(), delimiter=max(",;\t", key=first.count), skipinitialspace=True, strict=True)
    try:
        return _read(((rows.line_num, [cell.strip() for cell in row]) for row in rows if any(row)), source)
    except csv.Error as error:
        raise RulesError(f"the table cannot be read ({error})", where=f"{source}, line {rows.line_num}") from error


def _read(rows: Iterator[tuple[int, list[str]]], source: str) -> RuleSet:
    rules, otherwise, features = list[Rule](), "", list[str]()
    for line, (segment, *cells) in rows:
        where = f"{source}, line {line}"
        try:
            if not features:
                features = [column(name) for name in cells]
            elif len(cells) != len(features):
                raise RulesError(f"the line has {len(cells) + 1} cells, and the header {len(features) + 1}")
            elif {cell.lower() for cell in cells if cell not in EVERY} & set(ELSE):
                if otherwise:
                    raise RulesError("there is an ELSE already")
                otherwise = segment
            else:
                parts = [_cell(*each) for each in zip(features, cells, strict=True) if each[1] not in EVERY]
                when = joined(parts, every=True) if parts else Truth(EVERYTHING, NOTHING)
                rules.append(Rule(segment, f"line {line}", when.yes))
        except RulesError as error:
            raise RulesError(error.what, where=where, hint=error.hint) from error
    return RuleSet(source, "decision table", tuple(rules), otherwise)


def _cell(feature: str, cell: str) -> Truth:
    """Return what a cell asks: any of the values, ranges and comparisons that it lists."""
    if feature in NUMERIC_FEATURES and _COMMA.search(cell):
        raise RulesError(
            f"'{cell[:40]}' has a comma inside a number", hint="Write decimals with a point, and a blank between values"
        )
    inner = re.fullmatch(r"not\s*\((.*)\)", cell, re.IGNORECASE)
    items = next(csv.reader([inner[1] if inner else cell], skipinitialspace=True))
    told = joined([_item(feature, item.strip()) for item in items], every=False)
    # As everywhere, a comparison with a missing value is false.
    return joined([told.negated(), is_missing(feature).negated()], every=True) if inner else told


def _item(feature: str, item: str) -> Truth:
    if item.lower() == "missing":
        return is_missing(feature)
    if item.lower() == "not missing":
        return is_missing(feature).negated()
    if feature not in NUMERIC_FEATURES:
        return among(feature, [item])
    if found := _RANGE.fullmatch(item):
        left, low, high, right = found.groups()
        ends = (
            (">" if left in ("(", "]") else ">=", number_of(low)),
            ("<" if right in (")", "[") else "<=", number_of(high)),
        )
        return joined([compared(feature, sign, end) for sign, end in ends], every=True)
    sign, value = found.groups() if (found := _SIGN.fullmatch(item)) else ("=", item)
    return compared(feature, {"<>": "!=", "==": "="}.get(sign, sign), number_of(value))
