"""What counts and an assumption teach together: known answers, and a plain reference."""

import numpy as np
import pytest
from scipy.stats import beta, binom, norm

from retention.experiment.hierarchy import Counts, Learned, SegmentCounts, learn

STATED = (0.15, 0.0, 0.30)


def of(*counts: tuple[float, float, float, float], baseline: float = 0.08) -> Learned:
    segment = SegmentCounts("VIP", baseline, tuple(Counts(*each) for each in counts))
    return learn((segment,), STATED, draws=4_000, seed=0)["VIP"]


def test_nothing_measured_leaves_what_was_assumed() -> None:
    found = of((0, 0, 0, 0))
    assert found.lift == pytest.approx(STATED, abs=0.03)
    assert found.baseline[0] == pytest.approx(0.08, abs=0.003)
    assert found.assumed > 0.9


def test_a_large_experiment_decides_alone_also_against_the_assumption() -> None:
    null = of((8_000, 100_000, 8_000, 100_000))
    assert null.lift == pytest.approx((0.005, -0.025, 0.035), abs=0.01)
    double = of((16_000, 100_000, 8_000, 100_000))
    assert double.lift == pytest.approx((1.0, 0.95, 1.05), abs=0.01)
    halved = of((4_000, 100_000, 8_000, 100_000))
    assert halved.lift[0] == pytest.approx(-0.5, abs=0.01)
    assert max(each.assumed for each in (null, double, halved)) < 0.1


def test_a_rare_control_beside_a_large_treatment_is_told_exactly() -> None:
    """Here the likelihood is a ridge, far narrower than the cells that are tried first."""
    found = of((110_000, 1_000_000, 1_000, 10_000), baseline=0.1)
    error = np.sqrt(0.9 / 1_000) * 1.1
    prior = 0.15 / 1.96
    weight = prior**2 / (prior**2 + error**2)
    assert found.lift[0] == pytest.approx(weight * 0.1 + (1 - weight) * 0.15, abs=0.005)


def test_a_control_without_conversions_is_a_count_like_any_other() -> None:
    found = of((65, 540, 0, 60))
    assert found.baseline[0] > 0.06
    assert found.lift[0] < 0.3
    assert np.isfinite(found.lifts).all()


def test_several_experiments_teach_one_lift_with_baselines_of_their_own() -> None:
    """Put together, the counts of these weeks would show a loss: most of the control is of the better week."""
    weeks = (11_000, 100_000, 50_000, 500_000), (27_500, 500_000, 5_000, 100_000)
    found = of(*weeks)
    assert found.lift[0] == pytest.approx(0.1, abs=0.01)
    assert found.baseline[0] == pytest.approx(0.05, abs=0.002)


def test_the_order_of_segments_does_not_matter_and_a_seed_gives_the_same() -> None:
    segments = tuple(SegmentCounts(name, 0.08, (Counts(60, 600, place, 70),)) for place, name in enumerate("abc"))
    one, other = (learn(each, STATED, draws=500, seed=3) for each in (segments, segments[::-1]))
    for name in "abc":
        assert one[name].lifts.tolist() == other[name].lifts.tolist()
        assert one[name].baselines.tolist() == other[name].baselines.tolist()


def test_a_single_segment_agrees_with_plain_importance_sampling() -> None:
    """The reference draws from the prior and weighs by the likelihood; it shares no code with the model."""
    rng, n = np.random.default_rng(5), 1_000_000
    part = rng.choice(6, n, p=[0.245] * 4 + [0.015, 0.005])
    own = np.array([0.25, 0.5, 0.75, 0.95, 3, 8])[part]
    common = np.where(own < 1, np.sqrt(np.maximum(1 - own**2, 0)), 1)
    z = common * rng.standard_normal(n) + own * rng.standard_normal(n)
    lift = np.maximum(0.15 + z * 0.15 / norm.ppf(0.975), -0.999)
    shift = rng.normal(0, 0.5, n)
    # The level is centred so that its mean is the baseline.
    center = -2.55
    for _ in range(5):
        center += np.log(0.08 / 0.92) - np.log((m := np.mean(1 / (1 + np.exp(-center - shift)))) / (1 - m))
    level, scatter = 1 / (1 + np.exp(-center - shift)), rng.choice([10, 30, 60, 120, 300, 1000], n)
    p = np.clip(beta.rvs(level * scatter, (1 - level) * scatter, random_state=rng), 1e-12, 1)
    x1, n1, x0, n0 = 50, 300, 3, 60
    weight = binom.pmf(x0, n0, p) * binom.pmf(x1, n1, np.minimum(p * (1 + lift), 1))
    weight /= weight.sum()
    order = np.argsort(lift)
    middle = lift[order][np.searchsorted(np.cumsum(weight[order]), [0.5, 0.025, 0.975])]
    found = of((x1, n1, x0, n0))
    np.testing.assert_allclose(found.lift, middle, atol=0.02)
    assert found.baseline[0] == pytest.approx(float(weight @ p), rel=0.03)
    assert np.corrcoef(found.baselines, found.lifts)[0, 1] < -0.1
