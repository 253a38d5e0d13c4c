"""The tally: the same moments as the textbook's, cell by cell, whatever the size of the numbers."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from retention.errors import ContractError, InvariantError
from retention.experiment.observations import CONVERTED, COVARIATE, REVENUE, Observations, tally

ARMS = ("control", "mail", "letter")


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 1), st.booleans(), st.floats(-1e6, 1e6), st.floats(-1e3, 1e3)),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from([0.0, 1e9]),
)
def test_moments_are_those_of_each_cell(rows: list[tuple[int, int, bool, float, float]], shift: float) -> None:
    arm, group, bought, money, before = (np.array(column) for column in zip(*rows, strict=True))
    seen = Observations(ARMS, arm, bought, money, before + shift, ("a", "b"), group)
    cells = tally(seen)
    for place in np.ndindex(2, 3):
        inside = (group == place[0]) & (arm == place[1])
        assert cells.n[place] == inside.sum()
        assert cells.converted[place] == bought[inside].sum()
        if inside.any():
            assert cells.mean[place][REVENUE] == pytest.approx(money[inside].mean(), rel=1e-9, abs=1e-6)
        if inside.sum() > 1:
            expected = np.cov(np.array([bought[inside], money[inside], before[inside]]))
            scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected))) + 1
            assert np.abs(cells.covariance[place] - expected).max() <= 1e-5 * scale.max()


def test_what_is_not_known_is_not_a_number() -> None:
    cells = tally(Observations(ARMS[:2], np.array([0, 1, 1]), np.array([True, False, True])))
    assert cells.has(CONVERTED)
    assert not cells.has(REVENUE)
    assert not cells.has(COVARIATE)
    assert np.isnan(cells.covariance[0, 0]).all()


def test_all_treatments_can_be_taken_as_one() -> None:
    seen = Observations(
        ARMS, np.array([0, 1, 2, 2]), np.array([True, True, False, True]), groups=("a",), group=np.zeros(4, int)
    )
    assert tally(seen.pooled().ungrouped()).n.tolist() == [[1, 3]]
    assert tally(seen.pooled().ungrouped()).converted.tolist() == [[1, 2]]


def test_observations_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ContractError, match="only one arm"):
        Observations(("control",), np.array([0]), np.array([True]))
    with pytest.raises(InvariantError, match="one entry per customer"):
        Observations(ARMS, np.array([0, 1]), np.array([True]))
    with pytest.raises(InvariantError, match="places in the list of arms"):
        Observations(ARMS, np.array([3]), np.array([True]))
    with pytest.raises(InvariantError, match="finite"):
        Observations(ARMS, np.array([0]), np.array([True]), np.array([np.nan]))


def test_equal_values_have_no_variance_however_large() -> None:
    money = np.array([0.1, 0.1, 0.1, 1e12, 1e12, 1e12])
    cells = tally(Observations(ARMS[:2], np.repeat([0, 1], 3), np.ones(6, dtype=bool), money))
    assert cells.covariance[0, :, REVENUE, REVENUE].tolist() == [0, 0]
    assert cells.covariance[0, :, CONVERTED, CONVERTED].tolist() == [0, 0]
