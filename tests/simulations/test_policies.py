"""What a choice of segments is worth, and how well a gain ranks customers: their intervals hold the truth."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from retention.experiment import policy_value
from retention.experiment.observations import Observations
from tests.simulations.policies import CELLS, SHARES, Cell, Drawn, draw, true_areas

SHORT, LONG = 40, 2_000
SEED = 71
GROUPS = ("a", "b", "c")
MEASURES = ("against_none", "against_all", "auuc", "qini")

Floats = npt.NDArray[np.float64]


def truths(drawn: Drawn, cell: Cell, found: policy_value.PolicyValue, ranking: tuple[Floats, Floats]) -> list[float]:
    """Return what is true of the segments that were chosen, and of the order that customers were put in."""
    shares = np.bincount(drawn.group, minlength=SHARES.size) / len(drawn.group)
    effect = (cell.means[:, 1] - cell.means[:, 0]) * shares
    chosen = np.array([found.chosen[name] for name in GROUPS])
    areas, weights = [], []
    for n, score in zip(*(np.moveaxis(part, -1, 0) for part in ranking), strict=True):
        blocks = [score == each for each in sorted(set(score), reverse=True)]
        sizes = np.array([n[block].sum(axis=0) for block in blocks])
        means = np.array([(n * cell.means)[block].sum(axis=0) for block in blocks]) / np.maximum(sizes, 1)
        areas.append(true_areas(sizes.T, means.T))
        weights.append(n.sum())
    return [effect @ chosen, effect @ (chosen - 1), *np.average(areas, axis=0, weights=weights)]


def missed(cell: Cell, experiments: int, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Return of each measure the share of intervals that lie above the truth, and below."""
    ranked, seen = policy_value._ranked, list[tuple[Floats, Floats]]()

    def watched(cells: policy_value._Cells, score: Floats, sums: Floats, squares: Floats) -> object:
        seen.append((cells.n, score))
        return ranked(cells, score, sums, squares)

    monkeypatch.setattr(policy_value, "_ranked", watched)
    rows = []
    for drawn in draw(cell, experiments, SEED):
        money = drawn.revenue if cell.money else None
        observed = Observations(("control", "mail"), drawn.arm, drawn.bought, money, None, GROUPS, drawn.group)
        (found,) = policy_value.policy_values(observed, None)
        pairs = zip(MEASURES, truths(drawn, cell, found, seen[-1]), strict=True)
        ends = [(getattr(found, name), truth) for name, truth in pairs]
        rows.append(
            [[each.low > truth + 1e-9 for each, truth in ends], [each.high < truth - 1e-9 for each, truth in ends]]
        )
    table = pd.DataFrame(np.mean(rows, axis=0), index=["above", "below"], columns=list(MEASURES))
    print(cell, (100 * table).round(1).to_dict())  # noqa: T201 - the table of the documentation
    return table


@pytest.mark.slow
@pytest.mark.parametrize("cell", [CELLS[1], CELLS[5]])
def test_intervals_of_a_choice_hold_its_worth(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert missed(cell, SHORT, monkeypatch).max().max() < 0.2


@pytest.mark.proof
@pytest.mark.parametrize("cell", CELLS)
def test_intervals_of_a_choice_hold_its_worth_at_length(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    found = missed(cell, LONG, monkeypatch)
    assert found[["against_none", "against_all"]].max().max() < 0.04
    assert found.sum().max() < 0.07
