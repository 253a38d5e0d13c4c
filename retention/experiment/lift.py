"""The lift of each treatment over the control, per group: rates, money, intervals, tests, profit.

Intention to treat: a customer counts in the arm that it was assigned to, whether or not the message arrived.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.errors import OptionError, Setting
from retention.experiment.intervals import Pair, difference_interval, is_small, p_value, ratio_interval
from retention.experiment.means import Gap, bootstrap_intervals, sample_of, welch
from retention.experiment.observations import COVARIATE, REVENUE, Observations, Tally, tally
from retention.experiment.shrinkage import Heterogeneity, Shrunk, heterogeneity, shrink
from retention.scores.arithmetic import share_interval

Floats = npt.NDArray[np.float64]

ALPHA = 0.05
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


def lift_table(observations: Observations, costs: Costs, *, seed: int, cells: Tally | None = None) -> pd.DataFrame:
    """Return each treatment against the control: one row per group and treatment, groups in order.

    Columns: group (None without groups), arm; n, converted, rate and the same of the control; difference and
    ratio of the rates, each with _low and _high; p, p_test (`z` or `exact`), p_adjusted (Holm over all rows);
    money per customer: revenue, revenue_control, revenue_difference (Welch) with _low, _high, p, p_adjusted and
    bootstrap limits; adjusted_difference with limits and p where there is a covariate (of revenue, or of
    conversion without revenue); in all: incremental_conversions, incremental_revenue and net_profit with
    limits; profit, per customer, with limits and profit_error. NaN where something is not known.

    Args:
        observations: The customers.
        costs: What turns revenue into profit.
        seed: Of the bootstrap.
        cells: Their tally, where it is there already.
    """
    cells = cells or tally(observations)
    table = pd.DataFrame({**_rates(cells), **_money(cells, costs, observations, seed)})
    # Conversions and money are two families: each is adjusted by itself.
    table["revenue_p_adjusted"] = holm(table["revenue_p"].to_numpy())
    n = table["n"].to_numpy(dtype=np.float64)
    for end in _ENDS:
        table[f"incremental_conversions{end}"] = n * table[f"difference{end}"]
        table[f"incremental_revenue{end}"] = n * table[f"revenue_difference{end}"]
        table[f"net_profit{end}"] = n * table[f"profit{end}"]
    return table


def _labels(cells: Tally) -> npt.NDArray[np.object_]:
    return np.array(cells.groups or (None,), dtype=object)


def _rates(cells: Tally) -> dict[str, npt.ArrayLike]:
    """Return the columns about conversions."""
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
        "p_adjusted": holm(p),
    }


def _money(cells: Tally, costs: Costs, observations: Observations, seed: int) -> dict[str, npt.ArrayLike]:
    """Return the columns about money per customer."""
    # Weights of conversion, revenue and covariate. Profit is a weighted sum of the measures, so its error follows from
    # the tally, the covariance of conversion and revenue included. The control gets no discount.
    plain, treated = np.array([0.0, 1.0, 0.0]), np.array([-costs.discount, costs.margin, 0.0])
    measured = cells.has(REVENUE)
    revenue = _gaps(cells, plain, plain) if measured else _unknown(cells)
    profit = _gaps(cells, treated, costs.margin * plain) if measured else _unknown(cells)
    value = plain if measured else np.array([1.0, 0.0, 0.0])
    adjusted = _gaps(cells, value, value, adjusted=True) if cells.has(COVARIATE) else _unknown(cells)
    low, high = bootstrap_intervals(observations, seed)
    mean = cells.mean[..., REVENUE]
    return {
        "revenue": mean[:, 1:].ravel(),
        "revenue_control": np.repeat(mean[:, 0], cells.n.shape[1] - 1),
        **_gap_columns("revenue_difference", revenue),
        "revenue_p": np.array([gap.p for gap in revenue]),
        "revenue_bootstrap_low": low.ravel(),
        "revenue_bootstrap_high": high.ravel(),
        **_gap_columns("adjusted_difference", adjusted),
        "adjusted_p": np.array([gap.p for gap in adjusted]),
        # A contact costs the same for every treated customer: it moves the profit and its limits, and widens nothing.
        **{name: values - costs.contact_cost for name, values in _gap_columns("profit", profit).items()},
        "profit_error": np.array([gap.error for gap in profit]),
    }


def _gaps(cells: Tally, treated: Floats, control: Floats, *, adjusted: bool = False) -> list[Gap]:
    """Return the differences of a weighted sum of measures, in the order of the table."""
    groups, arms = cells.n.shape
    gaps = list[Gap]()
    for group in range(groups):
        samples = [
            sample_of(
                int(cells.n[group, arm]),
                cells.mean[group, arm],
                cells.covariance[group, arm],
                treated if arm else control,
            )
            for arm in range(arms)
        ]
        gaps.extend(welch(sample, samples[0], adjusted=adjusted) for sample in samples[1:])
    return gaps


def _unknown(cells: Tally) -> list[Gap]:
    return [Gap(*[float("nan")] * 5)] * (cells.n[:, 1:].size)


def _gap_columns(name: str, gaps: list[Gap]) -> dict[str, Floats]:
    limits = np.array([(gap.value, gap.low, gap.high) for gap in gaps], dtype=np.float64)
    return {f"{name}{end}": limits[:, place] for place, end in enumerate(_ENDS)}


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


def add_shrunk(table: pd.DataFrame) -> pd.DataFrame:
    """Return a lift table of groups with each effect drawn towards the others of its treatment.

    Adds shrunk_difference, shrunk_lift (relative: 0.1 is a tenth more conversions) and shrunk_profit (money per
    customer), each with _low and _high.
    """
    out = table.copy()
    for _, rows in table.groupby("arm", sort=False):
        for name, shrunk in _shrunk(rows).items():
            for end, values in zip(_ENDS, (shrunk.value, shrunk.low, shrunk.high), strict=True):
                # Ratios are shrunk as logarithms, whose errors are nearer to normal; here they become relative lifts
                # again.
                out.loc[rows.index, f"{name}{end}"] = np.expm1(values) if name == "shrunk_lift" else values
    return out


def _shrunk(rows: pd.DataFrame) -> dict[str, Shrunk]:
    return {
        "shrunk_difference": shrink(*difference_errors(rows)),
        "shrunk_lift": shrink(*_log_ratio(rows)),
        "shrunk_profit": shrink(rows["profit"], rows["profit_error"]),
    }


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
