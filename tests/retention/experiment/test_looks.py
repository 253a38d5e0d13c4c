import numpy as np
import pytest
from scipy.special import ndtr

from retention.experiment.intervals import Pair, difference_interval
from retention.experiment.looks import information, so_far, valid_level, valid_p
from retention.experiment.observations import Observations
from retention.experiment.results import Planned, Results, measure


def measured(treated: int, control: int, planned: Planned | None = None) -> Results:
    """Return what so many conversions of 1,000 customers in each arm show, half of them in each of two groups."""
    arm = np.repeat([0, 1], 1000)
    place = np.arange(2000) % 1000
    converted = place < np.where(arm == 1, treated, control)
    revenue = np.where(converted, 20.0, 0.0)
    group = place % 2
    return measure(Observations(("control", "mail"), arm, converted, revenue, None, ("A", "B"), group), planned=planned)


def test_the_planned_rate_is_all_that_will_be_known() -> None:
    assert information([0.0, 0.08, 0.02], 0.08).tolist() == pytest.approx([0, 1, 0.02 / 0.98 / (0.08 / 0.92)])


def test_interval_and_probability_agree_at_every_look() -> None:
    known = np.array([0.05, 0.3, 1.0, 3.0])
    assert valid_p(1 - valid_level(known), known) == pytest.approx(0.05, abs=1e-9)


def test_a_look_is_never_as_sure_as_the_end() -> None:
    p = np.array([1.0, 0.2, 0.01, 1e-8])
    assert (valid_p(p, 1.0) >= p).all()
    assert valid_p(p, 0.0).tolist() == [1, 1, 1, 1]
    assert np.isnan(valid_p(np.nan, 1.0))


def test_at_the_planned_end_the_interval_is_about_half_as_wide_again() -> None:
    z = 1.959963984540054
    for known, times in ((0.1, 1.95), (0.25, 1.66), (0.5, 1.57), (1.0, 1.55), (2.0, 1.56)):
        level = float(valid_level(known))
        assert float(valid_level(known)) == pytest.approx(2 * ndtr(times * z) - 1, rel=1e-3)
        pair = Pair([400], [10_000], [400], [10_000])
        (low,), (high,) = difference_interval(pair, level)
        (plain_low,), (plain_high,) = difference_interval(pair)
        assert (high - low) / (plain_high - plain_low) == pytest.approx(times, rel=0.01)


def test_what_is_clear_already_is_said_and_everything_else_waits() -> None:
    end = measured(200, 100)
    seen = so_far(end, {"": 0.1})
    row = seen.overall.iloc[0]
    assert row["verdict"] == "already clear"
    assert "More conversions, which is clear already: 20.0 % converted so far, 10.0 % of the control" in row["words"]
    assert row["difference"] == end.overall.iloc[0]["difference"]
    assert 0 < row["difference_low"] < end.overall.iloc[0]["difference_low"]
    assert row["ratio_low"] < end.overall.iloc[0]["ratio_low"]
    assert row["incremental_conversions_low"] == pytest.approx(1000 * row["difference_low"])
    money = [
        name
        for name in map(str, seen.groups)
        if name.startswith(("revenue", "profit", "net_profit", "shrunk", "adjusted"))
    ]
    assert len(money) > 10
    assert seen.groups[money].isna().all(axis=None)
    assert not seen.groups["do_not_contact"].any()
    assert seen.differing == ()
    fewer = so_far(measured(100, 200), {"": 0.1}).overall.iloc[0]
    assert (fewer["verdict"], str(fewer["words"])[:5]) == ("already clear", "Fewer")


def test_what_the_end_would_call_a_difference_may_not_be_clear_yet() -> None:
    end = measured(130, 100)
    assert end.overall["verdict"].item() == "works"
    row = so_far(end, {"": 0.1}).overall.iloc[0]
    assert row["verdict"] == "not clear yet"
    assert row["difference_low"] < 0 < row["difference_high"]


def test_without_conversions_everything_fits_the_data() -> None:
    row = so_far(measured(0, 0), {"": 0.1}).overall.iloc[0]
    assert (row["difference_low"], row["difference_high"]) == (-1, 1)
    assert (row["ratio_low"], row["ratio_high"]) == (0, np.inf)
    assert (row["p"], row["verdict"]) == (1, "not clear yet")


def test_groups_with_shares_of_their_own_get_wider_intervals_too() -> None:
    end = measured(200, 100, Planned((0.5, 0.5), {"A": (0.5, 0.5)}))
    seen, plain = so_far(end, {"": 0.15}).overall.iloc[0], end.overall.iloc[0]
    wider = (seen["difference_high"] - seen["difference_low"]) / (plain["difference_high"] - plain["difference_low"])
    assert wider == pytest.approx(1.55, abs=0.01)


def test_arms_that_do_not_fit_stay_blocked() -> None:
    end = measured(200, 100, Planned((0.1, 0.9)))
    assert set(so_far(end, {"": 0.1}).overall["verdict"]) == {"blocked"}
