"""The engines that a policy is written for: what each has, and how a statement is written for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from retention.errors import OptionError, Setting

SHA2 = "CAST(CONV(SUBSTRING(SHA2(x, 256), 1, 15), 16, 10) AS BIGINT)"


@dataclass(frozen=True)
class Engine:
    """What sets one engine apart; texts are in its dialect, with `x` for a value and `y` and `z` for arguments.

    Args:
        name: What sqlglot calls its dialect.
        hashed: The first 60 bits of the SHA-256 of a text as a number; empty: it has none.
        infinity: The word for infinity, which no number is over but NaN; empty: a column of numbers holds no NaN.
        text: A value as text.
        trimmed: A text without the characters `y` at its ends, or without what the pattern `y` finds.
        by_pattern: Whether it is a pattern, where the engine knows no sets of characters beyond ASCII.
        translated: A text with the letters `z` for the letters `y`; empty: letters are replaced one by one.
        compared: A text as it is compared byte for byte.
        exact: Whether text becomes the nearest number.
    """

    name: str
    hashed: str = SHA2
    infinity: str = "Infinity"
    text: str = "CAST(x AS TEXT)"
    trimmed: str = "TRIM(BOTH y FROM x)"
    by_pattern: bool = False
    translated: str = "TRANSLATE(x, y, z)"
    compared: str = "x"
    exact: bool = True

    def filled(self, template: str, **parts: exp.Expr) -> exp.Expr:
        """Return one of the texts as an expression, with values in the places of its letters."""
        return parse_one(template, dialect=self.name).transform(
            lambda node: parts[node.name].copy() if isinstance(node, exp.Column) and node.name in parts else node
        )

    def table(self, name: str) -> exp.Table:
        """Return the table of a name as the engine's users write it, such as `shop.customers`.

        Raises:
            OptionError: It is something else than a name.

        >>> ENGINES["duckdb"].table('shop."my table"').sql("duckdb")
        'shop."my table"'
        """
        try:
            found = parse_one(name, into=exp.Table, dialect=self.name)
        except (SqlglotError, RecursionError):
            found = exp.Table()
        given = {key: part for key, part in found.args.items() if part}
        if not given.keys() <= {"this", "db", "catalog"} or not all(
            isinstance(part, exp.Identifier) and part.name for part in given.values()
        ):
            raise OptionError(
                "is not the name of a table", where=Setting.TABLE, hint="Quote unusual names as the warehouse does"
            )
        # Made anew, because a comment stays with what it was parsed with.
        parts = {key: exp.to_identifier(part.name, quoted=part.quoted) for key, part in given.items()}
        return exp.Table(**parts)

    def written(self, statement: exp.Expr) -> str:
        r"""Return a statement as text; every name is quoted, in the case that the engine gives to names without quotes.

        >>> ENGINES["snowflake"].written(exp.select("region").from_("shop"))
        'SELECT\n  "REGION"\nFROM "SHOP"'
        """
        named = normalize_identifiers(statement.copy(), dialect=self.name)
        return str(named.sql(dialect=self.name, identify=True, pretty=True))


ENGINES = {
    engine.name: engine
    for engine in (
        Engine("bigquery", "CAST(CONCAT('0x', SUBSTR(TO_HEX(SHA256(x)), 1, 15)) AS INT64)", trimmed="TRIM(x, y)"),
        Engine(
            "snowflake",
            "TO_NUMBER(SUBSTR(SHA2(x, 256), 1, 15), 'XXXXXXXXXXXXXXX')",
            infinity="inf",
            trimmed="TRIM(x, y)",
        ),
        Engine("databricks"),
        Engine(
            "postgres",
            "CAST(CAST('x' || SUBSTRING(ENCODE(SHA256(CONVERT_TO(x, 'UTF8')), 'hex'), 1, 15) AS BIT(60)) AS BIGINT)",
        ),
        Engine("redshift", "STRTOL(SUBSTRING(SHA2(x, 256), 1, 15), 16)", trimmed="BTRIM(x, y)"),
        Engine("duckdb", "CAST('0x' || SUBSTRING(SHA256(x), 1, 15) AS BIGINT)", trimmed="TRIM(x, y)"),
        Engine("spark"),
        Engine(
            "mysql",
            "CAST(CONV(SUBSTRING(SHA2(x, 256), 1, 15), 16, 10) AS SIGNED)",
            infinity="",
            text="CAST(x AS CHAR CHARACTER SET utf8mb4)",
            # Its TRIM takes a word and no set of characters, and its collations take é for e.
            trimmed="REGEXP_REPLACE(x, y, '')",
            by_pattern=True,
            translated="",
            compared="CAST(x AS BINARY)",
        ),
        # Its NaN is NULL. Text becomes a number that may be off in the last bit.
        Engine("sqlite", "", infinity="", trimmed="TRIM(x, y)", translated="", exact=False),
        Engine("trino", "FROM_BASE(SUBSTR(TO_HEX(SHA256(TO_UTF8(x))), 1, 15), 16)"),
        Engine(
            "clickhouse",
            "reinterpretAsUInt64(reverse(unhex(concat('0', substring(hex(SHA256(x)), 1, 15)))))",
            text="CAST(x AS Nullable(String))",
            # Its TRIM and TRANSLATE go by bytes.
            trimmed="replaceRegexpAll(x, y, '')",
            by_pattern=True,
            translated="translateUTF8(x, y, z)",
        ),
    )
}
"""By name."""


@dataclass(frozen=True)
class Warehouse:
    """Where statements are to run.

    Args:
        engine: The engine.
        table: Its table of customers, one row each, with columns named and meant as those of the contract.
        hash_function: A function that its user registered, where the engine has no SHA-256: text -> 60 bits.
    """

    engine: Engine
    table: exp.Table
    hash_function: str = ""


def step(columns: Mapping[str, exp.Expr]) -> exp.Select:
    """Return what a step gives, a name and an expression a column; where it reads from, `in_steps` says."""
    return exp.select(
        *(value if value == exp.column(name) else exp.alias_(value, name) for name, value in columns.items())
    )


def in_steps(table: exp.Table, *steps: exp.Select) -> exp.Select:
    """Return one statement of several steps: the first reads a table, each other one what the one before gives."""
    names = [f"policy_step_{number}" for number in range(1, len(steps))]
    sources = [table.copy(), *map(exp.to_table, names)]
    *before, last = [each.from_(source) for each, source in zip(steps, sources, strict=True)]
    for name, each in zip(names, before, strict=True):
        last = last.with_(name, as_=each, copy=False)
    return last
