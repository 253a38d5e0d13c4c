"""Expressions such as `avg_order_value >= 100 and not (region in (north, south))` -> conditions."""

from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken

from retention.errors import RulesError
from retention.rules.logic import FLIPPED, Truth, among, column, compared, is_missing, joined, number

GRAMMAR = r"""
?start: either
either: both ("or"i both)*
both: unary ("and"i unary)*
?unary: "not"i unary -> negated
    | "(" either ")"
    | value SIGN value -> comparison
    | value SIGN value SIGN value -> between_two
    | WORD "between"i value "and"i value -> between
    | WORD "in"i "(" value ("," value)* ")" -> listed
    | WORD "not"i "in"i "(" value ("," value)* ")" -> unlisted
    | WORD "is"i "missing"i -> missing
    | WORD "is"i "not"i "missing"i -> known
?value: WORD | NUMBER | STRING
SIGN: "<=" | ">=" | "!=" | "<>" | "==" | "<" | ">" | "="
WORD: /[^\W\d][\w-]*/i
NUMBER: /[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i
STRING: /"(""|[^"])*"|'(''|[^'])*'/
%ignore /\s+/
"""


def read_expression(text: str) -> Truth:
    """Return what an expression says, with two truth values: a comparison with a missing value is false.

    Raises:
        RulesError: It is none, or names a column that there is not.
    """
    try:
        truth: Truth = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        place = len(text) if ended else int(getattr(error, "pos_in_stream", 0) or 0)
        rest = text[place : place + 20].strip()
        what = f"the rule cannot be read from '{rest}' (character {place + 1})" if rest else "the rule ends too early"
        hint = "Write rules such as: avg_order_value >= 100 and region in (north, 'far west')"
        raise RulesError(what, hint=hint) from error
    return truth


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", transformer=_Builder())


@v_args(inline=True)
class _Builder(Transformer[Token, Truth]):
    """Makes conditions while the text is parsed, so that nesting needs no recursion."""

    def either(self, *parts: Truth) -> Truth:
        return joined(parts, every=False)

    def both(self, *parts: Truth) -> Truth:
        return joined(parts, every=True)

    def negated(self, part: Truth) -> Truth:
        return part.negated()

    def comparison(self, left: Token, sign: Token, right: Token) -> Truth:
        plain = str(sign)
        if left.type != "WORD" or (right.type == "WORD" and not _is_column(left) and _is_column(right)):
            left, right, plain = right, left, FLIPPED.get(plain, plain)
        if left.type != "WORD" or (right.type == "WORD" and _is_column(right)):
            raise RulesError("a comparison needs a column on one side, and a value on the other")
        return compared(column(left), plain, _value(right))

    def between_two(self, *parts: Token) -> Truth:
        low, first, name, second, high = parts
        return joined([self.comparison(low, first, name), self.comparison(name, second, high)], every=True)

    def between(self, name: Token, low: Token, high: Token) -> Truth:
        least, most = (compared(column(name), *end) for end in ((">=", _value(low)), ("<=", _value(high))))
        return joined([least, most], every=True)

    def listed(self, name: Token, *values: Token) -> Truth:
        return among(column(name), [_value(value) for value in values]).truth("two")

    def unlisted(self, name: Token, *values: Token) -> Truth:
        return among(column(name), [_value(value) for value in values]).rest(missing=False).truth("two")

    def missing(self, name: Token) -> Truth:
        return is_missing(column(name))

    def known(self, name: Token) -> Truth:
        return is_missing(column(name)).negated()


def _is_column(token: Token) -> bool:
    try:
        return bool(column(token))
    except RulesError:
        return False


def _value(token: Any) -> float | str:
    if token.type == "NUMBER":
        return number(token)
    return str(token) if token.type == "WORD" else token[1:-1].replace(token[0] * 2, token[0])
