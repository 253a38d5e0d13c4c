"""The cube against numpy on the customers themselves."""

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.partition.cube import Cube, Moments, build_cube
from retention.partition.grid import BLOCK, Grid, grid_of, leaf_table
from retention.partition.tree import Condition, FittedLeaf, FittedSplit
from retention.scores.terms import BASKET, CONVERSION, FIT, NAMES, PROFITABILITY, Scale, terms

CUTS = (2.0, 4.0)


def tree() -> FittedSplit:
    """Return a tree that tells sessions up to 2, up to 4 and above apart; missing goes low."""
    edges = (-math.inf, *CUTS, math.inf)
    branches = [
        Condition("sessions_last_30d", f"b{i}", (low, high), missing=i == 0)
        for i, (low, high) in enumerate(pairwise(edges))
    ]
    return FittedSplit(
        "sessions_last_30d", tuple((c, FittedLeaf(i, c.label, (c,))) for i, c in enumerate(branches)), ()
    )


def drawn(n: int, seed: int, missing: float = 0.2) -> pd.DataFrame:
    """Return random customers with missing values in every number."""
    rng = np.random.default_rng(seed)
    customers = pd.DataFrame(
        {
            "avg_order_value": rng.lognormal(4, 1, n),
            "cart_value": rng.lognormal(4, 1, n),
            "engagement_score": rng.random(n),
            "profitability_score": rng.random(n),
            "days_since_abandonment": rng.integers(0, 7, n).astype(float),
        }
    )
    customers = customers.mask(rng.random(customers.shape) < missing)
    return customers.assign(sessions_last_30d=rng.integers(0, 7, n).astype(float), email="a@example.com")


def group_of(customers: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Return the group of each customer by its sessions, without any grid."""
    sessions = customers["sessions_last_30d"].to_numpy()
    return (sessions > CUTS[0]).astype(np.intp) + (sessions > CUTS[1])


def moments_by_leaf(cube: Cube, grid: Grid) -> Moments:
    """Return the moments of the three leaves."""
    return cube.moments(leaf_table(tree(), grid), 3)


def check_against_numpy(moments: Moments, customers: pd.DataFrame, scale: Scale, rel: float = 1e-9) -> None:
    values, group = np.column_stack(terms(customers, scale)), group_of(customers)
    for g in range(len(moments.size)):
        inside = values[group == g]
        known = ~np.isnan(inside)
        assert moments.size[g] == len(inside)
        assert moments.count[g].tolist() == known.sum(axis=0).tolist()
        for i in range(len(NAMES)):
            mean = inside[known[:, i], i].mean() if known[:, i].any() else np.nan
            assert moments.mean[g, i] == pytest.approx(mean, nan_ok=True, rel=1e-12)
            for j in range(len(NAMES)):
                both = known[:, i] & known[:, j]
                wanted = np.nan
                if both.sum() > 1:
                    spread = np.cov(inside[both, i], inside[both, j])[0, 1]
                    wanted = spread * both.sum() / (known[:, i].sum() * known[:, j].sum())
                assert moments.covariance[g, i, j] == pytest.approx(wanted, nan_ok=True, rel=rel, abs=1e-15)


@given(st.integers(1, 60), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.2, 0.9, 1.0]))
def test_moments_are_those_that_numpy_finds(n: int, seed: int, missing: float) -> None:
    customers, grid = drawn(n, seed, missing), grid_of(tree())
    scale = Scale.of(customers)
    check_against_numpy(moments_by_leaf(build_cube(customers, grid, scale), grid), customers, scale)


def test_moments_over_several_blocks_of_rows_are_those_that_numpy_finds() -> None:
    customers, grid = drawn(BLOCK + 100, 5), grid_of(tree())
    # The first block has no missing conversion, so both ways of counting meet in one cube.
    customers.loc[: BLOCK - 1, ["engagement_score", "days_since_abandonment"]] = 0.5, 3.0
    scale = Scale.of(customers)
    check_against_numpy(moments_by_leaf(build_cube(customers, grid, scale), grid), customers, scale)


def test_a_spread_far_below_the_mean_keeps_its_precision() -> None:
    customers, grid = drawn(2_000, 1, missing=0), grid_of(tree())
    noise = np.random.default_rng(2).normal(size=len(customers))
    customers["cart_value"] = 1e9 + noise
    found = moments_by_leaf(build_cube(customers, grid, Scale.of(customers)), grid)
    for g in range(3):
        inside = noise[group_of(customers) == g]
        assert found.mean[g, BASKET] == pytest.approx(1e9 + inside.mean(), rel=1e-14)
        assert found.covariance[g, BASKET, BASKET] == pytest.approx(inside.var(ddof=1) / len(inside), rel=1e-5)


@pytest.mark.parametrize("outlier", [1e12, 1e100])
def test_one_absurd_cart_does_not_blur_the_other_segments(outlier: float) -> None:
    customers, grid = drawn(2_000, 1, missing=0), grid_of(tree())
    customers.loc[0, ["cart_value", "sessions_last_30d"]] = outlier, 6.0
    found = moments_by_leaf(build_cube(customers, grid, Scale.of(customers)), grid)
    carts = customers["cart_value"].to_numpy()[group_of(customers) == 0]
    assert found.mean[0, BASKET] == pytest.approx(carts.mean(), rel=1e-12)
    assert found.covariance[0, BASKET, BASKET] == pytest.approx(carts.var(ddof=1) / len(carts), rel=1e-9)


def test_money_beyond_all_numbers_leaves_its_spread_unknown_and_no_warning() -> None:
    customers, grid = drawn(200, 1, missing=0), grid_of(tree())
    customers.loc[:3, ["cart_value", "sessions_last_30d"]] = 1.7e308, 6.0
    found = moments_by_leaf(build_cube(customers, grid, Scale.of(customers)), grid)
    assert np.isnan(found.mean[2, BASKET])
    assert np.isnan(found.covariance[2, BASKET, BASKET])
    assert np.isfinite(found.covariance[2, CONVERSION, CONVERSION])


def test_merging_cells_gives_what_the_merged_customers_give() -> None:
    customers, grid = drawn(500, 3), grid_of(tree())
    scale = Scale.of(customers)
    found = build_cube(customers, grid, scale).moments(np.zeros(grid.cells, dtype=np.uint8), 1)
    one = customers.assign(sessions_last_30d=0.0)
    again = moments_by_leaf(build_cube(one, grid, scale), grid)
    assert found.size.tolist() == [500]
    np.testing.assert_allclose(found.mean[0], again.mean[0], rtol=1e-12)
    np.testing.assert_allclose(found.covariance[0], again.covariance[0], rtol=1e-9, atol=1e-18)


def test_the_order_of_the_rows_does_not_matter() -> None:
    customers, grid = drawn(3_000, 3), grid_of(tree())
    scale = Scale.of(customers)
    one = moments_by_leaf(build_cube(customers, grid, scale), grid)
    other = moments_by_leaf(build_cube(customers.sample(frac=1, random_state=1), grid, scale), grid)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-9, atol=1e-18)


def test_a_group_without_customers_has_no_means() -> None:
    customers, grid = drawn(10, 3).assign(sessions_last_30d=0.0), grid_of(tree())
    found = moments_by_leaf(build_cube(customers, grid, Scale.of(customers)), grid)
    assert found.size.tolist() == [10, 0, 0]
    assert np.isnan(found.mean[1:]).all()
    assert np.isnan(found.covariance[1:]).all()


def test_equal_values_have_no_spread_and_never_a_negative_one() -> None:
    customers, grid = drawn(50, 3, missing=0).assign(profitability_score=0.1, avg_order_value=33.3), grid_of(tree())
    found = moments_by_leaf(build_cube(customers, grid, Scale.of(customers)), grid)
    assert (np.abs(found.covariance[:, PROFITABILITY, PROFITABILITY]) < 1e-30).all()
    assert (np.abs(found.covariance[:, FIT, FIT]) < 1e-30).all()
    assert (np.diagonal(found.covariance, axis1=1, axis2=2) >= 0).all()
