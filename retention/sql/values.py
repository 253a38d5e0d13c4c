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
from functools import cache

from sqlglot import exp, parse_one

from retention.errors import PolicyError
from retention.sql.engines import BLANKS, Engine

DIGITS, POWER = 15, 49
"""So many digits every engine reads exactly, where they are the number and not only near it; 2 ** 49 has as many."""


def number(value: float, engine: Engine) -> exp.Expr:
    """Return a number, the same to the last bit; NULL for one that is not known.

    >>> from retention.sql.engines import engine_named
    >>> [number(value, engine_named("duckdb")).sql("duckdb") for value in (90.0, 0.1)]
    ['90.0', "CAST('0.1' AS DOUBLE)"]
    """
    text = repr(float(value))
    if math.isnan(value):
        return exp.cast(exp.null(), "double")
    if abs(value) < 10**DIGITS and Fraction(text) == Fraction(value) and sum(map(str.isdigit, text)) <= DIGITS:
        return exp.Literal.number(text)
    if engine.exact:
        # A literal alone may be a decimal number, which some engines turn into the nearest one but one.
        return exp.cast(exp.Literal.string(text), "double")
    # A whole number times or through powers of two, each of which is exact.
    mantissa, exponent = math.frexp(value)
    whole: exp.Expr = exp.Literal.number(f"{int(math.ldexp(mantissa, 53))}.0")
    steps, rest = divmod(abs(exponent - 53), POWER)
    for power in (*[POWER] * steps, rest):
        factor = exp.Literal.number(f"{2**power}.0")
        whole = exp.Mul(this=whole, expression=factor) if exponent > 53 else exp.Div(this=whole, expression=factor)
    return exp.paren(whole)


def known(name: str, engine: Engine) -> exp.Expr:
    """Return a column of numbers, NULL where it is missing or NaN."""
    value = exp.cast(exp.column(name), "double")
    # In engines where NaN is over every number as in those where it compares false, it is not at most infinity.
    infinite = exp.cast(exp.Literal.string(engine.infinity), "double")
    return exp.Case().when(exp.LTE(this=value, expression=infinite), value) if engine.infinity else value


def text(name: str, engine: Engine) -> exp.Expr:
    """Return a column as text."""
    return engine.filled(engine.text, x=exp.column(name))


def folded(name: str, categories: Sequence[str], engine: Engine) -> exp.Expr:
    """Return a column of texts as `fold_category` compares them with categories, NULL where nothing is left.

    A letter that is in none of the categories stays as it is, since no text with it is one of them.

    Raises:
        PolicyError: A category holds a control character, which engines write in different ways.
    """
    if any(unicodedata.category(mark) in ("Cc", "Cs") for category in categories for mark in category):
        raise PolicyError(f"a group of '{name}' lists a value with a control character", hint="Leave it out")
    letters = [(a, b) for a, b in _folds() if any(b in category for category in categories)]
    single = [(a, b) for a, b in letters if len(b) == 1] if engine.translated else []
    plain = engine.filled(engine.trimmed, x=text(name, engine), y=parse_one(BLANKS))
    if single:
        these, those = (exp.Literal.string("".join(side)) for side in zip(*single, strict=True))
        plain = engine.filled(engine.translated, x=plain, y=these, z=those)
    for pair in letters:
        if pair not in single:
            plain = exp.func("REPLACE", plain, *map(exp.Literal.string, pair))
    # Bytes have no lower case, which addresses still get.
    plain = engine.filled(engine.compared, x=plain) if categories else plain
    return exp.Nullif(this=plain, expression=exp.Literal.string(""))


@cache
def _folds() -> tuple[tuple[str, str], ...]:
    """Return every character that folding changes, with what it becomes."""
    every = map(chr, range(sys.maxunicode + 1))
    return tuple((each, each.casefold()) for each in every if each.casefold() != each)
