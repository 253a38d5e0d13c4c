"""Every engine gets what is meant: its text, read back by its own grammar, is the tree that was written."""

import re
import sys
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from sqlglot import exp, parse_one
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from retention.errors import OptionError
from retention.experiment.arms import Experiment
from retention.partition.fitted import FittedTree
from retention.policy.policy import Policy, fold_category
from retention.sql.engines import BLANKS, ENGINES, engine_named
from retention.sql.statements import STATEMENTS
from segmentation_engine import fit
from tests.retention.sql.databases import in_duckdb, warehouse
from tests.retention.sql.shops import ALWAYS
from tests.strategies import cases, policy_of

TRIAL = Experiment("it's \\ -- /* x */", {"con'trol\\": 0.5, '"b"; DROP TABLE x': 0.5})
NAMES = [name if name == "bigquery" else pytest.param(name, marks=pytest.mark.slow) for name in ENGINES]
COLUMNS = (*ALWAYS, "user_id", "email", "email_consent", "recovered", "cart_value")


def shape(node: Any) -> Any:
    """Return what two trees have to share; parsers add flags of their own, and call one type by several names."""
    if isinstance(node, exp.Paren) or (isinstance(node, exp.Cast) and isinstance(node.parent, exp.Div | exp.Concat)):
        return shape(node.this)
    if isinstance(node, exp.DataType):
        return "text" if node.is_type(*exp.DataType.TEXT_TYPES) else node.this
    if isinstance(node, exp.Concat | exp.DPipe):
        return "joined", [shape(each) for each in (node.flatten() if isinstance(node, exp.DPipe) else node.expressions)]
    if isinstance(node, exp.Anonymous):
        return node.name.lower(), [shape(each) for each in node.expressions]
    if not isinstance(node, exp.Expr):
        return node
    children = {key: value for key, value in node.args.items() if value and value is not True}
    return type(node).__name__.removeprefix("Try"), [
        (key, [shape(each) for each in value] if isinstance(value, list) else shape(value))
        for key, value in sorted(children.items())
    ]


def check(name: str, tree: FittedTree) -> None:
    place = warehouse(name, tree, COLUMNS, TRIAL)
    for each in STATEMENTS:
        meant = normalize_identifiers(place.statement(each), dialect=name)
        read = parse_one(place.engine.written(meant), dialect=name)
        for identifier in meant.find_all(exp.Identifier):
            identifier.set("quoted", True)
        assert shape(read) == shape(meant)


@pytest.mark.untraced
@pytest.mark.parametrize("name", NAMES)
@given(case=cases(max_size=3))
@settings(max_examples=3)
def test_the_text_is_read_back_as_the_tree_that_was_meant(name: str, case: tuple[Policy, pd.DataFrame]) -> None:
    policy, frame = case
    check(name, fit(pd.concat([frame] * 20, ignore_index=True), policy))


HOSTILE = (
    "it's",
    'a"b',
    "c\\",
    "\\'; DROP TABLE x; --",
    "d`e",
    "*/ f /*",
    "{{ g }}",
    "h%s",
    "i\u2028j",
    "$$j$$",
    "\\x41",
)


@pytest.mark.untraced
@pytest.mark.parametrize("name", NAMES)
def test_names_and_categories_stay_texts(name: str) -> None:
    groups = {f"g{i}": [word] for i, word in enumerate(HOSTILE)}
    leaves = {label: f"{word[:50]} {i}" for i, (label, word) in enumerate(zip(groups, HOSTILE, strict=True))}
    leaves = {label: leaf.replace("\u2028", "x") for label, leaf in leaves.items()}
    tree = {"split": "region", "groups": groups, "else": "o", "missing": "o", "branches": leaves | {"o": "O"}}
    frame = pd.DataFrame({"user_id": map(str, range(24)), "region": pd.Series([*HOSTILE, ""] * 2, dtype="str")})
    fitted = fit(frame, policy_of(tree, sizes={"min_size": 1}))
    check(name, fitted)
    statement = warehouse(name, fitted, COLUMNS).statement("segments")
    read = parse_one(ENGINES[name].written(statement), dialect=name)
    texts = {literal.this for literal in read.find_all(exp.Literal) if literal.is_string}
    assert texts >= {word.casefold() for word in HOSTILE} | set(leaves.values())


@pytest.mark.parametrize("name", ENGINES)
def test_a_table_is_a_name_and_nothing_else(name: str) -> None:
    engine = ENGINES[name]
    quote = "`" if name in ("bigquery", "databricks", "spark", "mysql") else '"'
    for parts in (["customers"], ["shop", "select"], ["a.b", "c;d"], ["x'y", "o p"]):
        typed = ".".join(f"{quote}{part}{quote}" for part in parts)
        table = engine.table(typed)
        read = parse_one(engine.written(exp.select("x").from_(table)), dialect=name)
        if name != "bigquery" or not any("." in part for part in parts):
            assert [part.name for each in read.find_all(exp.Table) for part in each.parts] == parts
    assert engine.table("shop.customers -- x").sql() == "shop.customers"
    for odd in (
        "",
        "a; DROP TABLE b",
        "a b",
        "(SELECT 1)",
        "a, b",
        "f(1)",
        "a JOIN b",
        "a.b.c.d.e",
        "a" * 9 + "(",
    ):
        with pytest.raises(OptionError, match="is not the name of a table"):
            engine.table(odd)


def test_an_engine_that_nobody_knows_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(OptionError, match="Did you mean 'postgres'"):
        engine_named("postgresql")


@given(word=st.text(min_size=1, max_size=9))
def test_a_name_that_is_quoted_is_the_name(word: str) -> None:
    table = exp.to_identifier(word, quoted=True)
    text = ENGINES["postgres"].written(exp.select("x").from_(exp.Table(this=table)))
    assert text.endswith('"' + word.replace('"', '""') + '"')


@pytest.mark.untraced
def test_the_blanks_are_those_that_folding_takes_away() -> None:
    blanks = {each for each in map(chr, range(sys.maxunicode + 1)) if not fold_category(each)}
    ((plain,),) = in_duckdb(parse_one(f"SELECT {BLANKS}").sql("duckdb"))
    assert set(plain) == blanks
    for name in ("mysql", "clickhouse"):
        listed = [chr(int(code, 16)) for code in re.findall(r"x\{([0-9a-f]+)\}", ENGINES[name].trimmed)]
        assert listed == sorted(blanks) * 2
