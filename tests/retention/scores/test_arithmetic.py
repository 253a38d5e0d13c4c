"""The arithmetic of scores: totals, intervals, simulated means, ranks."""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from retention.policy.policy import Assumptions, Weights
from retention.scores.arithmetic import (
    at_deviation,
    contributions,
    draw_interval,
    generator_for,
    mean_interval,
    overall,
    rank_spread,
    share_interval,
    simulate_means,
    size_norm,
)
from retention.scores.measures import MEASURES

NAN = float("nan")
Floats = npt.NDArray[np.float64]
known = arrays(np.float64, (4, len(MEASURES)), elements=st.floats(0, 1))


@pytest.mark.parametrize(
    ("conversion", "lift", "profitability", "fit", "size", "published"),
    [(0.28, 0.43, 0.55, 0.63, 1.00, 0.50), (0.29, 0.43, 0.56, 0.69, 0.16, 0.39), (0.30, 0.43, 0.54, 0.57, 0.00, 0.35)],
)
def test_the_published_totals_come_out(
    conversion: float, lift: float, profitability: float, fit: float, size: float, published: float
) -> None:
    measures = [conversion, lift, profitability, fit, size, NAN]
    assert round(float(overall(measures, Weights())), 2) == published


def test_a_null_measure_leaves_its_weight_to_the_others() -> None:
    weights = Weights(conv_pot=1, lift=3, size=4, profitability=0, strategic_fit=0)
    assert overall([NAN, 0.5, 0, 0, 1.0, 0], weights) == pytest.approx((3 * 0.5 + 4 * 1.0) / 7)


def test_nothing_to_weigh_gives_no_total() -> None:
    weights = Weights(conv_pot=1, lift=0, size=0, profitability=0, strategic_fit=0)
    assert np.isnan(overall([NAN, 0.5, 0.5, 0.5, 0.5, 0.5], weights))


@pytest.mark.parametrize(("lift", "counted"), [(-0.5, 0.0), (0.3, 0.3), (2.0, 1.0)])
def test_lift_counts_between_0_and_1(lift: float, counted: float) -> None:
    weights = Weights(conv_pot=0, lift=1, size=0, profitability=0, strategic_fit=0)
    assert overall([0, lift, 0, 0, 0, 0], weights) == counted


@given(known, st.floats(1e-6, 1e5))
def test_only_the_proportions_of_weights_matter(measures: Floats, factor: float) -> None:
    once = Weights(conv_pot=0.5, lift=0.25, size=0.25, profitability=0, strategic_fit=0)
    scaled = Weights(conv_pot=0.5 * factor, lift=0.25 * factor, size=0.25 * factor, profitability=0, strategic_fit=0)
    np.testing.assert_allclose(overall(measures, once), overall(measures, scaled), rtol=1e-12, atol=1e-15)


@given(known, arrays(np.bool_, (4, len(MEASURES))))
def test_contributions_sum_to_the_total_between_0_and_1(measures: Floats, null: npt.NDArray[np.bool_]) -> None:
    measures = np.where(null, NAN, measures)
    total = overall(measures, Weights())
    np.testing.assert_allclose(contributions(measures, Weights()).sum(axis=1), total, atol=1e-12)
    assert np.isnan(total).tolist() == null[:, :5].all(axis=1).tolist()
    assert (np.nan_to_num(total) >= 0).all()
    assert (np.nan_to_num(total) <= 1).all()


@pytest.mark.parametrize(
    ("sizes", "wanted"), [([5], [1]), ([5, 5], [1, 1]), ([1, 3, 2], [0, 1, 0.5]), ([0, 8], [0, 1])]
)
def test_sizes_are_placed_between_the_smallest_and_the_largest(sizes: list[int], wanted: list[float]) -> None:
    assert size_norm(sizes).tolist() == wanted


def test_a_mean_has_its_t_interval() -> None:
    # Critical value 2.262157 of t with 9 degrees of freedom, as printed in tables.
    low, high = mean_interval(np.array([0.5]), np.array([0.01]), np.array([10]))
    assert (low[0], high[0]) == pytest.approx((0.5 - 0.2262157, 0.5 + 0.2262157), abs=1e-7)


@pytest.mark.parametrize(("mean", "count", "ends"), [(0.02, 3, (0.0, None)), (0.99, 3, (None, 1.0))])
def test_the_interval_of_a_mean_stays_between_0_and_1(
    mean: float, count: int, ends: tuple[float | None, float | None]
) -> None:
    found = mean_interval(np.array([mean]), np.array([0.01]), np.array([count]))
    assert all(wanted is None or end[0] == wanted for end, wanted in zip(found, ends, strict=True))


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_have_no_interval_of_a_mean(count: int) -> None:
    low, high = mean_interval(np.array([0.5]), np.array([NAN]), np.array([count]))
    assert np.isnan([low[0], high[0]]).all()


@pytest.mark.parametrize(
    ("hits", "n", "wanted"),
    [(8, 10, (0.4902, 0.9433)), (0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (1, 1, (0.2065, 1.0))],
)
def test_a_share_has_its_wilson_interval(hits: int, n: int, wanted: tuple[float, float]) -> None:
    low, high = share_interval(np.array([hits / n]), np.array([n]))
    assert (low[0], high[0]) == pytest.approx(wanted, abs=5e-5)


def test_a_share_of_nobody_has_no_interval() -> None:
    low, high = share_interval(np.array([NAN]), np.array([0]))
    assert np.isnan([low[0], high[0]]).all()


def test_a_mean_whose_variance_is_beyond_all_numbers_is_held_at_its_value() -> None:
    covariance = np.array([[np.inf, 1e300], [1e300, 4.0]])
    drawn = simulate_means(np.array([1e300, 5.0]), covariance, np.random.default_rng(1), 1_000)
    assert (drawn[:, 0] == 1e300).all()
    assert drawn[:, 1].std() == pytest.approx(2.0, rel=0.1)


def test_simulated_means_have_the_means_and_covariance_that_they_were_given() -> None:
    mean, covariance = np.array([0.4, 50.0]), np.array([[1e-4, 0.006], [0.006, 4.0]])
    drawn = simulate_means(mean, covariance, np.random.default_rng(1), 200_000)
    np.testing.assert_allclose(drawn.mean(axis=0), mean, rtol=1e-3)
    np.testing.assert_allclose(np.cov(drawn.T), covariance, rtol=0.03)


def test_a_mean_that_is_unknown_stays_unknown_and_one_without_spread_stays_put() -> None:
    covariance = np.array([[NAN, NAN, NAN], [NAN, NAN, NAN], [NAN, NAN, 0.04]])
    drawn = simulate_means(np.array([NAN, 0.5, 0.3]), covariance, np.random.default_rng(1), 100)
    assert np.isnan(drawn[:, 0]).all()
    assert (drawn[:, 1] == 0.5).all()
    assert drawn[:, 2].std() == pytest.approx(0.2, rel=0.2)


def test_covariances_that_fit_no_distribution_keep_the_standard_errors() -> None:
    impossible = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    assert np.linalg.eigvalsh(impossible).min() < 0
    drawn = simulate_means(np.zeros(3), impossible, np.random.default_rng(1), 100_000)
    np.testing.assert_allclose(drawn.std(axis=0), 1, rtol=0.01)


def test_terms_of_very_different_scale_all_keep_their_spread() -> None:
    covariance = np.diag([1e-10, 1e18])
    drawn = simulate_means(np.zeros(2), covariance, np.random.default_rng(1), 50_000)
    np.testing.assert_allclose(drawn.std(axis=0), [1e-5, 1e9], rtol=0.02)


def test_a_stated_range_holds_95_of_100_with_half_on_each_side_of_its_value() -> None:
    stated = (0.1, -0.2, 0.6)
    drawn = at_deviation(stated, np.random.default_rng(1).standard_normal(200_000))
    np.testing.assert_allclose(np.quantile(drawn, [0.5, 0.025, 0.975]), stated, atol=0.01)


@pytest.mark.parametrize("stated", [(0.2, 0.2, 0.2), (0.0, 0.0, 0.4), (0.4, 0.0, 0.4)])
def test_a_range_with_its_value_at_an_end_or_without_width_can_be_drawn(stated: tuple[float, float, float]) -> None:
    drawn = at_deviation(stated, np.random.default_rng(1).standard_normal(10_000))
    np.testing.assert_allclose(np.quantile(drawn, [0.5, 0.025, 0.975]), stated, atol=0.02)


def test_a_generator_belongs_to_its_seed_and_name() -> None:
    first = {generator_for(seed, name).random() for seed in (0, 1, -1) for name in ("VIP", "Dormant")}
    assert len(first) == 6
    assert generator_for(-1, "VIP").random() in first


def test_an_interval_of_draws_is_widened_to_hold_the_value() -> None:
    draws = np.column_stack([np.linspace(0, 1, 1001), np.linspace(0, 1, 1001), np.full(1001, NAN)])
    low, high = draw_interval(draws, np.array([0.5, 0.99, NAN]))
    assert low == pytest.approx([0.025, 0.025, NAN], nan_ok=True)
    assert high == pytest.approx([0.975, 0.99, NAN], nan_ok=True)


def test_clear_leaders_have_certain_ranks() -> None:
    low, high, best = rank_spread(np.tile([0.2, 0.9, 0.5], (10, 1)))
    assert (low.tolist(), high.tolist(), best.tolist()) == ([3, 1, 2], [3, 1, 2], [0, 1, 0])


def test_equals_share_their_ranks_and_being_best() -> None:
    low, high, best = rank_spread(np.tile([0.5, 0.5, 0.1], (10, 1)))
    assert (low.tolist(), high.tolist(), best.tolist()) == ([1, 1, 3], [2, 2, 3], [0.5, 0.5, 0])


def test_a_rank_held_in_more_than_five_percent_of_the_draws_is_in_the_interval() -> None:
    draws = np.array([[1.0, 0.0]] * 90 + [[0.0, 1.0]] * 10)
    low, high, best = rank_spread(draws)
    assert (low.tolist(), high.tolist(), best.tolist()) == ([1, 1], [2, 2], [0.9, 0.1])
    draws[90:98] = [1.0, 0.0]
    low, high, best = rank_spread(draws)
    assert (low.tolist(), high.tolist(), best.tolist()) == ([1, 2], [1, 2], [0.98, 0.02])


def test_segments_without_a_total_come_last() -> None:
    low, high, best = rank_spread(np.tile([NAN, 0.1, NAN], (5, 1)))
    assert (low.tolist(), high.tolist(), best.tolist()) == ([2, 1, 2], [3, 1, 3], [0, 1, 0])


@given(arrays(np.float64, (20, 5), elements=st.sampled_from([0.0, 0.25, 0.5, NAN])))
def test_the_chances_of_being_best_sum_to_one(draws: Floats) -> None:
    low, high, best = rank_spread(draws)
    assert best.sum() == pytest.approx(1)
    assert (low >= 1).all()
    assert (low <= high).all()
    assert (high <= 5).all()


COUNTS = (10, 20, 50, 100, 500)


def scores(kind: str, n: int) -> tuple[Floats, float]:
    """Return many samples of n customers from one of the documented distributions, and its true mean."""
    rng, shape = np.random.default_rng(7), (2_000, n)
    if kind == "engagement times recency":
        return rng.beta(3.44, 4.56, shape) * (7 - rng.integers(0, 7, shape)) / 7, 0.43 * 4 / 7
    if kind == "profitability":
        return rng.beta(3.6, 6.4, shape), 0.36
    if kind == "one in ten engaged":
        return np.where(rng.random(shape) < 0.1, rng.beta(5, 2, shape), 0), 0.1 * 5 / 7
    share = float(kind.removeprefix("reachable share ")) / 100
    return (rng.random(shape) < share).astype(float), share


def coverage(kind: str, n: int) -> float:
    """Return how often the interval of a sample holds the truth, in percent."""
    values, truth = scores(kind, n)
    mean, count = values.mean(axis=1), np.full(len(values), n)
    of_share = kind.startswith("reachable")
    low, high = share_interval(mean, count) if of_share else mean_interval(mean, values.var(axis=1, ddof=1) / n, count)
    return float(100 * ((low <= truth) & (truth <= high)).mean())


def documented(root: Path) -> dict[str, list[float]]:
    """Return the table of coverage in the documentation."""
    text = (root / "docs" / "measures.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z][\w ]*?) \|((?: [\d.]+ \|){5})$", text, flags=re.MULTILINE)
    return {kind: [float(cell) for cell in cells.split("|")[:-1]] for kind, cells in rows}


def test_the_documented_coverage_is_what_a_simulation_finds(root: Path) -> None:
    table = documented(root)
    assert len(table) == 5
    found = {kind: [coverage(kind, n) for n in COUNTS] for kind in table}
    assert found == {kind: pytest.approx(cells, abs=0.2) for kind, cells in table.items()}


def test_intervals_of_fifty_customers_hold_the_truth_nine_times_in_ten() -> None:
    kinds = ("engagement times recency", "profitability", "one in ten engaged", "reachable share 90")
    assert min(coverage(kind, 50) for kind in kinds) > 90


def test_the_documentation_names_each_measure_and_the_numbers_that_are_shipped(root: Path) -> None:
    text = (root / "docs" / "measures.md").read_text(encoding="utf-8")
    w, a = Weights(), Assumptions()
    weights = (w.conv_pot, w.lift, w.size, w.profitability, w.strategic_fit)
    names = ("Conv_Pot", "Lift_vs_Control", "Size_norm", "Profitability", "Strategic_Fit")
    total = " + ".join(f"{weight:.2f} {name}".lstrip("0") for weight, name in zip(weights, names, strict=True))
    assert f"{total} + {w.campaign_efficiency:.0f} Campaign_Efficiency" in text
    for name in (*MEASURES, "Overall_Score", "Rank_low", "Incremental_Profit", "Flags"):
        assert f"\n## {name}" in text
    lift = f"{a.lift.value:.2f}, {a.lift.low:.0f} to {a.lift.high:.2f}".replace("0.", ".")
    baseline = "{:.2f}, {:.2f} to {:.2f}".format(*a.stated_baseline).replace("0.", ".")
    shipped = {"margin": a.margin, "contact_cost": a.contact_cost}
    rows = [f"| `{key}` | {value:.2f} |".replace("0.", ".") for key, value in shipped.items()]
    rows += [f"| `baseline_conversion` | {baseline} |"]
    rows += [f"| `lift` | {lift} |", f"| `discount`, `redemption` | {a.discount:.0f}, {a.redemption:.0f} |"]
    assert [row for row in rows if row not in text] == []
