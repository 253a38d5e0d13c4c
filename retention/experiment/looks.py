"""Looks at an experiment before its outcome days are over: tests and intervals that hold however often one looks.

Everybody is contacted on one day and purchases come in over the next, so what grows from look to look is not the
customers but what is known of them. Without an effect the difference of two rates so far, divided by the share that has
not bought yet, moves like a random walk whose variance grows with rate / (1 - rate). Against such a walk a mixture of
all effects, weighted by a normal curve, is a bet that is fair at each step, so it is ever won twentyfold in at most one
experiment of twenty: H. Robbins, Annals of Mathematical Statistics 41 (1970); S. R. Howard, A. Ramdas, J. McAuliffe and
J. Sekhon, Annals of Statistics 49 (2021).

The effect is the one so far: a treatment that only makes people buy sooner has one, too, and it goes away again.
"""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr, ndtri

from retention.experiment.intervals import LEVEL, Pair, difference_interval, ratio_interval
from retention.experiment.lift import holm
from retention.experiment.results import Results
from retention.experiment.stratified import STRATIFIED
from retention.experiment.words import ALPHA, Estimate, p_words, percent, points

Floats = npt.NDArray[np.float64]

MIXTURE = 0.1217735
"""Variance of the null over that of the mixture, which makes the interval at the planned end as narrow as it can be."""
CLEAR, UNCLEAR = "already clear", "not clear yet"
FEWEST, MOST = 0.001, 0.5
"""Bounds of a planned rate, so that one of 0 or 1 cannot make nothing or everything of a look."""
_TOLD = ("difference", "ratio", "incremental_conversions")
_KEPT = frozenset({"n", "n_control", "converted", "converted_control", "rate", "rate_control", *_TOLD})


def so_far(results: Results, planned: Mapping[str, float]) -> Results:
    """Return results with intervals and tests that hold however often one looks, without money, guardrails and lifts.

    Args:
        results: As `measure` returns them.
        planned: The rate without contact that was expected of each group before the send, and by "" of everybody.
    """
    return replace(
        results,
        overall=_look(results.overall, planned),
        pooled=_look(results.pooled, planned),
        groups=_look(results.groups, planned).assign(do_not_contact=False),
        differing=(),
        guardrails=(),
    )


def _look(table: pd.DataFrame, planned: Mapping[str, float]) -> pd.DataFrame:
    """Return a lift table as of one look of many."""
    if table.empty:
        return table
    # Everything else is judged once, at the end: money, effects in the light of the others, adjusted effects.
    later = [name for name in table.select_dtypes("float").columns if name not in _KEPT]
    everyone, customers = planned[""], table["n"] + table["n_control"]
    expected = np.clip(np.nan_to_num([planned.get(str(group), everyone) for group in table["group"]]), FEWEST, MOST)
    known = information((table["converted"] + table["converted_control"]) / customers, expected)
    p = valid_p(table["p"], known)
    adjusted = holm(p)
    levels = valid_level(known)
    ends = np.array([_ends(row, level) for row, level in zip(table.to_dict("records"), levels, strict=True)])
    out = table.assign(**dict.fromkeys(later, np.nan)).assign(p=p, p_adjusted=adjusted)
    for place, name in enumerate(("difference_low", "difference_high", "ratio_low", "ratio_high")):
        out[name] = ends[:, place]
    for end in ("_low", "_high"):
        out[f"incremental_conversions{end}"] = out["n"] * out[f"difference{end}"]
    judged = ~table["verdict"].isin(["blocked", "no data"])
    out.loc[judged, "verdict"] = np.where(adjusted < ALPHA, CLEAR, UNCLEAR)[judged]
    out.loc[judged, "words"] = [_words(row) for row in out[judged].to_dict("records")]
    return out


def _ends(row: Mapping[Hashable, Any], level: float) -> tuple[float, float, float, float]:
    """Return the limits of difference and ratio at a level; without any conversion everything fits the data."""
    # The level of a look with next to no conversions is so near to 1 that a float cannot tell the two apart.
    if not level < 1:
        return (-1.0, 1.0, 0.0, np.inf)
    if row["p_test"] == STRATIFIED:
        wider = float(ndtri((1 + level) / 2) / ndtri((1 + LEVEL) / 2))
        low, high, ratio_low, ratio_high = (
            row[name] + wider * (row[f"{name}{end}"] - row[name]) for name in _TOLD[:2] for end in ("_low", "_high")
        )
        return (low, high, max(0.0, ratio_low), ratio_high)
    pair = Pair([row["converted"]], [row["n"]], [row["converted_control"]], [row["n_control"]])
    low, high, ratio_low, ratio_high = np.concatenate(difference_interval(pair, level) + ratio_interval(pair, level))
    return (low, high, ratio_low, ratio_high)


def _words(row: Mapping[Hashable, Any]) -> str:
    gap = Estimate(*(float(row[f"difference{end}"]) for end in ("", "_low", "_high")))
    rates = f"{percent(row['rate'])} converted so far, {percent(row['rate_control'])} of the control"
    effect = f"{points(gap)}, {p_words(float(row['p_adjusted']))}"
    if row["verdict"] == UNCLEAR:
        return f"Not clear yet: {rates}; {effect}."
    return f"{'More' if gap.value > 0 else 'Fewer'} conversions, which is clear already: {rates}; {effect}."


def information(rate: npt.ArrayLike, planned: npt.ArrayLike) -> Floats:
    """Return how much is known, as a share of what will be known if the planned rate is reached.

    Args:
        rate: Conversions of both arms so far over customers of both arms.
        planned: The rate that was expected at the end, before anything was sent.
    """
    now, end = np.asarray(rate, dtype=np.float64), np.asarray(planned, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(now / (1 - now) / (end / (1 - end)))


def valid_p(p: npt.ArrayLike, known: npt.ArrayLike) -> Floats:
    """Return probabilities by chance that hold however often one looks; NaN where there is no test.

    Args:
        p: Probabilities by chance of this look alone, two-sided.
        known: The `information` of this look.

    >>> valid_p([0.05, 0.0001], [1.0, 0.5]).round(3).tolist()
    [0.548, 0.005]
    """
    squared, share = ndtri(np.asarray(p, dtype=np.float64) / 2) ** 2, np.asarray(known, dtype=np.float64)
    grown = share / MIXTURE
    with np.errstate(invalid="ignore"):
        odds = np.sqrt(1 + grown) * np.exp(-squared / 2 * grown / (1 + grown))
    return np.asarray(np.minimum(odds, 1))


def valid_level(known: npt.ArrayLike) -> Floats:
    """Return the level that an interval of one look needs, so that all looks together miss no more than one would.

    >>> valid_level([0.1, 1.0]).round(5).tolist()
    [0.99987, 0.9976]
    """
    grown = np.asarray(known, dtype=np.float64) / MIXTURE
    with np.errstate(divide="ignore"):
        reach = np.sqrt((1 + 1 / grown) * (2 * np.log(1 / (1 - LEVEL)) + np.log1p(grown)))
    return np.asarray(1 - 2 * ndtr(-reach))
