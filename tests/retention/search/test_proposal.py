"""A found tree as a policy: it loads, and the engine finds the leaves that were searched."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from hypothesis import given, strategies as st

from retention.policy.policy import Campaign, leaf_names
from retention.policy.yaml_text import policy_from_yaml, policy_to_yaml
from retention.search.best_tree import best_tree
from retention.search.bins import binned_all
from retention.search.nodes import found_leaves, found_splits, leaf_numbers
from retention.search.objectives import LeafLimits, ValueSpread
from retention.search.proposal import found_at, proposed
from retention.search.sums import Sums, whole
from segmentation_engine import fit
from tests.strategies import CAMPAIGN, policy_of

Shop = tuple[pd.DataFrame, npt.NDArray[np.float64]]
FEATURES = ("cart_value", "days_since_last_order", "region")
BASE = policy_of("Everybody", sizes={"min_size": 1})


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """Customers with numbers, categories and missing values, and what each is worth."""
    n = draw(st.integers(20, 80))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    frame = pd.DataFrame(
        {
            "cart_value": np.round(rng.lognormal(3, 1, n), 2),
            "days_since_last_order": np.where(
                rng.random(n) < draw(st.sampled_from([0, 0.3])), np.nan, rng.integers(0, 9, n)
            ),
            "region": pd.Series(rng.choice(["North", "south ", "East", "west"], n), dtype="str").where(
                rng.random(n) > draw(st.sampled_from([0, 0.3]))
            ),
        }
    )
    return frame, rng.integers(-3, 4, n) + (frame["cart_value"] > 20).to_numpy() * 2.0


@given(shop=shops(), depth=st.integers(0, 3), minimum=st.integers(1, 10), bins=st.integers(2, 6))
def test_the_engine_finds_the_leaves_that_were_searched(
    shop: Shop,
    depth: int,
    minimum: int,
    bins: int,
) -> None:
    frame, value = shop
    features = binned_all(frame, FEATURES, value, bins)
    codes = np.array([each.codes(frame) for each in features])
    parts = np.stack([np.ones(len(value)), np.ones(len(value)), whole(value)[0]], axis=1)
    sums = Sums(codes, tuple(each.axis.size for each in features), parts)
    tree = best_tree(sums, features, ValueSpread(LeafLimits(minimum)), depth)
    campaigns = [Campaign(**CAMPAIGN)] * sum(1 for _ in found_leaves(tree))
    policy = policy_from_yaml(policy_to_yaml(proposed(tree, BASE, campaigns, minimum=minimum, currency="USD")))
    fitted = fit(frame, policy)
    assert (fitted.grid.look_up(frame, fitted.leaf_of_cell) == leaf_numbers(tree, codes)).all()
    assert fitted.proof().exclusive
    assert fitted.proof().exhaustive
    assert [segment.name for segment in fitted.segments] == list(leaf_names(policy.tree))
    assert all(found_at(split) for split in found_splits(tree))


def test_names_say_the_rules_and_audiences_say_them_in_words() -> None:
    frame = pd.DataFrame({"cart_value": [10.0, 20.0, 30.0, 40.0, 50.0] * 8, "region": ["a", "b", "a", "b", None] * 8})
    value = np.array([0.0, 0.0, 5.0, 5.0, 9.0] * 8)
    features = binned_all(frame, ("cart_value",), value, 8)
    codes = np.array([each.codes(frame) for each in features])
    sums = Sums(
        codes, tuple(each.axis.size for each in features), np.stack([np.ones(40), np.ones(40), value - 4], axis=1)
    )
    tree = best_tree(sums, features, ValueSpread(LeafLimits(5)), 2)
    policy = proposed(tree, BASE, [Campaign(**CAMPAIGN)] * 3, minimum=5, currency="USD")
    assert list(policy.segments) == ["Cart to 20", "Cart 20 to 40", "Cart over 40"]
    assert [each.audience for each in policy.segments.values()] == [
        "Cart value at most $20",
        "Cart value over $20 to $40 or unknown",
        "Cart value over $40",
    ]
    assert policy.sizes.min_size == 5
