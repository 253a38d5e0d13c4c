"""All gaps and overlaps, and no others: held against plain meaning, against draws, and against a prover."""

from collections.abc import Mapping
from itertools import combinations, product
from math import inf, nextafter

import duckdb
import numpy as np
import pandas as pd
import pytest
import z3

from retention.errors import RulesError
from retention.rules import audit as auditing
from retention.rules.audit import RuleAudit, audit
from retention.rules.cells import RuleAxis, runs
from retention.rules.logic import RuleSet
from retention.rules.reading import read_rules
from tests.foreign_rules import (
    CUTS,
    NUMBERS,
    WORDS,
    Asked,
    check_against,
    everybody,
    frame_of,
    holds,
    inside,
    partition,
    points,
    random_rules,
    some_columns,
    written,
)


def audited(text: str, source: str = "rules.yaml") -> RuleAudit:
    rules = read_rules(text, source)
    assert isinstance(rules, RuleSet)
    return audit(rules)


def gaps(text: str) -> list[str]:
    found = audited(text)
    return [found.space.words(gap.boxes[0]).replace("average order value", "AOV") for gap in found.gaps]


def overlaps(text: str) -> dict[tuple[int, ...], list[str]]:
    found = audited(text)
    return {each.rules: [found.space.words(box) for box in each.boxes] for each in found.overlaps}


def test_a_boundary_that_both_sides_leave_out_is_a_gap_of_one_value() -> None:
    text = "Low: avg_order_value < 100\nHigh: avg_order_value > 100\nNone: avg_order_value is missing"
    assert gaps(text) == ["AOV 100"]
    (gap,) = audited(text).gaps
    assert gap.takes == 0
    assert audited(text).space.example(gap.boxes[0]) == {"avg_order_value": 100.0}


def test_a_boundary_that_both_sides_have_is_an_overlap_of_one_value() -> None:
    text = "Low: avg_order_value <= 100\nHigh: avg_order_value >= 100 or avg_order_value is missing"
    assert overlaps(text) == {(0, 1): ["average order value 100"]}
    assert audited(text).overlaps[0].takes == 0


def test_a_cent_between_two_rules_is_a_matter_of_a_boundary_and_a_euro_is_not() -> None:
    cent = "Low: avg_order_value <= 99.99 or avg_order_value is missing\nHigh: avg_order_value >= 100"
    assert (gaps(cent), audited(cent).gaps[0].takes) == (["AOV over 99.99 under 100"], 0)
    assert audited(cent.replace("99.99", "99")).gaps[0].takes is None


def test_whole_numbers_have_nothing_between_them() -> None:
    text = "A: sessions_last_30d < 3\nB: sessions_last_30d >= 2.5\nC: sessions_last_30d is missing"
    assert audited(text).clean
    assert [found.takes for found in audited(text.replace("2.5", "3.5")).gaps] == [0]


def test_what_the_contract_rules_out_is_no_gap() -> None:
    text = "A: engagement_score <= 1\nB: engagement_score is missing\nC: engagement_score > 1\nD: cart_value < 0"
    found = audited(text)
    assert (found.gaps, found.overlaps, found.never) == ((), (), (2, 3))


def test_missing_values_take_no_comparison_and_every_not() -> None:
    assert gaps("A: avg_order_value > 5 or avg_order_value <= 5") == ["AOV missing"]
    assert not gaps("A: avg_order_value > 5\nB: not (avg_order_value > 5)")
    assert gaps("A: region in (north)\nB: region not in (north)") == ["region missing"]


def test_in_sql_a_missing_value_takes_neither_a_comparison_nor_its_opposite() -> None:
    text = "CASE WHEN cart_value > 5 THEN 'A' WHEN NOT cart_value > 5 THEN 'B' END"
    found = audited(text, "r.sql")
    assert [found.space.words(gap.boxes[0]) for gap in found.gaps] == ["cart value missing"]


def test_categories_are_compared_as_the_product_does() -> None:
    assert overlaps("A: region = North\nB: region in ('  NORTH ', south)") == {(0, 1): ["region north"]}
    assert gaps("A: region = North") == ["region not north or missing"]


def test_two_rules_of_one_segment_do_not_dispute_a_customer() -> None:
    assert not overlaps("- A: cart_value > 5\n- A: cart_value > 9")


def test_a_rule_that_contradicts_itself_is_told() -> None:
    found = audited("A: 9 < cart_value < 5\nB: region is missing and region = north\nC: cart_value >= 0")
    assert (found.never, found.clean) == ((0, 1), False)


def test_in_a_case_rules_that_earlier_ones_hide_are_told_and_overlaps_are_settled() -> None:
    text = "CASE WHEN cart_value > 5 THEN 'A' WHEN cart_value > 9 THEN 'B' WHEN cart_value > 1 THEN 'C' ELSE 'D' END"
    found = audited(text, "r.sql")
    assert (found.shadowed, len(found.overlaps), found.clean) == ((1,), 3, False)
    assert audited(text.replace("WHEN cart_value > 9 THEN 'B'", ""), "r.sql").clean


def test_an_else_closes_gaps_and_one_for_nobody_is_a_fault() -> None:
    assert audited("A: cart_value > 5\nRest: else").clean
    assert not audited("A: cart_value > 5\nB: not (cart_value > 5)\nRest: otherwise").clean


def test_rules_without_a_column() -> None:
    found = audited("CASE WHEN TRUE THEN 'All' END", "r.sql")
    assert (found.clean, found.space.axes) == (True, ())


def check(asked: Mapping[str, Asked], features: tuple[str, ...], *, sql: bool = False) -> RuleAudit:
    """Audit rules, and hold every customer's fate against their plain meaning."""
    if sql:
        branches = " ".join(f"WHEN {written(each, sql=True)} THEN '{name}'" for name, each in asked.items())
        found = audited(f"CASE {branches} END", "r.sql")
    else:
        found = audited("\n".join(f"{name}: {written(each)!r}" for name, each in asked.items()))
    customers = everybody(features)
    taken = {n: np.array([holds(a, c, three=sql) is True for c in customers]) for n, a in asked.items()}
    check_against(found, taken, frame_of(customers, features))
    return found


@pytest.mark.parametrize(
    "condition",
    [
        "COALESCE(avg_order_value, 0) >= 50",
        "NOT IFNULL(avg_order_value, 100) >= 50 AND region = 'north'",
        "COALESCE(avg_order_value, 0) BETWEEN 0 AND 49.99",
        "COALESCE(region, 'north') = 'north' OR avg_order_value > 50",
        "NOT (COALESCE(region, 'x') <> 'north')",
        "60 > COALESCE(avg_order_value, 60)",
        "avg_order_value::double > 50 AND NOT region IN ('north', 'south')",
        "region IN ('north', NULL) OR avg_order_value NOT IN (50, 60)",
        "avg_order_value NOT BETWEEN 50 AND 60",
        "NOT (avg_order_value > 50 AND region IS NULL)",
        "NOT (NULL OR avg_order_value < 50)",
    ],
)
def test_a_database_takes_whom_the_audit_says(condition: str) -> None:
    amounts = [None, -0.0, 0.0, 49.99, 49.995, 50.0, nextafter(50, inf), 60.0, 60.01, 100.0]
    customers = pd.DataFrame(
        product(amounts, [None, "north", "south", "x"]), columns=["avg_order_value", "region"]
    ).astype({"avg_order_value": "float64", "region": "str"})
    found = audited(f"CASE WHEN {condition} THEN 'A' END", "r.sql")
    with duckdb.connect() as database:
        database.register("customers", customers.astype(object).where(customers.notna(), None))
        rows = database.execute(f"SELECT coalesce({condition}, false) FROM customers").fetchall()
    boxes = found.space.boxes(found.rules.rules[0].when)
    assert inside(found.space, boxes, customers).tolist() == [row[0] for row in rows]


SHORT, LONG = range(60), range(500)


def check_random(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features = some_columns(rng)
    check(random_rules(rng, features), features, sql=bool(seed % 2))


@pytest.mark.parametrize("seed", SHORT)
def test_every_customer_that_random_rules_leave_out_or_take_twice_is_told(seed: int) -> None:
    check_random(seed)


@pytest.mark.proof
def test_every_customer_of_500_sets_of_random_rules() -> None:
    for seed in LONG:
        check_random(1_000 + seed)


def check_planted(seed: int) -> None:
    """Take the rule of a leaf away and widen another: gap and overlap are exactly what was planted."""
    rng = np.random.default_rng(seed)
    features = some_columns(rng)
    leaves = partition(rng, features)
    whole: dict[str, Asked] = {f"S{place}": ("and", path) for place, path in enumerate(leaves) if path}
    if not whole:
        return
    found = check(whole, features)
    assert (found.gaps, found.overlaps) == ((), ())
    gone, wide = (str(name) for name in rng.choice(list(whole), 2))
    planted = {name: asked for name, asked in whole.items() if name != gone}
    # Without its last condition a leaf reaches into its neighbours.
    planted |= {wide: ("and", whole[wide][1][:-1])} if wide != gone and len(whole[wide][1]) > 1 else {}
    if planted:
        check(planted, features)


@pytest.mark.parametrize("seed", SHORT)
def test_planted_gaps_and_overlaps_are_found_and_no_others(seed: int) -> None:
    check_planted(seed)


@pytest.mark.proof
def test_all_planted_gaps_and_overlaps_of_500_sets_of_rules() -> None:
    for seed in LONG:
        check_planted(1_000 + seed)


@pytest.mark.parametrize("seed", range(20))
def test_draws_of_customers_contradict_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features = (*NUMBERS, *WORDS)
    asked = random_rules(rng, features)
    draws = [{name: rng.choice(np.array(points(name), dtype=object)) for name in features} for _ in range(300)]
    found = audited("\n".join(f"{name}: {written(each)!r}" for name, each in asked.items()))
    used = tuple(axis.feature for axis in found.space.axes)
    taken = {name: np.array([holds(each, draw) is True for draw in draws]) for name, each in asked.items()}
    check_against(found, taken, frame_of(draws, used))


def proven(asked: Asked, of: Mapping[str, tuple[z3.ArithRef, z3.BoolRef]]) -> z3.BoolRef:
    """Return a condition over whole numbers as the prover takes it."""
    kind = asked[0]
    if kind == "not":
        return z3.Not(proven(asked[1], of))
    if kind in ("and", "or"):
        return (z3.And if kind == "and" else z3.Or)([proven(part, of) for part in asked[1]])
    value, missing = of[asked[1]]
    if kind == "missing":
        return missing
    cut = int(asked[2])
    told = {"<": value < cut, "<=": value <= cut, ">": value > cut, ">=": value >= cut, "=": value == cut}
    return z3.And(z3.Not(missing), told.get(kind, value != cut))


@pytest.mark.parametrize("seed", range(25))
def test_a_prover_agrees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features = ("sessions_last_30d", "num_cart_items")
    assert set(features) <= set(CUTS)
    asked = random_rules(rng, features)
    found = audited("\n".join(f"{name}: {written(each)!r}" for name, each in asked.items()))
    of = {name: (z3.Int(name), z3.Bool(f"no {name}")) for name in features}
    rules = [proven(each, of) for each in asked.values()]

    def region(boxes: tuple[tuple[int, ...], ...]) -> z3.BoolRef:
        return z3.Or([z3.And([position(*each) for each in zip(found.space.axes, box, strict=True)]) for box in boxes])

    def position(axis: RuleAxis, mask: int) -> z3.BoolRef:
        value, missing = of[axis.feature]
        ranges = [axis.ends(*run) for run in runs(mask & ~1)]
        known = [z3.And(value >= int(low), value < int(high) if high < inf else True) for low, high in ranges]
        return z3.Or(z3.And(missing, bool(mask & 1)), z3.And(z3.Not(missing), z3.Or(known)))

    def same(one: z3.BoolRef, other: z3.BoolRef) -> bool:
        solver = z3.Solver()
        solver.add(z3.Xor(one, other), *(value >= 0 for value, _ in of.values()))
        return bool(solver.check() == z3.unsat)

    assert same(region(tuple(gap.boxes[0] for gap in found.gaps)), z3.Not(z3.Or(rules)))
    told = {each.rules: region(each.boxes) for each in found.overlaps}
    for pair in combinations(range(len(rules)), 2):
        assert same(told.get(pair, z3.BoolVal(val=False)), z3.And(rules[pair[0]], rules[pair[1]]))


def test_the_search_stops_at_its_bounds_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(f"R{n}: cart_value >= {n} and avg_order_value < {100 - n}" for n in range(30))
    monkeypatch.setattr(auditing, "MAX_PAIRS", 10)
    monkeypatch.setattr(auditing, "MAX_REGIONS", 5)
    found = audited(text)
    assert [words.partition(" after ")[2] for words in found.stopped] == [
        "5 regions; there may be more",
        "10; there may be more",
    ]
    assert not found.clean
    monkeypatch.setattr(auditing, "MAX_PARTS", 20)
    with pytest.raises(RulesError, match="more than 20 parts"):
        audited(text)


def test_the_order_of_rules_changes_no_gap() -> None:
    rng = np.random.default_rng(1)
    asked = [f"{name}: {written(each)!r}" for name, each in random_rules(rng, (*NUMBERS, *WORDS)).items()]
    one, other = audited("\n".join(asked)), audited("\n".join(reversed(asked)))
    assert {one.space.words(gap.boxes[0]) for gap in one.gaps} == {
        other.space.words(gap.boxes[0]) for gap in other.gaps
    }
