"""A `CASE WHEN ... THEN ... END` of SQL -> rules, with SQL's three truth values."""

import logging

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from retention.errors import RulesError
from retention.rules.logic import (
    EVERYTHING,
    FLIPPED,
    NOTHING,
    Rule,
    RuleSet,
    Truth,
    column,
    compared,
    is_missing,
    joined,
    number,
)

_SIGNS: dict[type[exp.Expr], str] = {
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.EQ: "=",
    exp.NEQ: "!=",
}
_BOUND = "Write each condition as a column compared with a value, joined by AND, OR and NOT"
_UNKNOWN = Truth(NOTHING, NOTHING)
# It warns of what it does not know in words of the text.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def read_case(text: str, source: str) -> RuleSet:
    """Return the rules of the one CASE in a text; the first that holds decides.

    Raises:
        RulesError: It is no SQL, or does not hold exactly one CASE whose conditions are understood.
    """
    try:
        statements = [each for each in sqlglot.parse(text) if each and not isinstance(each, exp.Semicolon)]
        if len(statements) != 1 or not isinstance(statements[0], exp.Query | exp.Case | exp.Alias):
            raise RulesError("this is not one CASE, or one SELECT with a CASE", hint="Leave everything else out")
        cases = list(statements[0].find_all(exp.Case))
        if len(cases) != 1:
            raise RulesError(f"there are {len(cases)} CASE in it, and not one", hint="Leave everything else out")
        return _rules(cases[0], source, hidden=statements[0].find(exp.Where, exp.Join) is not None)
    except RecursionError as error:
        raise RulesError("the SQL is nested too deeply", where=source, hint="Write it flatter") from error
    except SqlglotError as error:
        place = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
        at = f", line {place['line']}" if place.get("line") else ""
        raise RulesError("this is not valid SQL", where=f"{source}{at}", hint=_BOUND) from error
    except RulesError as error:
        raise RulesError(error.what, where=error.where or source, hint=error.hint) from error


def _rules(case: exp.Case, source: str, *, hidden: bool) -> RuleSet:
    rules, subject = list[Rule](), case.this
    for place, branch in enumerate(case.args["ifs"], start=1):
        condition = exp.EQ(this=subject.copy(), expression=branch.this) if subject else branch.this
        try:
            rules.append(Rule(_segment(branch.args["true"]), f"WHEN {place}", _truth(condition).yes))
        except RulesError as error:
            raise RulesError(error.what, where=f"{source}, WHEN {place}", hint=error.hint) from error
    default = case.args.get("default")
    otherwise = "" if default is None or isinstance(default, exp.Null) else _segment(default)
    notes = ("whom WHERE or JOIN leave out is not looked at",) if hidden else ()
    return RuleSet(source, "SQL", tuple(rules), otherwise, ordered=True, notes=notes)


def _segment(node: exp.Expr) -> str:
    if not isinstance(node, exp.Literal | exp.Column) or not node.name:
        raise RulesError("what stands after THEN or ELSE is not a name", hint="Write it in quotes, as in THEN 'VIP'")
    return node.name


def _truth(node: exp.Expr) -> Truth:
    """Return what a condition says; where it compares with NULL it is neither true nor false."""
    match node.unnest():
        case exp.And() | exp.Or() as node:
            found = joined([_truth(part) for part in node.flatten()], every=isinstance(node, exp.And))
        case exp.Not(this=part):
            found = _truth(part).negated()
        case exp.Boolean(this=holds):
            found = Truth(EVERYTHING, NOTHING) if holds else Truth(NOTHING, EVERYTHING)
        case exp.Null():
            found = _UNKNOWN
        case exp.Is(this=subject, expression=exp.Null()):
            found = is_missing(_column(subject))
        case exp.Between(this=subject, args={"low": low, "high": high}):
            found = joined([_compared(subject, ">=", low), _compared(subject, "<=", high)], every=True)
        case exp.In(this=subject, expressions=[*values]) if values:
            found = joined([_compared(subject, "=", value) for value in values], every=False)
        case exp.LT() | exp.LTE() | exp.GT() | exp.GTE() | exp.EQ() | exp.NEQ() as node:
            left, right, sign = node.this.unnest(), node.expression.unnest(), _SIGNS[type(node)]
            flipped = isinstance(right, exp.Column) and not isinstance(left, exp.Column)
            found = _compared(right, FLIPPED[sign], left) if flipped else _compared(left, sign, right)
        case other:
            raise RulesError(f"{_named(other)} is not understood in a condition", hint=_BOUND)
    return found


def _compared(subject: exp.Expr, sign: str, value: exp.Expr) -> Truth:
    feature, value = _column(subject), value.unnest()
    minus = isinstance(value, exp.Neg)
    literal = value.this if minus else value
    if isinstance(value, exp.Null):
        return _UNKNOWN
    if not isinstance(literal, exp.Literal) or (minus and literal.is_string):
        raise RulesError(f"'{feature}' is compared with {_named(value)}, and not with a value", hint=_BOUND)
    given = literal.name if literal.is_string else number(f"-{literal.name}" if minus else literal.name)
    return compared(feature, sign, given, "three")


def _column(node: exp.Expr) -> str:
    node = node.unnest()
    if not isinstance(node, exp.Column):
        raise RulesError(f"{_named(node)} is compared, and not a column", hint=_BOUND)
    return column(node.name)


def _named(node: exp.Expr) -> str:
    return f"'{node.name[:40]}'" if isinstance(node, exp.Anonymous | exp.Column) else node.key.upper()
