"""The sample-ratio check: alarms at its rate, never without shares, and reads shares as people write them."""

import numpy as np
import pytest
from scipy.stats import binomtest, chisquare

from retention.errors import OptionError
from retention.experiment.sample_ratio import ALARM, check_ratio, expected_by_label, parse_allocation

ARMS = ("No E-Mail", "Mens", "Womens")


def test_counts_that_fit_pass_and_others_do_not() -> None:
    assert check_ratio(ARMS, [21_306, 21_307, 21_387], [1 / 3] * 3).status == "passed"
    check = check_ratio(ARMS, [21_306, 20_307, 21_387], [1 / 3] * 3)
    assert check.p == pytest.approx(chisquare([21_306, 20_307, 21_387]).pvalue)
    assert check.status == "mismatch"
    assert check.p < 1e-6
    assert expected_by_label(check) == pytest.approx(dict.fromkeys(ARMS, 21_000))


def test_without_shares_nothing_is_assumed() -> None:
    check = check_ratio(["a", "b"], [10, 10_000], None)
    assert check.status == "not checked"
    assert np.isnan(check.p)
    assert expected_by_label(check) == {}


@pytest.mark.parametrize("share", [0.5, 0.1, 0.03])
def test_few_customers_get_the_exact_test(share: float) -> None:
    for count in range(0, 41, 4):
        expected = binomtest(count, 40, share).pvalue
        assert check_ratio(["a", "b"], [count, 40 - count], [share, 1 - share]).p == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize("shares", [(0.1, 0.9), (0.2, 0.3, 0.5)])
def test_it_alarms_at_its_nominal_rate(shares: tuple[float, ...]) -> None:
    rng, arms = np.random.default_rng(11), [str(place) for place in range(len(shares))]
    counts = rng.multinomial(20_000, shares, size=2_000)
    # At the rate of 1 in 1,000 too few alarms would come in 2,000 draws to tell anything; 5 % tells.
    alarms = np.mean([check_ratio(arms, each, shares, alarm=0.05).status == "mismatch" for each in counts])
    assert alarms == pytest.approx(0.05, abs=3.3 * np.sqrt(0.05 * 0.95 / 2_000))
    assert sum(check_ratio(arms, each, shares).status == "mismatch" for each in counts) <= 8
    assert ALARM == 0.001


@pytest.mark.parametrize(
    "text",
    [
        "No E-Mail=0.2,Mens=0.3,Womens=0.5",
        "Womens=50,Mens=30,No E-Mail=20",
        "No E-Mail = 20% , Mens=30%, Womens=50%",
        "No E-Mail=1/5,Mens=3/10,Womens=1/2",
    ],
)
def test_shares_are_read_as_people_write_them(text: str) -> None:
    assert parse_allocation(text, ARMS) == pytest.approx((0.2, 0.3, 0.5))


def test_thirds_are_thirds_and_labels_may_hold_signs() -> None:
    assert parse_allocation("No E-Mail=.333,Mens=.333,Womens=.333", ARMS) == pytest.approx((1 / 3,) * 3)
    assert parse_allocation("a,b=0.5,x=y=0.5", ["x=y", "a,b"]) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("No E-Mail=0.5,Mens=0.5", "the arm 'Womens' has no share"),
        ("No E-Mail=0.2,Men=0.3,Womens=0.5", "no row has the arm 'Men'. Did you mean 'Mens'"),
        ("No E-Mail=0.2,Mens=0.3,Womens=0.6", r"the shares sum to 1\.1"),
        ("No E-Mail=0.2,Mens=0.3,Mens=0.3", "'Mens' is given twice"),
        ("No E-Mail=0.2,Mens=x,Womens=0.5", "'x' is not a share"),
        ("No E-Mail=0,Mens=0.5,Womens=0.5", "'0' is not a share above 0"),
        ("No E-Mail=nan,Mens=0.5,Womens=0.5", "'nan' is not a share above 0"),
        ("Mens", "'Mens' is not LABEL=SHARE"),
        ("", "the arm 'No E-Mail' has no share"),
    ],
)
def test_shares_that_make_no_sense_are_refused(text: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        parse_allocation(text, ARMS)
