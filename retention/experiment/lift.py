"""The lift of each treatment over the control, per group: rates, money, intervals, tests, profit.

Intention to treat: a customer counts in the arm that it was assigned to, whether or not the message arrived.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from retention.errors import OptionError, Setting
from retention.experiment.hierarchy import Counts, SegmentCounts, learn
from retention.experiment.intervals import LEVEL, Pair, difference_interval, is_small, p_value, ratio_interval
from retention.experiment.money import MoneyGaps, Spending, Worth
from retention.experiment.observations import CONVERTED, COVARIATE, REVENUE, Observations, Tally, tally
from retention.scores.arithmetic import Stated, share_interval

Floats = npt.NDArray[np.float64]

ALPHA = 0.05
DRAWS = 4_000
"""Draws behind the intervals of effects in the light of the others."""
_ENDS = ("", "_low", "_high")


@dataclass(frozen=True)
class Costs:
    """What turns revenue into profit.

    Args:
        margin: Contribution margin as a share of revenue.
        contact_cost: Cost of contacting one customer, in money; every customer of a treatment is contacted.
        discount: Cost of the offer for each treated customer who converts, in money.
    """

    margin: float = 1.0
    contact_cost: float = 0.0
    discount: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.margin <= 1:
            raise OptionError(f"{self.margin:g} is not a share of revenue", where=Setting.MARGIN, hint="30 % is 0.3")
        for setting, cost in ((Setting.CONTACT_COST, self.contact_cost), (Setting.DISCOUNT, self.discount)):
            if not 0 <= cost < float("inf"):
                raise OptionError(f"{cost:g} is not an amount of money of 0 or more", where=setting)


def arm_table(cells: Tally) -> pd.DataFrame:
    """Return each arm by itself: group, arm, n, converted, rate and its Wilson interval, revenue per customer."""
    groups, arms = cells.n.shape
    n = cells.n.ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = cells.converted.ravel() / n
    low, high = share_interval(rate, n)
    return pd.DataFrame(
        {
            "group": np.repeat(_labels(cells), arms),
            "arm": np.tile(np.array(cells.arms, dtype=object), groups),
            "n": n,
            "converted": cells.converted.ravel(),
            "rate": rate,
            "rate_low": low,
            "rate_high": high,
            "revenue": cells.mean[..., REVENUE].ravel(),
        }
    )


def lift_table(observations: Observations, costs: Costs | None, *, cells: Tally | None = None) -> pd.DataFrame:
    """Return each treatment against the control: one row per group and treatment, groups in order.

    Columns: group (None without groups), arm; n, converted, rate and the same of the control; difference and
    ratio of the rates, each with _low and _high; p, p_test (`z` or `exact`); money per customer: revenue,
    revenue_control, purchases and purchases_control, revenue_difference and revenue_ratio with _low, _high, and
    revenue_p; basket_difference (per purchase) and basket_p; profit with limits, profit_p and profit_error;
    adjusted_difference with limits and p where there is a covariate (of revenue, or of conversion without revenue);
    in all: incremental_conversions, incremental_revenue and net_profit with limits; and each p adjusted (Holm over
    all rows). NaN where something is not known.
    """
    cells = cells or tally(observations)
    table = pd.DataFrame(_rates(cells))
    money = money_columns(spending_of(cells), costs, table)
    treatments, mean = cells.n.shape[1] - 1, cells.mean[..., REVENUE]
    table = table.assign(
        revenue=mean[:, 1:].ravel(),
        revenue_control=np.repeat(mean[:, 0], treatments),
        purchases=cells.spent[:, 1:, 0].ravel(),
        purchases_control=np.repeat(cells.spent[:, 0, 0], treatments),
        **money,
        **_adjusted(cells, money),
    )
    return adjusted_for_rows(add_totals(table))


def add_totals(table: pd.DataFrame) -> pd.DataFrame:
    """Return a lift table with what the whole arms brought."""
    n = table["n"].to_numpy(dtype=np.float64)
    parts = {
        "incremental_conversions": "difference",
        "incremental_revenue": "revenue_difference",
        "net_profit": "profit",
    }
    return table.assign(**{f"{name}{end}": n * table[f"{per}{end}"] for name, per in parts.items() for end in _ENDS})


def adjusted_for_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return a lift table with each p adjusted for the rows; conversions, revenue and profit are families."""
    return table.assign(**{f"{name}_adjusted": holm(table[name].to_numpy()) for name in ("p", "revenue_p", "profit_p")})


def _labels(cells: Tally) -> npt.NDArray[np.object_]:
    return np.array(cells.groups or (None,), dtype=object)


def _rates(cells: Tally) -> dict[str, npt.ArrayLike]:
    treatments = cells.n.shape[1] - 1
    pair = Pair(
        cells.converted[:, 1:].ravel(),
        cells.n[:, 1:].ravel(),
        np.repeat(cells.converted[:, 0], treatments),
        np.repeat(cells.n[:, 0], treatments),
    )
    x1, n1, x0, n0 = (np.asarray(part) for part in pair)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate, control = x1 / n1, x0 / n0
        ratio = rate / control
    low, high = difference_interval(pair)
    ratio_low, ratio_high = ratio_interval(pair)
    p = p_value(pair)
    return {
        "group": np.repeat(_labels(cells), treatments),
        "arm": np.tile(np.array(cells.arms[1:], dtype=object), len(cells.n)),
        "n": n1,
        "n_control": n0,
        "converted": x1,
        "converted_control": x0,
        "rate": rate,
        "rate_control": control,
        "difference": rate - control,
        "difference_low": low,
        "difference_high": high,
        "ratio": ratio,
        "ratio_low": ratio_low,
        "ratio_high": ratio_high,
        "p": p,
        "p_test": np.where(is_small(pair), "exact", "z"),
    }


def spending_of(cells: Tally) -> Spending:
    """Return what customers spent in each comparison, in the order of the table."""
    treatments = cells.n.shape[1] - 1

    def pairs(part: npt.NDArray[np.generic]) -> Floats:
        control = np.broadcast_to(part[:, :1], part[:, 1:].shape)
        both = np.stack([part[:, 1:], control], axis=2).astype(np.float64)
        return both.reshape(-1, 1, *both.shape[2:])

    rows = len(cells.n) * treatments
    return Spending(pairs(cells.n), pairs(cells.converted), pairs(cells.spent), np.ones((rows, 1)))


def money_columns(spending: Spending, costs: Costs | None, rates: pd.DataFrame) -> dict[str, Floats]:
    """Return the columns about money per customer.

    Args:
        spending: One comparison per row.
        costs: What turns revenue into profit.
        rates: `difference` and `p` of the conversions of the same rows.
    """
    revenue, (basket, basket_p), ratio = spending.judge(), spending.baskets(), spending.ratios()
    conversion = rates["difference"].to_numpy(dtype=np.float64), rates["p"].to_numpy(dtype=np.float64)
    evidence = (conversion, (basket, basket_p))
    revenue = _supported(revenue, evidence)
    # The ratio holds 1 where the difference holds 0, the rule above included.
    shown = revenue.p < ALPHA
    profit = MoneyGaps(*np.full((5, len(basket)), np.nan))
    if costs is not None:
        judged = spending.judge(Worth(costs.margin, costs.discount, costs.contact_cost))
        profit = _supported(judged, evidence, losses=False)
    # An arm may have nobody: it brings no money per customer, and no ratio.
    with np.errstate(divide="ignore", invalid="ignore"):
        per_customer = (spending.weight[..., None] * spending.sums[..., 1] / spending.n).sum(axis=1)
        ratios = (
            per_customer[:, 0] / per_customer[:, 1],
            np.where(shown, ratio[0], np.minimum(ratio[0], 1)),
            np.where(shown, ratio[1], np.maximum(ratio[1], 1)),
        )
    return {
        **_gap_columns("revenue_difference", revenue),
        "revenue_p": revenue.p,
        **{f"revenue_ratio{end}": part for end, part in zip(_ENDS, ratios, strict=True)},
        "basket_difference": basket,
        "basket_p": basket_p,
        **_gap_columns("profit", profit),
        "profit_p": profit.p,
        "profit_error": profit.error,
    }


def _supported(gaps: MoneyGaps, evidence: Sequence[tuple[Floats, Floats]], *, losses: bool = True) -> MoneyGaps:
    """Return money that claims no more than conversions or baskets do: its p is at least the smaller one of theirs.

    Args:
        gaps: Of money.
        evidence: Difference and p of what money is made of; only one in the same direction counts.
        losses: Whether less money needs such evidence, too; costs are evidence enough of a loss.
    """
    with np.errstate(invalid="ignore"):
        theirs = [np.where(np.sign(gap) == np.sign(gaps.value), np.nan_to_num(p, nan=1.0), 1.0) for gap, p in evidence]
        needed = np.minimum(*theirs) if losses else np.where(gaps.value > 0, np.minimum(*theirs), 0.0)
        p = np.maximum(gaps.p, needed)
        open_ended = p >= ALPHA
        low, high = (
            np.where(open_ended, bound(end, 0), end) for bound, end in ((np.minimum, gaps.low), (np.maximum, gaps.high))
        )
    return MoneyGaps(gaps.value, low, high, p, gaps.error)


def _adjusted(cells: Tally, money: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the difference of revenue, else of conversion, with what the covariate explains taken out.

    CUPED with one slope for both arms (A. Deng, Y. Xu, R. Kohavi and T. Walker, WSDM 2013), and the test of Welch.
    """
    names = [*(f"adjusted_difference{end}" for end in _ENDS), "adjusted_p"]
    if not cells.has(COVARIATE):
        return dict.fromkeys(names, np.full(cells.n[:, 1:].size, np.nan))
    measures = [REVENUE if cells.has(REVENUE) else CONVERTED, COVARIATE]
    mean, covariance = cells.mean[..., measures], cells.covariance[..., measures, :][..., measures]
    n, gap = cells.n.astype(np.float64), mean[:, 1:] - mean[:, :1]
    scatter = (n - 1)[..., None, None] * covariance
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (n[:, 1:] * n[:, :1] / (n[:, 1:] + n[:, :1]))[..., None] * gap * gap[..., 1:]
        both = (scatter[:, 1:] + scatter[:, :1])[..., 1] + apart
        slope = np.where(both[..., 1] > 0, both[..., 0] / both[..., 1], 0)[..., None]
        treated, control = (
            (part[..., 0, 0] - 2 * slope[..., 0] * part[..., 0, 1] + slope[..., 0] ** 2 * part[..., 1, 1]) / size
            for part, size in ((covariance[:, 1:], n[:, 1:]), (covariance[:, :1], n[:, :1]))
        )
        value, error = gap[..., 0] - slope[..., 0] * gap[..., 1], np.sqrt(treated + control)
        error = np.where(error > 0, error, np.nan)
        df = error**4 / (treated**2 / (n[:, 1:] - 1) + control**2 / (n[:, :1] - 1))
        below = above = (error * stdtrit(df, (1 + LEVEL) / 2)).ravel()
        p = 2 * stdtr(df, -np.abs(value / error)).ravel()
        if cells.has(REVENUE):
            # The covariate narrows the interval of money by as much as it narrows that of Welch.
            plain = np.sqrt((covariance[:, 1:, 0, 0] / n[:, 1:]) + covariance[:, :1, 0, 0] / n[:, :1])
            below, above = (
                abs(money[f"revenue_difference{end}"] - money["revenue_difference"]) * (error / plain).ravel()
                for end in _ENDS[1:]
            )
            p = 2 * ndtr(-np.abs(value.ravel()) / np.where(value.ravel() > 0, below, above) * ndtri((1 + LEVEL) / 2))
    return dict(zip(names, (value.ravel(), value.ravel() - below, value.ravel() + above, p), strict=True))


def _gap_columns(name: str, gaps: MoneyGaps) -> dict[str, Floats]:
    return {f"{name}{end}": part for end, part in zip(_ENDS, (gaps.value, gaps.low, gaps.high), strict=True)}


def holm(p: npt.ArrayLike) -> Floats:
    """Return probabilities adjusted for how many there are; a missing one stays so and counts as none.

    S. Holm, Scandinavian Journal of Statistics 6 (1979). The library's own function collects garbage of the
    whole process at each call, which takes a server longer than all the rest.

    >>> holm([0.01, float("nan"), 0.04]).tolist()
    [0.02, nan, 0.04]
    """
    adjusted = np.array(p, dtype=np.float64)
    order = np.argsort(adjusted)[: int((~np.isnan(adjusted)).sum())]
    # The smallest p counts for all of them, the next for one fewer, and so on. The running maximum keeps an adjusted p
    # from falling below that of a smaller one.
    left = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(adjusted[order] * left), 1)
    return adjusted


def add_shrunk(table: pd.DataFrame, lift: Stated) -> pd.DataFrame:
    """Return a lift table of groups with what is believed of each, given the others of its treatment.

    Adds shrunk_difference and shrunk_lift (relative: 0.1 is a tenth more conversions), each with _low and _high.
    """
    columns = [f"shrunk_{what}{end}" for end in _ENDS for what in ("difference", "lift")]
    believed = {}
    for _, rows in table.groupby("arm", sort=False):
        level = float(rows["converted_control"].sum() / max(1, rows["n_control"].sum()))
        names, level = rows["group"].astype("str"), min(max(level, 1e-4), 1 - 1e-4)
        counts = [Counts(*map(float, each)) for each in zip(*_counts(rows), strict=True)]
        segments = tuple(SegmentCounts(name, level, (each,)) for name, each in zip(names, counts, strict=True))
        learned = learn(segments, lift, draws=DRAWS, seed=0)
        for at, name in names.items():
            of = learned[name]
            gain = np.quantile(of.baselines * of.lifts, [0.5, 0.025, 0.975])
            believed[at] = [value for pair in zip(gain, of.lift, strict=True) for value in pair]
    # All at once: one place after the other took an eighth of the time of all results.
    values = np.array([believed[at] for at in table.index])
    return table.assign(**dict(zip(columns, values.T, strict=False)))


@dataclass(frozen=True)
class Heterogeneity:
    """Whether groups differ by more than chance: Cochran's Q, degrees of freedom, and p, NaN for fewer than two."""

    q: float
    df: int
    p: float


def heterogeneity(value: Floats, error: Floats) -> Heterogeneity:
    """Return the test of one common effect.

    >>> heterogeneity(np.array([1.0, 1.2, 5.0]), np.array([0.5, 0.5, 0.5])).p < 0.001
    True
    """
    known = ~np.isnan(value) & (error > 0)
    if known.sum() < 2:
        return Heterogeneity(float("nan"), 0, float("nan"))
    # The same Q as `combine_effects` of statsmodels, without its iterations: those cost 40 times as much.
    weight, value = 1 / error[known] ** 2, value[known]
    q = float((weight * (value - (weight * value).sum() / weight.sum()) ** 2).sum())
    return Heterogeneity(q, len(value) - 1, float(chdtrc(len(value) - 1, q)))


def differ(rows: pd.DataFrame) -> tuple[Heterogeneity, Heterogeneity]:
    """Return the tests of groups of one treatment having one difference, and one ratio."""
    return heterogeneity(*difference_errors(rows)), heterogeneity(*_log_ratio(rows))


def _counts(rows: pd.DataFrame) -> tuple[Floats, ...]:
    names = ("converted", "n", "converted_control", "n_control")
    return tuple(rows[name].to_numpy(dtype=np.float64) for name in names)


def difference_errors(rows: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return differences and standard errors, which one conversion and one other added to each arm keep above 0.

    A. Agresti and B. Caffo, The American Statistician 54 (2000).
    """
    x1, n1, x0, n0 = _counts(rows)
    # A group where nobody converted would otherwise have an error of 0, as if its effect were known for certain.
    p1, p0 = (x1 + 1) / (n1 + 2), (x0 + 1) / (n0 + 2)
    error = np.sqrt(p1 * (1 - p1) / (n1 + 2) + p0 * (1 - p0) / (n0 + 2))
    nobody = (n1 == 0) | (n0 == 0)
    return rows["difference"].to_numpy(dtype=np.float64), np.where(nobody, np.nan, error)


def _log_ratio(rows: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return log ratios and standard errors with half a conversion added to each arm.

    S. D. Walter, Biometrika 62 (1975).
    """
    x1, n1, x0, n0 = _counts(rows)
    value = np.log((x1 + 0.5) / (n1 + 0.5)) - np.log((x0 + 0.5) / (n0 + 0.5))
    error = np.sqrt(1 / (x1 + 0.5) - 1 / (n1 + 0.5) + 1 / (x0 + 0.5) - 1 / (n0 + 0.5))
    nobody = (n1 == 0) | (n0 == 0)
    return np.where(nobody, np.nan, value), np.where(nobody, np.nan, error)
