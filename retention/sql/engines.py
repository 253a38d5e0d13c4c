"""The engines that a policy is written for: what each has, and how a statement is written for it."""

import tomllib
from dataclasses import dataclass
from importlib import resources

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from retention.errors import OptionError, Setting, did_you_mean

_FILE = tomllib.loads(resources.files(__package__).joinpath("engines.toml").read_text(encoding="utf-8"))
_DEFAULT, BLANKS = _FILE.pop("default"), str(_FILE.pop("blanks"))
"""What is no part of a text at its ends, as an expression."""


@dataclass(frozen=True)
class Engine:
    """What sets one engine apart, by the name of its dialect; `engines.toml` says what each field is."""

    name: str
    title: str
    hashed: str
    infinity: str
    text: str
    trimmed: str
    translated: str
    compared: str
    exact: bool

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

        >>> engine_named("snowflake").written(exp.select("region").from_("shop"))
        'SELECT\n  "REGION"\nFROM "SHOP"'
        """
        named = normalize_identifiers(statement.copy(), dialect=self.name)
        return str(named.sql(dialect=self.name, identify=True, pretty=True))


ENGINES = {name: Engine(name, **{**_DEFAULT, **apart}) for name, apart in _FILE.items()}


def engine_named(name: str) -> Engine:
    """Return an engine; raises `OptionError` where there is none of the name."""
    if name not in ENGINES:
        raise OptionError(f"'{name}' is not known", where=Setting.DIALECT, hint=did_you_mean(name, ENGINES))
    return ENGINES[name]
