"""The model of what an order is worth against the published figures and against itself."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retention.customer_value.spending import fit_spending, order_worth, parameters


def test_gamma_gamma_gives_the_published_figures_of_cdnow(root: Path) -> None:
    # P. Fader, B. Hardie, The Gamma-Gamma Model of Monetary Value (2013): 946 customers with repeat orders.
    table = pd.read_csv(root / "tests" / "data" / "cdnow" / "histories.csv")
    repeats, money = table["orders"] - 1, (table["cents"] - table["first_cents"]) / 100
    some = (repeats > 0) & (money > 0)
    found = fit_spending(repeats[some].to_numpy(dtype=float), (money / repeats)[some].to_numpy())
    assert int(some.sum()) == 946
    assert np.round(parameters(found.theta), 2) == pytest.approx([6.25, 3.74, 15.44])


def test_worth_lies_between_the_own_mean_and_that_of_all() -> None:
    theta = np.log([6.25, 1.74, 15.44])
    mean, square, p = order_worth(theta, np.array([0.0, 1.0, 50.0]), np.array([np.nan, 100.0, 100.0]))
    everyone = 6.25 * 15.44 / 2.74
    assert mean[0] == pytest.approx(everyone)
    assert everyone < mean[1] < mean[2] < 100
    assert p == pytest.approx(6.25)
    assert (square > mean**2).all()
