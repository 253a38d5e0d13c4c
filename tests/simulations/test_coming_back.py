"""What is said of who comes back holds: the interval what comes, the model at least what the same rate for all does."""

import pytest

from tests.simulations.coming_back import CASES, REPLICATES, SIZES, simulate


@pytest.mark.slow
@pytest.mark.parametrize("case", ["drifting", "no signal"])
def test_the_interval_holds_what_came_back_and_the_model_does_no_harm(case: str) -> None:
    found = simulate(case, 400, 8)
    assert found["inside"] >= 0.85
    assert found["gain"] >= -3 * found["gain_error"] - 0.0005


@pytest.mark.proof
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_in_every_kind_of_log_nine_in_ten_intervals_hold(case: str, size: int) -> None:
    found = simulate(case, size, REPLICATES)
    assert found["inside"] >= 0.9
    assert found["gain"] >= -3 * found["gain_error"]
