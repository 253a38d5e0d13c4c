"""What "treat these segments" is worth against treating all and none, and how well the measured lift ranks customers.

Each customer is judged by what the customers of the other folds say of the segment, so nobody helps to choose how they
are treated themselves (cross-fitting: S. Athey and S. Wager, Econometrica 89, 2021).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from retention.experiment.lift import Costs
from retention.experiment.money import Spending, Worth
from retention.experiment.observations import Integers, Observations
from retention.experiment.words import Estimate, money
from retention.scores.arithmetic import Z95
from retention.wording import percent

Floats = npt.NDArray[np.float64]

FOLDS = 5
FEWEST = 30
"""Conversions that each arm needs: the intervals are those of large samples."""


@dataclass(frozen=True)
class PolicyValue:
    """What a policy brings, each customer counted, per customer.

    Args:
        measure: What is brought: profit, revenue or conversions.
        chosen: By segment, the share of its customers whom the policy treats: 1 where every fold recommends it.
        against_none: Of treating these segments less treating nobody.
        against_all: Of treating these segments less treating everybody.
        auuc: Mean height of the uplift curve; see `areas`.
        qini: Area between the Qini curve and that of a random order; see `areas`.
        customers: Customers who were counted: of segments with two customers or more in both arms.
        currency: Of profit and revenue, for the words; empty where it is not known.
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
    currency: str = ""

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

        in_money = bool(self.currency) and self.measure != "conversions"
        none, everybody = (
            money(each, self.currency) if in_money else said(each) for each in (self.against_none, self.against_all)
        )
        return (
            f"treating {', '.join(self.segments) or 'no segment'} ({percent(self.share)} of the customers) brings "
            f"{none} {self.measure} per customer more than treating nobody, and "
            f"{everybody} more than treating everybody; Qini {said(self.qini)}, AUUC {said(self.auuc)}"
        )


def policy_values(
    observations: Observations, costs: Costs | None, *, seed: int = 0, currency: str = ""
) -> tuple[PolicyValue, ...]:
    """Return what the segments that each treatment is recommended for are worth; none without two segments.

    Args:
        observations: What happened to each customer, with groups.
        costs: What turns revenue into profit; without them, or without revenue, revenue or conversions count.
        seed: Of the folds.
        currency: Of the money, for the words; empty where it is not known.
    """
    group = observations.group
    if group is None or len(observations.groups) < 2:
        return ()
    measure, worth = _worth(observations, costs)
    spent = observations.converted.astype(np.float64) if observations.revenue is None else observations.revenue
    values = []
    for place, arm in enumerate(observations.arms[1:], start=1):
        among = np.isin(observations.arm, (0, place))
        treated = (observations.arm[among] == place).astype(np.int64)
        cells = _Cells.of(group[among].astype(np.int64), treated, spent[among], observations.converted[among], seed)
        bought = [observations.converted[observations.arm == one].sum() for one in (0, place)]
        value = _value(cells, worth, observations.groups, arm, measure, known=min(bought) >= FEWEST)
        values.append(replace(value, currency=currency))
    return tuple(values)


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
    """Customers of two arms by segment, and what they did by segment, arm and fold, shape (groups, 2, FOLDS)."""

    group: Integers
    arm: Integers
    fold: Integers
    money: Floats
    converted: Floats
    n: Floats

    @classmethod
    def of(cls, group: Integers, arm: Integers, money: Floats, converted: npt.NDArray[np.bool_], seed: int) -> "_Cells":
        groups = int(group.max(initial=0)) + 1
        sizes = np.bincount(group * 2 + arm, minlength=2 * groups).reshape(groups, 2)
        keep = sizes.min(axis=1)[group] >= 2
        # Like customers come together whatever the order of the rows, so the same rows give the same folds.
        order = np.flatnonzero(keep)[np.lexsort((converted[keep], money[keep], arm[keep], group[keep]))]
        fold = np.random.default_rng(seed).permutation(len(order)) % FOLDS
        some = cls(
            group[order], arm[order], fold, money[order], converted[order].astype(np.float64), np.zeros((groups, 2, 0))
        )
        return replace(some, n=some.total(np.ones(len(order))))

    def total(self, values: Floats) -> Floats:
        """Return sums of values of the customers, shape (groups, 2, FOLDS)."""
        cell, shape = (self.group * 2 + self.arm) * FOLDS + self.fold, (len(self.n), 2, FOLDS)
        return np.asarray(np.bincount(cell, values, minlength=shape[0] * 2 * FOLDS).reshape(shape), dtype=np.float64)

    def spending(self, groups: npt.NDArray[np.bool_]) -> Spending:
        """Return what customers of some groups spent, by group."""
        powers = [self.money != 0, self.money, self.money**2, self.money**3]
        n, converted, *sums = (
            self.total(each.astype(np.float64)).sum(axis=2)[groups][None, :, ::-1]
            for each in (np.ones(len(self.money)), self.converted, *powers)
        )
        return Spending(n, converted, np.stack(sums, axis=-1), n.sum(axis=2) / n.sum())


def _worth(observations: Observations, costs: Costs | None) -> tuple[str, Worth]:
    if observations.revenue is None or costs is None:
        return "conversions" if observations.revenue is None else "revenue", Worth()
    return "profit", Worth(costs.margin, costs.discount, costs.contact_cost)


def _value(cells: _Cells, worth: Worth, names: Sequence[str], arm: str, measure: str, *, known: bool) -> PolicyValue:
    unknown = Estimate(*[float("nan")] * 3)
    if not known or not len(cells.group):
        return PolicyValue(arm, measure, {}, float("nan"), unknown, unknown, unknown, unknown, len(cells.group))
    outcome = worth.share * cells.money - np.where(cells.arm == 1, worth.off * cells.converted + worth.each, 0.0)
    sums, squares = cells.total(outcome), cells.total(outcome**2)
    others = [part.sum(axis=2, keepdims=True) - part for part in (cells.n, sums, squares)]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = others[1] / others[0]
        error = np.maximum(others[2] / others[0] - mean**2, 0) / (others[0] - 1)
    gain, spread = mean[:, 1] - mean[:, 0], error.sum(axis=1)
    score = np.stack([_drawn_together(*each) for each in zip(gain.T, spread.T, strict=True)], axis=1)
    treat, sizes = score > 0, cells.n.sum(axis=2)
    # What a segment's arm is expected to do where the other folds have none of it: what that arm does elsewhere.
    whole = sums.sum(axis=(0, 2)) / cells.n.sum(axis=(0, 2))
    expected = np.where(np.isnan(mean), whole[:, None], mean)[cells.group, :, cells.fold]
    chance = (sizes[:, 1] / np.maximum(sizes.sum(axis=1), 1))[cells.group]
    rest = outcome - np.where(cells.arm == 1, expected[:, 1], expected[:, 0])
    effect = expected[:, 1] - expected[:, 0] + rest * np.where(cells.arm == 1, 1 / chance, -1 / (1 - chance))
    chosen = treat[cells.group, cells.fold]
    shares = np.bincount(cells.group, chosen, len(sizes)) / np.maximum(sizes.sum(axis=1), 1)
    by_segment = {name: float(share) for name, share, size in zip(names, shares, sizes, strict=False) if size.sum()}
    below, above = _reach(cells, worth, treat)
    none = float((effect * chosen).mean())
    above_all, below_all = _reach(cells, worth, ~treat)
    everybody = float((effect * (chosen - 1.0)).mean())
    auuc, qini = _ranked(cells, score, sums, squares)
    return PolicyValue(
        arm,
        measure,
        by_segment,
        float(chosen.mean()),
        Estimate(none, none - below, none + above),
        Estimate(everybody, everybody - below_all, everybody + above_all),
        auuc,
        qini,
        customers=len(cells.group),
    )


def _drawn_together(gain: Floats, variance: Floats) -> Floats:
    """Return gains drawn towards their mean as far as chance explains their differences; 0 where nothing is known.

    By moments: R. DerSimonian and N. Laird, Controlled Clinical Trials 7 (1986).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(variance > 0, 1 / variance, 0)
        gain = np.nan_to_num(gain)
        common = (weight * gain).sum() / weight.sum()
        q, known = (weight * (gain - common) ** 2).sum(), (weight > 0).sum()
        between = max(0.0, (q - known + 1) / (weight.sum() - (weight**2).sum() / weight.sum()))
        own = np.nan_to_num(between / (between + 1 / weight))
    return np.asarray(np.nan_to_num(own * gain + (1 - own) * common))


def _reach(cells: _Cells, worth: Worth, picked: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return how far the interval of the gain of picked segments and folds reaches, below and above.

    Where the folds disagree, each one's choice hangs on the outcomes of the others: their errors add up, and the
    segment counts as a whole.
    """
    groups = picked.any(axis=1) & (cells.n.sum(axis=(1, 2)) > 0)
    if not groups.any():
        return 0.0, 0.0
    gap = cells.spending(groups).judge(worth)
    share = cells.n[groups].sum() / cells.n.sum()
    return float(share * (gap.value - gap.low)[0]), float(share * (gap.high - gap.value)[0])


def _ranked(cells: _Cells, score: Floats, sums: Floats, squares: Floats) -> tuple[Estimate, Estimate]:
    """Return AUUC and Qini of customers in the order of their scores, the mean of the folds.

    A fold's scores come from the others, so across folds high scores go with low outcomes: each fold has its own curve.
    """
    n, total, square = (part.sum(axis=2) for part in (cells.n, sums, squares))
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.nan_to_num(np.maximum(square / n - (total / n) ** 2, 0) * n / (n - 1))
    value, slopes = np.zeros(2), []
    for fold, part in enumerate(cells.n.sum(axis=(0, 1)) / cells.n.sum()):
        _, block = np.unique(-score[:, fold], return_inverse=True)
        merged = np.eye(block.max() + 1)[block]
        sizes = (cells.n[:, :, fold].T @ merged).astype(np.float64)
        # Both are sums of outcomes, each times a slope.
        units = np.eye(sizes.size).reshape(-1, *sizes.shape)
        slope = part * np.stack(areas(sizes, units)).reshape(2, *sizes.shape)[..., block].transpose(0, 2, 1)
        value += (slope * sums[:, :, fold]).sum(axis=(1, 2))
        slopes.append(slope)
    # Where the folds disagree their errors add up, as in `_reach`: each segment counts with its steepest slope.
    steepest = np.abs(slopes).max(axis=0)
    half = Z95 * np.sqrt((steepest**2 * n * variance).sum(axis=(1, 2)))
    auuc, qini = (Estimate(*map(float, ends)) for ends in zip(value, value - half, value + half, strict=True))
    return auuc, qini
