"""The money of a year, held against what CDNOW's customers did in the 39 weeks that the models did not see."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from retention.customer_value import year
from retention.customer_value.purchases import fit_purchases, orders_ahead
from retention.customer_value.year import COLUMNS, bought_of, by_segment, drawn, value_of_year
from retention.policy.yaml_text import policy_from_yaml
from segmentation_engine import assign, fit

WEEKS = 39.0
Floats = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def cdnow(root: Path) -> pd.DataFrame:
    table = pd.read_csv(root / "tests" / "data" / "cdnow" / "histories.csv")
    return pd.DataFrame(
        {
            "user_id": pd.Series([f"c{place}" for place in range(len(table))], dtype="str"),
            "order_count": table["orders"].astype(float),
            "total_spent": table["cents"] / 100,
            "avg_order_value": table["cents"] / 100 / table["orders"],
            "days_since_first_order": table["first"].astype(float),
            "days_since_last_order": table["last"].astype(float),
            "days_since_abandonment": 0.0,
            "later_orders": table["later_orders"],
            "later_money": table["later_cents"] / 100,
        }
    )


@pytest.fixture(scope="module")
def segments(cdnow: pd.DataFrame, root: Path) -> tuple[list[str], npt.NDArray[np.intp]]:
    policy = policy_from_yaml((root / "policies" / "rfm.yaml").read_text(encoding="utf-8"))
    found = assign(
        cdnow, fit(cdnow, policy.model_copy(update={"sizes": policy.sizes.model_copy(update={"min_size": 1})}))
    )
    return [segment.name for segment in found.tree.segments], found.codes.astype(np.intp)


def orders_of(cdnow: pd.DataFrame, codes: npt.NDArray[np.intp], count: int) -> Floats:
    """Return orders of the 39 weeks per customer with their interval, as `value_of_year` does it for money."""
    bought = bought_of(*(cdnow[name].to_numpy() for name in (COLUMNS[0], *COLUMNS[2:])))
    found = fit_purchases(bought)

    def forecast(theta: Floats) -> tuple[Floats, Floats]:
        mean, square = orders_ahead(theta, bought, WEEKS)
        return mean, square - mean**2

    return by_segment(forecast, found.theta, found.covariance, codes, np.ones(count))


def actual(values: pd.Series, codes: npt.NDArray[np.intp]) -> Floats:
    return np.bincount(codes, weights=values) / np.bincount(codes)


def held(found: Floats, came: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray((found[1] <= came) & (came <= found[2]))


def test_orders_of_the_weeks_kept_apart_by_segment(
    cdnow: pd.DataFrame, segments: tuple[list[str], npt.NDArray[np.intp]]
) -> None:
    names, codes = segments
    found, came = orders_of(cdnow, codes, len(names)), actual(cdnow["later_orders"], codes)
    told = {
        name: (round(a, 2), round(b, 2)) for name, a, b in zip(names, found[0].tolist(), came.tolist(), strict=True)
    }
    assert told == {
        "Promising": (0.22, 0.32),
        "Potential Loyalists": (0.75, 0.79),
        "About to Sleep": (0.20, 0.25),
        "Need Attention": (0.22, 0.35),
        "Champions": (2.59, 2.74),
        "Loyal": (0.49, 0.88),
        "Hibernating": (0.18, 0.26),
        "Lost": (0.16, 0.18),
        "At Risk": (0.18, 0.25),
        "Can't Lose Them": (0.18, 0.34),
    }
    assert held(found, came).all()
    assert round(float((found[0] * np.bincount(codes)).sum())) == 1_577
    assert int(cdnow["later_orders"].sum()) == 1_882


def test_money_of_the_weeks_kept_apart_by_segment(
    cdnow: pd.DataFrame, segments: tuple[list[str], npt.NDArray[np.intp]]
) -> None:
    names, codes = segments
    found, came = value_of_year(cdnow, codes, len(names), WEEKS), actual(cdnow["later_money"], codes)
    assert found is not None
    assert round(float(np.corrcoef(found[0], came)[0, 1]), 2) == 0.99
    assert held(found, came).all()


def test_without_the_error_of_the_models_the_intervals_would_be_too_narrow(
    cdnow: pd.DataFrame, segments: tuple[list[str], npt.NDArray[np.intp]], monkeypatch: pytest.MonkeyPatch
) -> None:
    names, codes = segments
    monkeypatch.setattr(year, "MODEL_ERROR", 0.0)
    found, came = value_of_year(cdnow, codes, len(names), WEEKS), actual(cdnow["later_money"], codes)
    assert found is not None
    assert int(held(found, came).sum()) == 4


@pytest.mark.untraced
def test_intervals_in_groups_by_chance(cdnow: pd.DataFrame) -> None:
    inside = list[np.float64]()
    for seed in range(10):
        codes = np.random.default_rng(seed).integers(0, 20, len(cdnow))
        money = value_of_year(cdnow, codes, 20, WEEKS)
        assert money is not None
        inside.append(held(money, actual(cdnow["later_money"], codes)).mean())
    assert np.mean(inside) > 0.95


def test_row_order_changes_nothing_and_who_never_ordered_has_no_part(cdnow: pd.DataFrame) -> None:
    codes = np.arange(len(cdnow)) % 3
    plain = value_of_year(cdnow, codes, 4)
    order = np.random.default_rng(0).permutation(len(cdnow))
    never = cdnow.iloc[:9].assign(order_count=0.0, avg_order_value=np.nan, days_since_first_order=np.nan)
    more = pd.concat([cdnow.iloc[order], never], ignore_index=True)
    again = value_of_year(more, np.concatenate([codes[order], np.full(9, 3)]), 4)
    assert plain is not None
    assert again is not None
    np.testing.assert_array_equal(again, plain)
    assert np.isnan(plain[:, 3]).all()


def test_without_a_column_there_is_no_value_and_with_few_orders_it_is_not_known(cdnow: pd.DataFrame) -> None:
    codes = np.zeros(len(cdnow), dtype=np.intp)
    for name in COLUMNS:
        assert value_of_year(cdnow.drop(columns=name), codes, 1) is None
    few = value_of_year(cdnow.iloc[:100], codes[:100], 1)
    assert few is not None
    assert np.isnan(few).all()
    once = value_of_year(cdnow.assign(order_count=1.0), codes, 1)
    assert once is not None
    assert np.isnan(once).all()


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_orders_without_a_known_value_are_worth_what_others_are(cdnow: pd.DataFrame, value: float) -> None:
    some = np.arange(len(cdnow)) < 200
    found = value_of_year(cdnow.assign(avg_order_value=cdnow["avg_order_value"].mask(some, value)), some.astype(int), 2)
    assert found is not None
    assert np.isfinite(found).all()
    assert found[0, 1] > 0


def test_few_of_a_large_segment_stand_for_the_others(cdnow: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    customers, codes = cdnow, np.arange(len(cdnow)) % 2
    sizes = np.bincount(codes)
    whole = value_of_year(customers, codes, 2)
    monkeypatch.setattr(year, "IN_A_SEGMENT", sizes[0] // 2)
    some, own = drawn(customers, codes, sizes)
    assert 0.4 < len(some) / len(customers) < 0.6
    part = value_of_year(some, own, 2, sizes=sizes)
    assert whole is not None
    assert part is not None
    np.testing.assert_allclose(part, whole, rtol=0.25)
