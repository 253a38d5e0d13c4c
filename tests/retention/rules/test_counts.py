"""Real customers in gaps and overlaps, and the value of their carts."""

import numpy as np
import pandas as pd
import pytest

from retention.rules.audit import RuleAudit, audit
from retention.rules.counts import counted
from retention.rules.logic import RuleSet
from retention.rules.reading import read_rules
from tests.foreign_rules import NUMBERS, WORDS, everybody, frame_of, inside, random_rules, some_columns, written


def audited(text: str, source: str = "rules.yaml") -> RuleAudit:
    rules = read_rules(text, source)
    assert isinstance(rules, RuleSet)
    return audit(rules)


def test_customers_and_carts_of_a_gap_and_an_overlap() -> None:
    customers = pd.DataFrame(
        {
            "avg_order_value": [50.0, 100.0, 150.0, 150.0, np.nan],
            "region": pd.Series(["x", "x", "North ", "x", None], dtype="str"),
            "cart_value": [1.0, 10.0, 100.0, 1_000.0, np.nan],
        }
    )
    found = counted(audited("Low: avg_order_value < 100\nHigh: avg_order_value > 100\nN: region = north"), customers)
    gaps = {found.space.words(each.boxes[0]): (each.customers, each.value) for each in found.gaps}
    assert gaps == {
        "average order value 100, region not north or missing": (1, 10.0),
        "average order value missing, region not north or missing": (1, 0.0),
    }
    assert [(each.rules, each.customers, each.value) for each in found.overlaps] == [
        ((1, 2), 1, 100.0),
        ((0, 2), 0, 0.0),
    ]
    assert found.customers == (2, 1)
    without = counted(audited("A: region = north"), customers.drop(columns="cart_value"))
    assert [(each.customers, each.value) for each in without.gaps] == [(4, None)]


def test_rules_without_a_column_take_everybody() -> None:
    found = counted(audited("CASE WHEN TRUE THEN 'A' WHEN TRUE THEN 'B' END", "r.sql"), pd.DataFrame({"x": [1, 2]}))
    assert (found.overlaps[0].customers, found.customers) == (2, (0, 2))


@pytest.mark.parametrize("seed", range(20))
def test_counts_are_those_of_asking_each_customer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features = some_columns(rng)
    text = "\n".join(f"{name}: {written(asked)!r}" for name, asked in random_rules(rng, features).items())
    whole = everybody(features)
    customers = frame_of([whole[place] for place in rng.integers(0, len(whole), 200)], (*features,))
    found = counted(audited(text), customers.assign(cart_value=customers.get("cart_value", 2.0)))
    assert set(features) <= {*NUMBERS, *WORDS}
    for each in (*found.gaps, *found.overlaps):
        here = int(inside(found.space, each.boxes, customers).sum())
        assert (each.customers, each.value) == (here, 2.0 * here)
    assert found.customers is not None
    assert found.customers[0] == sum(each.customers or 0 for each in found.gaps)
