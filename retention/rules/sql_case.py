"""A `CASE WHEN ... THEN ... END` of SQL -> rules, with SQL's three truth values."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from retention.errors import RulesError
from retention.rules import logic
from retention.rules.logic import EVERYTHING, FLIPPED, NOTHING, Node, RuleSet, Truth, placed, rule_set

_SIGNS = {exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=", exp.EQ: "=", exp.NEQ: "!="}
_BOUND = "Write each condition as a column compared with a value, joined by AND, OR and NOT; texts in single quotes"
_UNKNOWN = Truth(NOTHING, NOTHING)
# It warns of what it does not know in words of the text.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def read_case(text: str, source: str) -> RuleSet:
    """Return the rules of the one CASE in a text; the first that holds decides.

    Raises:
        RulesError: It is no SQL, or does not hold exactly one CASE whose conditions are understood.
    """
    try:
        # Where names stand in backticks, double quotes are around texts.
        parsed = sqlglot.parse(text, dialect="bigquery" if "`" in text else None)
        statements = [each.unalias() for each in parsed if each and not isinstance(each, exp.Semicolon)]
        cases = [case for each in statements for case in each.find_all(exp.Case)]
        if len(statements) != 1 or not isinstance(statements[0], exp.Query | exp.Case) or len(cases) != 1:
            what = f"this is not one SELECT with one CASE: there are {len(statements)} statements and {len(cases)} CASE"
            raise RulesError(what, where=source, hint="Leave out all but one CASE WHEN ... END")
        hidden = statements[0].find(exp.Where, exp.Join) is not None
        notes = ("what WHERE or JOIN leave out is not looked at",) if hidden else ()
        return replace(rule_set(source, "SQL", _entries(cases[0], source)), ordered=True, notes=notes)
    except RecursionError as error:
        raise RulesError("the SQL is nested too deeply", where=source, hint="Write it with less nesting") from error
    except SqlglotError as error:
        place = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
        at = f", line {place['line']}" if place.get("line") else ""
        raise RulesError("this is not valid SQL", where=f"{source}{at}", hint=_BOUND) from error


def _entries(case: exp.Case, source: str) -> Iterator[tuple[str, str, Node | None]]:
    for place, branch in enumerate(case.args["ifs"], start=1):
        condition = exp.EQ(this=case.this.copy(), expression=branch.this) if case.this else branch.this
        with placed(f"{source}, WHEN {place}"):
            entry = _segment(branch.args["true"]), f"WHEN {place}", _truth(condition).yes
        yield entry
    default = case.args.get("default")
    if default is not None and not isinstance(default, exp.Null):
        with placed(f"{source}, ELSE"):
            segment = _segment(default)
        yield segment, "ELSE", None


def _segment(node: exp.Expr) -> str:
    if not isinstance(node, exp.Literal | exp.Column) or not node.name:
        raise RulesError("what follows THEN or ELSE is not a name", hint="Write it in quotes, as in THEN 'VIP'")
    return node.name


def _truth(node: exp.Expr) -> Truth:
    """Return what a condition says; where it compares with NULL it is neither true nor false."""
    match node.unnest():
        case exp.And() | exp.Or() as node:
            return logic.joined([_truth(part) for part in node.flatten()], every=isinstance(node, exp.And))
        case exp.Not(this=part):
            return _truth(part).negated()
        case exp.Boolean(this=holds):
            return Truth(EVERYTHING, NOTHING) if holds else Truth(NOTHING, EVERYTHING)
        case exp.Null():
            return _UNKNOWN
        case exp.Is(this=subject, expression=exp.Null()):
            return logic.is_missing(_column(subject))
        case other:
            return _comparison(other)


def _comparison(node: exp.Expr) -> Truth:
    match node:
        case exp.Between(this=subject, args={"low": low, "high": high}) if not node.args.get("symmetric"):
            return logic.joined([_compared(subject, ">=", low), _compared(subject, "<=", high)], every=True)
        case exp.In(this=subject, expressions=[*values]) if values:
            feature = _column(subject)
            given = [_value(feature, value) for value in values]
            known = logic.among(feature, [value for value in given if value is not None]).truth("three")
            return logic.joined([known, _UNKNOWN], every=False) if None in given else known
        case exp.LT() | exp.LTE() | exp.GT() | exp.GTE() | exp.EQ() | exp.NEQ():
            left, right, sign = node.this.unnest(), node.expression.unnest(), _SIGNS[type(node)]
            flipped = isinstance(left, exp.Literal | exp.Neg)
            return _compared(right, FLIPPED.get(sign, sign), left) if flipped else _compared(left, sign, right)
    raise RulesError(f"{_named(node)} is not understood in a condition", hint=_BOUND)


def _compared(subject: exp.Expr, sign: str, value: exp.Expr) -> Truth:
    match subject.unnest():
        case exp.Coalesce(this=inner, expressions=[default]):
            feature = _column(inner)
            instead = _value(feature, default)
        case other:
            feature, instead = _column(other), None
    given = _value(feature, value)
    if given is None:
        return _UNKNOWN
    truth = logic.compared(feature, sign, given, "three")
    if instead is None:
        return truth
    if type(instead) is not type(given):
        raise RulesError(f"{_named(subject)} is a word in one place and a number in another", hint=_BOUND)
    return logic.filled(truth, instead)


def _value(feature: str, value: exp.Expr) -> float | str | None:
    """Return what a column is compared with; None for NULL."""
    value = value.unnest()
    if isinstance(value, exp.Null):
        return None
    minus = isinstance(value, exp.Neg)
    literal = value.this if minus else value
    if not isinstance(literal, exp.Literal) or (minus and literal.is_string):
        raise RulesError(f"'{feature}' is compared with {_named(value)}, and not with a value", hint=_BOUND)
    return literal.name if literal.is_string else logic.number(f"{'-' * minus}{literal.name}")


def _column(node: exp.Expr) -> str:
    # Letters and the kind of a number decide nothing here either.
    while isinstance(node := node.unnest(), exp.Lower | exp.Upper) or (
        isinstance(node, exp.Cast) and node.to.sql() in ("FLOAT", "DOUBLE", "FLOAT64")
    ):
        node = node.this
    if not isinstance(node, exp.Column):
        raise RulesError(f"{_named(node)} is compared, and not a column", hint=_BOUND)
    return logic.column(node.name)


def _named(node: exp.Expr) -> str:
    return f"'{node.sql()[:40]}'"
