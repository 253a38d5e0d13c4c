"""The engines that a policy is written for: what each has, and how a statement is written for it."""

import tomllib
from dataclasses import dataclass
from importlib import resources

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from retention.errors import OptionError, Setting, did_you_mean


@dataclass(frozen=True)
class Engine:
    """What sets one engine apart.

    Args:
        name: What sqlglot calls its dialect.
        hashed: The first 60 bits of the SHA-256 of a text as a number; empty: it has none.
        infinity: The word for infinity, which no number is over but NaN; empty: a column of numbers holds no NaN.
        text: A value as text.
        trimmed: A text without the characters `y` at its ends.
        pattern: A text without what the pattern `y` finds, used where sets of characters are of bytes or not known.
        translated: A text with the letters `z` for the letters `y`; empty: letters are replaced one by one.
        compared: A text as it is compared byte for byte.
        exact: Whether text becomes the nearest number.
    """

    name: str
    hashed: str = "CAST(CONV(SUBSTRING(SHA2(x, 256), 1, 15), 16, 10) AS BIGINT)"
    infinity: str = "Infinity"
    text: str = "CAST(x AS TEXT)"
    trimmed: str = "TRIM(BOTH y FROM x)"
    pattern: str = ""
    translated: str = "TRANSLATE(x, y, z)"
    compared: str = "x"
    exact: bool = True

    def filled(self, template: str, **parts: exp.Expr) -> exp.Expr:
        """Return one of the texts as an expression, with values in the places of its letters."""
        return parse_one(template, dialect=self.name).transform(
            lambda node: parts[node.name].copy() if isinstance(node, exp.Column) and node.name in parts else node
        )

    def table(self, name: str) -> exp.Table:
        """Return the table of a name as the engine's users write it, such as `shop."my customers"`.

        Raises:
            OptionError: It is something else than a name.
        """
        try:
            given = {key: part for key, part in parse_one(name, into=exp.Table, dialect=self.name).args.items() if part}
        except (SqlglotError, RecursionError):
            given = {}
        named = all(isinstance(part, exp.Identifier) and part.name for part in given.values())
        if not (given and named and given.keys() <= {"this", "db", "catalog"}):
            hint = "Write SCHEMA.NAME, and quote unusual names as the warehouse does"
            raise OptionError("is not the name of a table", where=Setting.TABLE, hint=hint)
        # Made anew, because comments stay with what they were parsed with.
        return exp.Table(**{key: exp.to_identifier(part.name, quoted=part.quoted) for key, part in given.items()})

    def written(self, statement: exp.Expr) -> str:
        r"""Return a statement as text; each name is quoted, in the case that the engine gives to names without quotes.

        >>> ENGINES["snowflake"].written(exp.select("region").from_("shop"))
        'SELECT\n  "REGION"\nFROM "SHOP"'
        """
        named = normalize_identifiers(statement.copy(), dialect=self.name)
        return str(named.sql(dialect=self.name, identify=True, pretty=True))


_TABLE = tomllib.loads(resources.files(__package__).joinpath("engines.toml").read_text(encoding="utf-8"))
ENGINES = {name: Engine(name, **apart) for name, apart in _TABLE.items()}
"""By name."""


def engine_named(name: str) -> Engine:
    """Return an engine by its name.

    Raises:
        OptionError: There is none.
    """
    if name not in ENGINES:
        raise OptionError(f"'{name}' is not known", where=Setting.DIALECT, hint=did_you_mean(name, ENGINES))
    return ENGINES[name]
