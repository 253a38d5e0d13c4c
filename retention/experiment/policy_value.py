"""What "treat these segments" is worth against treating all and none, and how well the measured lift ranks customers.

Each customer is judged by what the customers of the other folds say of the segment, so nobody helps to choose how they
are treated themselves (cross-fitting: S. Athey and S. Wager, Econometrica 89, 2021).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retention.experiment.lift import Costs
from retention.experiment.observations import Observations
from retention.experiment.shrinkage import shrink
from retention.experiment.words import Estimate

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

FOLDS = 5
DRAWS = 2_000
FEWEST = 30
"""Conversions that each arm needs: the intervals are those of large samples."""
NORMAL = 1.959963984540054


@dataclass(frozen=True)
class PolicyValue:
    """What a policy brings, each customer counted, per customer.

    Args:
        arm: The treatment.
        measure: What is brought: profit, revenue or conversions.
        chosen: By segment, the share of its customers whom the policy treats: 1 where every fold recommends it.
        share: Share of the customers whom the policy treats.
        against_none: Of treating these segments less treating nobody.
        against_all: Of treating these segments less treating everybody.
        auuc: Mean height of the uplift curve; see `areas`.
        qini: Area between the Qini curve and that of a random order; see `areas`.
        customers: Customers who were counted: of segments with two customers or more in both arms.
    """

    arm: str
    measure: str
    chosen: dict[str, float]
    share: float
    against_none: Estimate
    against_all: Estimate
    auuc: Estimate
    qini: Estimate
    customers: int

    @property
    def segments(self) -> tuple[str, ...]:
        """Segments that most folds treat."""
        return tuple(name for name, share in self.chosen.items() if share > 0.5)

    @property
    def words(self) -> str:
        """What may be said."""
        if not self.against_none.known:
            return f"too few conversions to say what a choice of segments is worth: each arm needs {FEWEST}"

        def said(estimate: Estimate) -> str:
            return f"{estimate.value:+.4g} ({estimate.low:+.4g} to {estimate.high:+.4g})"

        return (
            f"treating {', '.join(self.segments) or 'no segment'} ({self.share:.0%} of the customers) brings "
            f"{said(self.against_none)} {self.measure} per customer more than treating nobody, and "
            f"{said(self.against_all)} more than treating everybody; Qini {said(self.qini)}, AUUC {said(self.auuc)}"
        )


def policy_values(observations: Observations, costs: Costs | None, *, seed: int = 0) -> tuple[PolicyValue, ...]:
    """Return what the segments that each treatment is recommended for are worth; none without two segments.

    Args:
        observations: What happened to each customer, with groups.
        costs: What turns revenue into profit; without them, or without revenue, revenue or conversions count.
        seed: Of the folds and of the intervals of the areas.
    """
    group = observations.group
    if group is None or len(observations.groups) < 2:
        return ()
    measure, outcome = _outcome(observations, costs)
    found = []
    for place, arm in enumerate(observations.arms[1:], start=1):
        among = np.isin(observations.arm, (0, place))
        cells = _Cells.of(
            group[among].astype(np.int64), (observations.arm[among] == place).astype(np.int64), outcome[among], seed
        )
        bought = [observations.converted[observations.arm == one].sum() for one in (0, place)]
        found.append(_value(cells, observations.groups, arm, measure, known=min(bought) >= FEWEST))
    return tuple(found)


def areas(sizes: Floats, sums: Floats) -> tuple[Floats, Floats]:
    """Return AUUC and Qini of customers in blocks, best first, per customer and per treated customer.

    After the best k customers the uplift curve is the difference of the arms' means times k, and the Qini curve the
    treated sum less the control's sum times treated over controls (P. Gutierrez and J. Gerardy, PMLR 67, 2017; N.
    Radcliffe, 2007). AUUC is the mean of the first for k = 0 to n over n; Qini is that of the second, less the line
    from 0 to its end, over the treated. Customers of one block are tied, so there the curves are straight.

    Args:
        sizes: Controls and treated per block, shape (2, blocks).
        sums: Sums of their outcomes, shape (..., 2, blocks).

    >>> auuc, qini = areas(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[0.0, 0.0], [1.0, 0.0]]))
    >>> round(float(auuc), 6), round(float(qini), 6)
    (0.35, 0.1)
    """
    n, total = np.cumsum(sizes, axis=-1), np.cumsum(sums, axis=-1)
    ends = n.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = total[..., 1, :] / n[1] - total[..., 0, :] / n[0]
        qini = total[..., 1, :] - total[..., 0, :] * n[1] / n[0]
    # Until both arms have a customer, a curve goes straight to where it begins.
    first = int(np.argmax((n > 0).all(axis=0)))
    lift[..., :first] = lift[..., [first]] * ends[:first] / ends[first]
    missing = n[0, :first] == 0
    begin = int(missing.sum())
    qini[..., :begin] = qini[..., [begin]] * ends[:begin] / ends[begin]
    line = qini[..., [-1]] * np.append(0, ends) / ends[-1]
    below = _sum(line, ends)
    count = ends[-1] + 1
    auuc = _sum(_from_zero(lift * ends), ends) / count / ends[-1]
    return auuc, (_sum(_from_zero(qini), ends) - below) / count / n[1, -1]


def _from_zero(curve: Floats) -> Floats:
    return np.concatenate([np.zeros((*curve.shape[:-1], 1)), curve], axis=-1)


def _sum(curve: Floats, ends: Floats) -> Floats:
    """Return the sum of a curve at 0, 1, ... n, which is straight between the ends of the blocks."""
    steps = np.diff(ends, prepend=0)
    before, after = curve[..., :-1], curve[..., 1:]
    return np.asarray((steps * (before + after) / 2 + (after - before) / 2).sum(axis=-1))


@dataclass(frozen=True)
class _Cells:
    """Customers of two arms, and sums by segment, arm and fold, shape (groups, 2, FOLDS)."""

    group: Integers
    arm: Integers
    fold: Integers
    outcome: Floats
    n: Floats
    sums: Floats
    squares: Floats

    @classmethod
    def of(cls, group: Integers, arm: Integers, outcome: Floats, seed: int) -> "_Cells":
        groups = int(group.max(initial=0)) + 1
        sizes = np.bincount(group * 2 + arm, minlength=2 * groups).reshape(groups, 2)
        keep = sizes.min(axis=1)[group] >= 2
        # Like customers come together whatever the order of the rows, so the same rows give the same folds.
        order = np.flatnonzero(keep)[np.lexsort((outcome[keep], arm[keep], group[keep]))]
        group, arm, outcome = group[order], arm[order], outcome[order]
        fold = np.random.default_rng(seed).permutation(len(group)) % FOLDS
        cell, shape = (group * 2 + arm) * FOLDS + fold, (groups, 2, FOLDS)
        n, sums, squares = (
            np.bincount(cell, weight, minlength=groups * 2 * FOLDS).reshape(shape).astype(np.float64)
            for weight in (np.ones(len(cell)), outcome, outcome**2)
        )
        return cls(group, arm, fold, outcome, n, sums, squares)

    def others(self) -> tuple[Floats, Floats]:
        """Return means and squared errors of the other folds by segment, arm and fold; NaN where these are empty."""
        n, sums, squares = (part.sum(axis=2, keepdims=True) - part for part in (self.n, self.sums, self.squares))
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = sums / n
            return mean, np.maximum(squares / n - mean**2, 0) / (n - 1)


def _outcome(observations: Observations, costs: Costs | None) -> tuple[str, Floats]:
    if observations.revenue is None:
        return "conversions", observations.converted.astype(np.float64)
    if costs is None:
        return "revenue", observations.revenue
    spent = costs.contact_cost + costs.discount * observations.converted
    return "profit", costs.margin * observations.revenue - np.where(observations.arm > 0, spent, 0.0)


def _value(cells: _Cells, names: Sequence[str], arm: str, measure: str, *, known: bool) -> PolicyValue:
    unknown = Estimate(*[float("nan")] * 3)
    if not known or not len(cells.group):
        return PolicyValue(arm, measure, {}, float("nan"), unknown, unknown, unknown, unknown, len(cells.group))
    mean, error = cells.others()
    gain, spread = mean[:, 1] - mean[:, 0], np.sqrt(error.sum(axis=1))
    score = np.stack([np.nan_to_num(shrink(*each).value) for each in zip(gain.T, spread.T, strict=True)], axis=1)
    treat = score > 0
    # What a segment's arm is expected to do where the other folds have none of it: what that arm does elsewhere.
    whole = cells.sums.sum(axis=(0, 2)) / cells.n.sum(axis=(0, 2))
    expected = np.where(np.isnan(mean), whole[:, None], mean)[cells.group, :, cells.fold]
    sizes = cells.n.sum(axis=2)
    chance = (sizes[:, 1] / np.maximum(sizes.sum(axis=1), 1))[cells.group]
    rest = cells.outcome - np.where(cells.arm == 1, expected[:, 1], expected[:, 0])
    effect = expected[:, 1] - expected[:, 0] + rest * np.where(cells.arm == 1, 1 / chance, -1 / (1 - chance))
    chosen = treat[cells.group, cells.fold]
    shares = np.bincount(cells.group, chosen, len(sizes)) / np.maximum(sizes.sum(axis=1), 1)
    by_segment = {name: float(share) for name, share, size in zip(names, shares, sizes, strict=False) if size.sum()}
    # Where the folds disagree, each one's choice hangs on the outcomes of the others: their errors add up, and the
    # segment counts with the error that it has as a whole.
    some, left = (part.max(axis=1)[cells.group] for part in (treat, ~treat))
    none, everybody = _mean(effect * chosen, effect * some), _mean(effect * (chosen - 1.0), effect * left)
    auuc, qini = _ranked(cells, score)
    return PolicyValue(
        arm, measure, by_segment, float(chosen.mean()), none, everybody, auuc, qini, customers=len(cells.group)
    )


def _mean(values: Floats, noise: Floats) -> Estimate:
    half = NORMAL * noise.std(ddof=1) / len(values) ** 0.5
    value = float(values.mean())
    return Estimate(value, value - float(half), value + float(half))


def _ranked(cells: _Cells, score: Floats) -> tuple[Estimate, Estimate]:
    """Return AUUC and Qini of customers in the order of their scores; the score of a block is that of its fold."""
    order = np.argsort(-score, axis=None, kind="stable")
    sizes, sums = (part.transpose(1, 0, 2).reshape(2, -1)[:, order] for part in (cells.n, cells.sums))
    some = sizes.sum(axis=0) > 0
    sizes, sums, order = sizes[:, some], sums[:, some], order[some]
    n, total, squares = (part.sum(axis=2) for part in (cells.n, cells.sums, cells.squares))
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.maximum(squares / n - (total / n) ** 2, 0) * n / (n - 1)
    errors = np.sqrt(sizes * np.nan_to_num(variance)[order // FOLDS].T)
    drawn = sums + errors * np.random.default_rng(0).normal(size=(DRAWS, *sums.shape))
    found = zip(areas(sizes, sums), areas(sizes, drawn), strict=True)
    first, second = (Estimate(float(value), *np.quantile(draws, [0.025, 0.975]).tolist()) for value, draws in found)
    return first, second
