"""Rules as YAML, as a table and as SQL mean the same, and what is not understood is refused with its place."""

import pytest

from retention.errors import InputError
from retention.policy.yaml_text import policy_to_yaml
from retention.rules.audit import RuleAudit, audit
from retention.rules.logic import RuleSet
from retention.rules.reading import read_rules
from tests.strategies import policy_of


def audited(text: str, source: str) -> RuleAudit:
    rules = read_rules(text, source)
    assert isinstance(rules, RuleSet)
    return audit(rules)


def taken(text: str, source: str = "rules.yaml") -> list[str]:
    """Return whom each rule takes, in words."""
    found = audited(text, source)
    rules = found.rules.rules
    return [" | ".join(sorted(map(found.space.words, found.space.boxes(rule.when)))) or "nobody" for rule in rules]


def table(*cells: str, column: str = "cart_value") -> list[str]:
    return taken("\n".join([f"segment;{column}", *(f"S{i};{cell}" for i, cell in enumerate(cells))]), "r.csv")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("cart_value >= 100", "cart value from 100"),
        ("100 <= cart_value", "cart value from 100"),
        ("50 < cart_value <= 100", "cart value over 50 to 100"),
        ("cart_value between 50 and 100", "cart value from 50 to 100"),
        ("CART_VALUE == 1e2 AND cart_value <> 7", "cart value 100"),
        ("cart_value in (5, .5)", "cart value 0.5 or 5"),
        ("region in (north, 'far west') or region is missing", "region far west or north or missing"),
        ("region not in (north)", "region not north"),
        ("region is not missing", "region known"),
        ("region = 'it''s' or region = \"a\"\"b\"", "region a\"b or it's"),
        ("Zürich-Süd = region", "region zürich-süd"),
        ("not not not cart_value > 5", "cart value at most 5 or missing"),
        ("android = region", "region android"),
        ("days_since_abandonment < 2.5", "days since abandonment at most 2"),
        ("sessions_last_30d > 2 and sessions_last_30d < 4", "sessions in 30 days 3"),
    ],
)
def test_expressions(written: str, meant: str) -> None:
    quoted = written.replace("'", "''")
    assert taken(f"A: '{quoted}'") == [meant]


def test_cells_of_a_table() -> None:
    assert table(">= 100", "50..100", "[50..100)", "(50..100]") == [
        "cart value from 100",
        "cart value from 50 to 100",
        "cart value from 50 under 100",
        "cart value over 50 to 100",
    ]
    assert table("]50..100[", "7", "< 5, > 9, missing", "not(5, 6)", "not missing") == [
        "cart value over 50 under 100",
        "cart value 7",
        "cart value under 5 or over 9 or missing",
        "cart value under 5 or over 5 under 6 or over 6",
        "cart value known",
    ]
    assert table("north, South", '"a, b"', "not(north)", "", "-", column="region") == [
        "region north or south",
        "region a or b",
        "region not north",
        "everybody",
        "everybody",
    ]


def test_a_row_of_else_is_for_everybody_whom_no_row_takes() -> None:
    found = audited("segment,cart_value,region\nA,> 5,-\nRest,else,", "r.csv")
    assert (found.rules.otherwise, found.clean) == ("Rest", True)


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        ("c.cart_value >= -5", "cart value known"),
        ("100 > cart_value", "cart value under 100"),
        ("cart_value BETWEEN 5 AND 6 AND NOT (cart_value = 5.5)", "cart value from 5 under 5.5 or over 5.5 to 6"),
        ("cart_value <> 5", "cart value under 5 or over 5"),
        ("NOT cart_value > 5", "cart value at most 5"),
        ("NOT (NOT cart_value > 5)", "cart value over 5"),
        ("region IN ('north', NULL)", "region north"),
        ("region NOT IN ('north', NULL)", "nobody"),
        ("cart_value NOT IN (5, 6)", "cart value under 5 or over 5 under 6 or over 6"),
        ("cart_value IN (NULL)", "nobody"),
        ("NOT (region = 'north' AND cart_value > 5)", "cart value at most 5 | region not north"),
        ("region IS NOT NULL AND NULL IS NULL OR region = NULL", "refused"),
        ('TRUE AND "region" IS NULL', "region missing"),
        ("COALESCE(cart_value, 0) < 100", "cart value under 100 or missing"),
        ("IFNULL(cart_value, 0) >= 100", "cart value from 100"),
        ("NOT COALESCE(cart_value, 0) >= 100", "cart value under 100 or missing"),
        ("COALESCE(cart_value, NULL) < 100", "cart value under 100"),
        ("COALESCE(region, '') <> 'north'", "region not north or missing"),
        ("COALESCE(LOWER(region), 'north') = 'North'", "region north or missing"),
        ("cart_value::float > 5 AND SAFE_CAST(cart_value AS FLOAT64) < 9", "cart value over 5 under 9"),
    ],
)
def test_conditions_of_sql(condition: str, meant: str) -> None:
    text = f"SELECT user_id, CASE WHEN {condition} THEN 'A' END AS segment FROM carts c;"
    if meant == "refused":
        with pytest.raises(InputError, match="'NULL' is compared, and not a column"):
            taken(text, "r.sql")
    else:
        assert taken(text, "r.sql") == [meant]


def test_names_in_backticks_and_a_name_for_the_case() -> None:
    assert taken('CASE WHEN `cart_value` > 5 THEN "A" END AS segment', "r.sql") == ["cart value over 5"]


def test_lines_of_a_table_end_where_csv_says() -> None:
    found = audited('segment,cart_value\r\n"A\u2028\r\nx",> 5\r\nB,> 6\r\n', "r.csv")
    assert [(rule.segment, rule.place) for rule in found.rules.rules] == [("A\u2028\nx", "line 3"), ("B", "line 4")]


def test_a_case_over_one_column() -> None:
    text = "case lower_region when 'a' then 'A' end".replace("lower_region", "region")
    assert taken(text, "rules.txt") == ["region a"]
    found = audited("SELECT CASE WHEN cart_value > 5 THEN VIP ELSE NULL END FROM c WHERE cart_value > 1", "x")
    assert (found.rules.otherwise, found.rules.notes) == ("", ("what WHERE or JOIN leave out is not looked at",))


@pytest.mark.parametrize(
    ("source", "text", "message"),
    [
        ("r.yaml", "", "does not list rules by name"),
        ("r.yaml", "{}", "no rules"),
        ("r.yaml", "- 5", "does not list rules by name"),
        ("r.yaml", "A: 5", r"r.yaml, line 1, rule 1 \('A'\): the rule is not text"),
        ("r.yaml", "A: else\nB: else", "an ELSE already"),
        ("r.yaml", "A: else", "no rules"),
        ("r.yaml", "' ': cart_value > 5", "no name"),
        ("r.yaml", "A: &x cart_value > 5\nB: *x", "aliases"),
        ("r.yaml", "A: cart_value > 1\nA: cart_value > 5", "used twice"),
        ("r.yaml", "A: cart_valu > 5", "Did you mean 'cart_value'"),
        ("r.yaml", "A: email = x", "'email' is not a column"),
        ("r.yaml", "A: cart_value > 1e400", "'1e400' is not a number below 1e300"),
        ("r.yaml", "A: cart_value > north", "holds numbers"),
        ("r.yaml", "A: region = 5", "holds words"),
        ("r.yaml", "A: region > north", "no order"),
        ("r.yaml", "A: region = ''", "empty value"),
        ("r.yaml", "A: cart_value > avg_order_value", "a column on one side"),
        ("r.yaml", "A: 5 > 6", "a column on one side"),
        ("r.yaml", "A: cart_value >", "ends too early"),
        ("r.yaml", "A: cart_value > 5 or", "ends too early"),
        ("r.yaml", "A: cart_value + 1 > 5", r"cannot be read from '\+ 1 > 5' \(character 12\)"),
        ("r.yaml", "A: __import__('os').system('x')", "cannot be read from"),
        ("r.yaml", "A: region = 'north", "cannot be read from"),
        ("r.csv", "", "no rules"),
        ("r.csv", "segment,cart_valu\nA,> 5", "r.csv, line 1: .*Did you mean 'cart_value'"),
        ("r.csv", "segment,cart_value\nA,> 5\nB,5,6", "r.csv, line 3: the line has 3 cells"),
        ("r.csv", "segment,cart_value\nA,about 5", "line 2: 'about 5' is not a number"),
        ("r.csv", "segment;cart_value\nA;>= 0,5", "line 2: '>= 0,5' has a comma inside a number"),
        ("r.csv", "segment,region\nA,else\nB,else", "line 3: there is an ELSE already"),
        ("r.csv", 'segment,region\nA,"x', "the table cannot be read"),
        ("r.csv", "segment,cart_value\n,> 5", "no name"),
        ("r.sql", "SELECT 1", "0 CASE"),
        ("r.sql", "DELETE FROM x", "not one SELECT with one CASE"),
        ("r.sql", "SELECT 1; DROP TABLE x", "not one SELECT with one CASE"),
        ("r.sql", "CASE WHEN cart_value > 5 THEN CASE WHEN cart_value > 6 THEN 'A' END END", "2 CASE"),
        ("r.sql", "CASE WHEN foo(cart_value) > 5 THEN 'A' END", r"r.sql, WHEN 1: 'FOO\(cart_value\)' is compared, and"),
        ("r.sql", "CASE WHEN foo(cart_value) THEN 'A' END", r"'FOO\(cart_value\)' is not understood"),
        ("r.sql", "CASE WHEN region LIKE 'n%' THEN 'A' END", "'region LIKE 'n%'' is not understood"),
        ("r.sql", "CASE WHEN cart_value IN (SELECT 1) THEN 'A' END", r"'cart_value IN \(SELECT 1\)' is not understood"),
        ("r.sql", "CASE WHEN cart_value > (5 + 5) THEN 'A' END", r"compared with '5 \+ 5'"),
        ("r.sql", "CASE WHEN cart_value > 5 THEN 1 + 1 END", "not a name"),
        ("r.sql", "CASE WHEN cart_value BETWEEN SYMMETRIC 9 AND 5 THEN 'A' END", "is not understood"),
        ("r.sql", "CASE WHEN CAST(cart_value AS INT) > 5 THEN 'A' END", r"'CAST\(cart_value AS INT\)' is compared"),
        ("r.sql", "CASE WHEN cart_value > num_cart_items THEN 'A' END", "compared with 'num_cart_items', and not"),
        ("r.sql", "CASE WHEN cart_value / 2 > 5 THEN 'A' END", "'cart_value / 2' is compared"),
        ("r.sql", "CASE WHEN COALESCE(region, 0) = 'n' THEN 'A' END", "a word in one place and a number in another"),
        (
            "r.sql",
            "CASE WHEN COALESCE(cart_value, num_cart_items, 0) > 5 THEN 'A' END",
            "is compared, and not a column",
        ),
        ("r.sql", "CASE WHEN region = \"n\" THEN 'A' END", "texts in single quotes"),
        ("r.sql", "SELECT IFF(cart_value > 5, 'A', 'B')", r"0 CASE. Leave out all but one CASE WHEN \.\.\. END"),
        ("r.sql", "SELECT CASE WHEN cart_value > 5 THEN CASE WHEN cart_value > 9 THEN 'A' END END", "2 CASE"),
        ("r.sql", "CASE WHEN (", "not valid SQL"),
        ("r.sql", "CASE WHEN 'x", "not valid SQL"),
    ],
)
def test_what_is_not_understood_is_refused(source: str, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        taken(text, source)


@pytest.mark.untraced
def test_bombs_are_refused_and_flat_length_is_not() -> None:
    deep = "(" * 10_000 + "cart_value > 5" + ")" * 10_000
    assert taken(f"A: {deep}") == ["cart value over 5"]
    nested = "cart_value > 5"
    for _ in range(150):
        nested = f"(({nested}) and region = x) or region = y"
    with pytest.raises(InputError, match="more than 100 deep"):
        taken(f"A: {nested}")
    with pytest.raises(InputError, match=r"nested too deeply|not valid SQL"):
        taken(f"CASE WHEN {deep} THEN 'A' END", "r.sql")
    with pytest.raises(InputError, match="nested too deeply"):
        taken("[" * 1_000, "r.yaml")
    assert taken("A: " + " or ".join(["cart_value > 5"] * 2_000)) == ["cart value over 5"]
    product = " and ".join(
        f"(cart_value = {n} or region = r{n} or country = c{n} or archetype = a{n})" for n in range(9)
    )
    assert len(taken(f"A: {product}")) == 1
    with pytest.raises(InputError, match="longer than 250,000"):
        taken("A: " + "x" * 300_000)
    long = ", ".join(f"'r{n}'" for n in range(5_000))
    assert len(taken(f"CASE WHEN region IN ({long}) THEN 'A' END", "r.sql")) == 1
    long = " OR ".join(f"cart_value = {n} AND engagement_score = {n}e-6" for n in range(4_100))
    with pytest.raises(InputError, match="into more than 4,096 parts"):
        taken(f"CASE WHEN {long} THEN 'A' END", "r.sql")
    with pytest.raises(InputError, match="more than 10,000 rules"):
        taken("segment,cart_value\n" + "A,5\n" * 10_001, "r.csv")


def test_a_policy_is_told_by_its_tree() -> None:
    policy = policy_of("All")
    assert read_rules(policy_to_yaml(policy), "p.yaml") == policy
