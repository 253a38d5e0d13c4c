"""Universes with everything that scores and audiences read, for tests of statements."""

from math import inf, nan
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from retention.experiment.arms import Experiment
from tests.strategies import numbers

NUMBERS = (
    *("avg_order_value", "engagement_score", "days_since_abandonment", "days_since_last_order"),
    *("profitability_score", "cart_value", "recovery_estimate"),
)
FLAGS = ("recovered", "email_consent", "unsubscribed", "contacted_recently")
TEXTS = ("region", "country", "email", "phone")
ALWAYS = frozenset({"avg_order_value", "engagement_score", "days_since_last_order", "region", "country"})
"""What the policies of the strategies split on."""


@st.composite
def shops(draw: st.DrawFn) -> pd.DataFrame:
    """Up to sixty customers, some of the optional columns, households that share an address."""
    optional = {*NUMBERS, *FLAGS, "email", "phone"} - ({"recovery_estimate"} if draw(st.booleans()) else set())
    left_out = draw(st.sets(st.sampled_from(sorted(optional)), max_size=3))
    names = sorted((optional - left_out) | ALWAYS)
    kinds: dict[str, st.SearchStrategy[Any]] = {name: st.one_of(st.none(), st.booleans()) for name in FLAGS}
    # The square of a smaller one leaves the range of numbers, which PostgreSQL refuses.
    kinds |= dict.fromkeys(NUMBERS, numbers().filter(lambda value: not 0 < abs(value) < 1e-100))
    kinds["days_since_abandonment"] = st.sampled_from([*map(float, range(-1, 9)), 0.5, 6.5, inf, -inf, nan])
    kinds |= dict.fromkeys(("region", "country"), st.sampled_from(["North", " south", "\u00c9st", "x", "", None]))
    kinds["email"] = st.sampled_from(["a@x.org", " A@X.org\u00a0", "b@x.org", "c@x.org", "\u3000", "", None])
    kinds["phone"] = st.sampled_from(["1", " ", None])
    rows = draw(st.lists(st.fixed_dictionaries({name: kinds[name] for name in names}), min_size=6, max_size=60))
    columns = {name: pd.Series([row[name] for row in rows], dtype=_kind(name)) for name in names}
    ids = [f"{number:05}" for number in range(len(rows))]
    return pd.DataFrame({"user_id": pd.Series(ids, dtype="str"), **columns})


def _kind(name: str) -> str:
    return "float64" if name in NUMBERS else "boolean" if name in FLAGS else "str"


def experiments(segments: list[str]) -> st.SearchStrategy[Experiment]:
    """Experiments of two or three arms, some with other shares in one segment, with a name that needs quotes."""
    shares = st.sampled_from([{"control": 0.1, "it's": 0.9}, {"control": 1 / 3, "b\\": 1 / 3, "c": 1 / 3}])
    other = st.sampled_from(segments)
    return st.builds(
        lambda share, segment, odd: Experiment(
            "o'clock \\ %", share, {segment: dict(zip(share, _others(len(share)), strict=True))} if odd else {}
        ),
        shares,
        other,
        st.booleans(),
    )


def _others(arms: int) -> list[float]:
    return [0.5, *np.full(arms - 1, 0.5 / (arms - 1)).tolist()]
