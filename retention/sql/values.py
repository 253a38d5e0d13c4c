"""A column's value and a number in SQL, with the meaning that they have here.

Engines differ in what is over NaN, in which blanks TRIM takes, in the letters that LOWER knows, and in which of two
numbers a text of digits becomes. So nothing is left to them: NaN becomes NULL where a column is read, blanks and
letters are listed one by one, and a number that is not short is written so that it is the same to the last bit.
"""

import math
import sys
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from functools import cache, reduce

from sqlglot import exp

from retention.errors import PolicyError
from retention.policy.policy import fold_category
from retention.sql.engines import Engine

DIGITS = 15
"""So many digits every engine reads exactly, where they are the number and not only near it."""
STEP = 49
"""2 ** 49 has so many digits."""
LARGEST = sys.float_info.max


def number(value: float, engine: Engine) -> exp.Expr:
    """Return a finite number, the same to the last bit.

    >>> [number(value, Engine("duckdb")).sql("duckdb") for value in (90.0, 0.1)]
    ['90.0', "CAST('0.1' AS DOUBLE)"]
    """
    text = repr(float(value))
    if abs(value) < 10**DIGITS and Fraction(text) == Fraction(value) and sum(map(str.isdigit, text)) <= DIGITS:
        return exp.Literal.number(text)
    # A literal alone may be a decimal number, which some engines turn into the nearest one but one.
    return exp.cast(exp.Literal.string(text), "double") if engine.exact else _product(value)


def _product(value: float) -> exp.Expr:
    """Return a number as a whole one times or through powers of two, each of which is exact."""
    mantissa, exponent = math.frexp(value)
    whole: exp.Expr = exp.Literal.number(f"{int(math.ldexp(mantissa, 53))}.0")
    exponent -= 53
    operator = exp.Mul if exponent > 0 else exp.Div
    for _ in range(abs(exponent) // STEP):
        whole = operator(this=whole, expression=exp.Literal.number(f"{2**STEP}.0"))
    return exp.paren(operator(this=whole, expression=exp.Literal.number(f"{2 ** (abs(exponent) % STEP)}.0")))


def known(name: str, engine: Engine) -> exp.Expr:
    """Return a column of numbers, NULL where it is missing or NaN."""
    value = exp.cast(exp.column(name), "double")
    if not engine.infinity:
        return value
    # In engines where NaN is over every number as in those where it compares false, it is not at most infinity.
    infinite = exp.cast(exp.Literal.string(engine.infinity), "double")
    return exp.Case().when(exp.LTE(this=value.copy(), expression=infinite), value)


def text(name: str, engine: Engine) -> exp.Expr:
    """Return a column as text."""
    return engine.filled(engine.text, x=exp.column(name))


def folded(name: str, categories: Sequence[str], engine: Engine) -> exp.Expr:
    """Return a column of texts as `fold_category` compares them, NULL where nothing is left.

    A letter that is in none of the categories stays as it is, since no text with it is one of them.

    Args:
        name: The column.
        categories: Folded texts that it is compared with; every other one may come out as any other.
        engine: The engine.

    Raises:
        PolicyError: A category holds a control character, which engines write in different ways.
    """
    if any(unicodedata.category(mark) in ("Cc", "Cs") for category in categories for mark in category):
        raise PolicyError(
            f"a group of '{name}' lists a value with a control character, which not every warehouse reads alike",
            hint="Leave the character out",
        )
    letters = [(a, b) for a, b in _folds() if any(b in category for category in categories)]
    single = [(a, b) for a, b in letters if len(b) == 1] if engine.translated else []
    trimmed, blanks = (engine.pattern, _pattern()) if engine.pattern else (engine.trimmed, _set())
    plain = engine.filled(trimmed, x=text(name, engine), y=blanks)
    if single:
        these, those = (exp.Literal.string("".join(side)) for side in zip(*single, strict=True))
        plain = engine.filled(engine.translated, x=plain, y=these, z=those)
    for pair in letters:
        if pair not in single:
            plain = exp.func("REPLACE", plain, *map(exp.Literal.string, pair))
    return exp.Nullif(this=engine.filled(engine.compared, x=plain), expression=exp.Literal.string(""))


@cache
def _folds() -> tuple[tuple[str, str], ...]:
    """Return every character that folding changes, with what it becomes."""
    every = map(chr, range(sys.maxunicode + 1))
    return tuple((each, each.casefold()) for each in every if each.casefold() != each)


@cache
def _blanks() -> tuple[str, ...]:
    """Return every character that folding takes from the ends of a text."""
    return tuple(each for each in map(chr, range(sys.maxunicode + 1)) if not fold_category(each))


def _pattern() -> exp.Expr:
    """Return the pattern of blanks at the ends of a text."""
    marks = "".join(f"\\x{{{ord(each):x}}}" for each in _blanks())
    return exp.Literal.string(f"^[{marks}]+|[{marks}]+$")


def _set() -> exp.Expr:
    """Return the blanks as one text."""
    # Tabs and ends of lines would not outlive every editor, and not every engine knows the same short forms of them.
    plain = exp.Literal.string("".join(each for each in _blanks() if each >= " "))
    marks = [exp.Chr(expressions=[exp.Literal.number(ord(each))]) for each in _blanks() if each < " "]
    return reduce(lambda left, right: exp.DPipe(this=left, expression=right), [plain, *marks])
