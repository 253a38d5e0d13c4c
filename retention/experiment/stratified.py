"""The overall effect where groups have shares of their own: each group counts with its customers.

Put together, such groups would compare different customers: with half of the best segment held out and a tenth of the
others, the control is full of the best. So each group is compared within itself, and the differences are averaged
with the groups' sizes as weights (post-stratification: L. W. Miratrix, J. S. Sekhon and B. Yu, JRSS B 75, 2013).
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

from retention.experiment.lift import Costs, add_totals, adjusted_for_rows, difference_errors, money_columns
from retention.experiment.money import Spending
from retention.experiment.observations import Tally
from retention.scores.arithmetic import Z95

Floats = npt.NDArray[np.float64]

STRATIFIED = "stratified z"


def stratify(overall: pd.DataFrame, groups: pd.DataFrame, cells: Tally, costs: Costs | None) -> pd.DataFrame:
    """Return the overall lift table with differences, ratio, money and tests taken within the groups.

    Rates and counts stay those of everybody, so `rate` less `rate_control` is not `difference` here. Groups
    without one of the arms do not count.
    """
    out = overall.copy()
    for place, (index, row) in enumerate(overall.iterrows(), start=1):
        both = np.asarray((cells.n[:, [place, 0]] > 0).all(axis=1))
        if not both.any():
            continue
        for name, value in _row(groups[groups["arm"] == row["arm"]][both], cells, place, both, costs).items():
            out.loc[index, name] = value
    return adjusted_for_rows(add_totals(out)).assign(p_test=np.full(len(out), STRATIFIED, dtype=object))


def _row(
    rows: pd.DataFrame, cells: Tally, place: int, both: npt.NDArray[np.bool_], costs: Costs | None
) -> dict[str, float]:
    """Return the columns of one treatment that change."""
    # Not weights by precision, as `combine_effects` of statsmodels takes them: those answer for the groups that are
    # measured best, and a group in which nobody converted would have an error of 0 and take all the weight.
    sizes = rows["n"].to_numpy(dtype=np.float64) + rows["n_control"].to_numpy(dtype=np.float64)
    weight = sizes / sizes.sum()
    value, error = difference_errors(rows)
    center, spread = float((weight * value).sum()), float(np.sqrt((weight**2 * error**2).sum()))
    ends = {"_low": center - Z95 * spread, "": center, "_high": center + Z95 * spread}
    out = {f"difference{end}": limit for end, limit in ends.items()} | _ratio(rows, weight)
    out["p"] = float(2 * ndtr(-abs(center) / spread)) if spread > 0 else float("nan")
    arms = [place, 0]
    n, converted, sums = (
        part[both][:, arms].astype(np.float64)[None] for part in (cells.n, cells.converted, cells.spent)
    )
    money = money_columns(Spending(n, converted, sums, weight[None]), costs, pd.DataFrame([out]))
    return out | {name: float(part[0]) for name, part in money.items()}


def _ratio(rows: pd.DataFrame, weight: Floats) -> dict[str, float]:
    """Return the ratio of the two rates that the whole would have, with its interval on the log scale."""
    rates, spreads = [], []
    for converted, n in (("converted", "n"), ("converted_control", "n_control")):
        x, size = rows[converted].to_numpy(dtype=np.float64), rows[n].to_numpy(dtype=np.float64)
        # Half a conversion and half a miss are added, or a group where nobody converted would count as known for
        # certain.
        smoothed = (x + 0.5) / (size + 1)
        rates.append(float((weight * x / size).sum()))
        spreads.append(float((weight**2 * smoothed * (1 - smoothed) / size).sum()))
    if not min(rates, default=0) > 0:
        return {"ratio": float("nan"), "ratio_low": 0.0, "ratio_high": float("inf")}
    ratio = rates[0] / rates[1]
    # The delta method: the squared error of a logarithm is that of the rate, divided by the squared rate.
    reach = float(np.exp(Z95 * np.sqrt(spreads[0] / rates[0] ** 2 + spreads[1] / rates[1] ** 2)))
    return {"ratio": ratio, "ratio_low": ratio / reach, "ratio_high": ratio * reach}
