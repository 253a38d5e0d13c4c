"""Who comes back: outcomes of earlier windows, and what is said of a window from them only.

It is asked of those who have not bought again by the cutoff C, since nothing is to be won with the others. The model
sees what was known at C: customers of earlier windows, as they stood when their window was as old, whose outcome was
known by C. The outcome of the window itself plays no part.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pandas as pd

from retention.activity.activity import NOT_YET, Activity, Span
from retention.activity.features import CAME_BACK, FeatureRules, customers_at
from retention.activity.forecast import (
    BASE,
    FEWEST,
    FEWEST_OF_EACH,
    FEWEST_TESTS,
    Past,
    PastForecast,
    Predict,
    predictor,
    tried,
)
from retention.customers.reach import is_recovered
from retention.customers.universe import select_universe
from retention.errors import PeriodError
from retention.period import Window
from retention.scores.arithmetic import ScoreSource
from retention.scores.terms import ESTIMATE
from retention.wording import percent

WEEKS = 12
"""Earlier windows that the model learns from, at most."""
QUIET = 6 * 3_600_000_000
"""Microseconds without an entry that a night may have."""


def known_at(activity: Activity, cutoff: int) -> Activity:
    """Return the entries before a cutoff."""
    return activity.where(activity.time < cutoff)


def past_outcomes(activity: Activity, window: Window, rules: FeatureRules, cutoff: int, weeks: int = WEEKS) -> Past:
    """Return the customers of the windows before one who were still to be won, and who of them then came back.

    Each window is cut as long after its end as the window that is to be predicted, so that its customers are of the
    same age since their abandonment; it counts once they were followed for the whole outcome time.

    Args:
        activity: What customers did; what is not before the cutoff is not looked at.
        window: The window that is to be predicted.
        rules: When a cart is abandoned, and how long its customer may take to come back.
        cutoff: Microseconds at which the window is cut.
        weeks: How many windows to look back, at most.
    """
    known, span, parts, ago = known_at(activity, cutoff), activity.span, list[pd.DataFrame](), list[int]()
    if span.purchase >= cutoff:
        # As long as no purchase is told of, nobody knows who came back, even where later entries tell of some.
        return _unknown_past()
    late = cutoff - window.cutoff
    # A log that ends some quiet hours before the cutoff is one of whole days, and knows them.
    until = cutoff if span.last >= cutoff - QUIET else span.last + 1
    for week in range(1, weeks + 1):
        earlier = window.earlier(week)
        at = earlier.cutoff + late
        # Of weeks before the first entry nothing is known, and of those before them neither.
        if at <= span.first:
            break
        if at + rules.follow_up <= until:
            # A cart filled after that week is another week's abandonment; that its customer came at all still counts.
            part = _still_to_be_won(known.with_carts_before(earlier.cutoff), earlier, at, rules, until)
            parts.append(part)
            ago += [week] * len(part)
    if not ago:
        return _unknown_past()
    joined = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return Past(joined, joined[CAME_BACK].to_numpy(dtype=np.bool_), np.array(ago)).drawn()


def _still_to_be_won(activity: Activity, window: Window, cutoff: int, rules: FeatureRules, until: int) -> pd.DataFrame:
    """Return the customers of a past window whose outcome is known; none where nobody abandoned a cart in it."""
    known = customers_at(activity, cutoff, timezone=window.timezone, rules=rules, known_until=until)
    try:
        customers = select_universe(known.customers, window).customers
    except PeriodError:
        # A past week in which nobody left a cart teaches nothing, and is no reason to stop.
        return known.customers.iloc[:0]
    return customers[customers[CAME_BACK].notna()]


def _unknown_past() -> Past:
    return Past(pd.DataFrame(), np.empty(0, dtype=np.bool_), np.empty(0, dtype=np.int64))


@dataclass(frozen=True)
class ConversionEstimate:
    """What is known of the conversion of some customers.

    Args:
        source: `measured`: who came back; `modelled`: a probability; `heuristic`: nothing is known.
        notes: How it came about, for people.
        trial: What predictions of past windows were worth, if it is modelled.
        chance: Returns the probabilities of customers by each method, if it is modelled.
    """

    source: ScoreSource
    notes: tuple[str, ...] = ()
    trial: PastForecast | None = None
    chance: Predict | None = field(default=None, repr=False)

    def told(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return customers of the window, or some of them, with `recovery_estimate` unless nothing is known."""
        if self.source == "measured":
            return customers.assign(**{ESTIMATE: customers[CAME_BACK].to_numpy(dtype=np.float64, na_value=np.nan)})
        if self.trial is None or self.chance is None:
            return customers
        # Who has bought again cannot be won back, so the model never saw such people and is not asked about them.
        chance, rest = np.full(len(customers), np.nan), ~is_recovered(customers)
        if rest.any():
            chance[rest] = self.chance(customers[rest])[self.trial.used]
        return customers.assign(**{ESTIMATE: chance})


def outcomes_known(customers: pd.DataFrame) -> bool:
    """Return whether it is known of all who had not bought again whether they came back."""
    return bool(customers[CAME_BACK].notna()[~is_recovered(customers)].all())


def estimate(span: Span, rules: FeatureRules, past_of: Callable[[], Past], *, measured: bool) -> ConversionEstimate:
    """Return the best there is to say on who comes back: outcomes, else a model, else the heuristic.

    Args:
        span: Of the activity.
        rules: When a cart is abandoned, and how long its customer may take to come back.
        past_of: Returns the customers of earlier windows.
        measured: Whether the outcome of everybody is known.
    """
    if span.purchase == NOT_YET:
        note = "Conv_Pot is a heuristic: the input has no purchases, so it cannot show who came back; add the orders"
        return ConversionEstimate("heuristic", (note,))
    days = f"{rules.outcome / timedelta(days=1):g} days"
    if measured:
        note = f"Conv_Pot is measured: of those who had not bought again, the share who did in the {days} after"
        return ConversionEstimate("measured", (note,))
    past = past_of()
    trial = tried(past)
    if not past.enough or trial is None:
        return ConversionEstimate("heuristic", (_too_little(past, days),))
    note = (
        f"Conv_Pot is modelled: {_used_words(trial, past, days)}; its interval holds as many people as came back in "
        f"{trial.windows} past weeks that were predicted"
    )
    return ConversionEstimate("modelled", (note,), trial, predictor(past, trial))


def _too_little(past: Past, days: str) -> str:
    return (
        f"Conv_Pot is a heuristic: a model needs {FEWEST} customers of earlier weeks who had not bought again by "
        f"then and whose next {days} are known, {FEWEST_OF_EACH} of each kind, and {FEWEST_TESTS} more weeks to be "
        f"tried on; the input has {len(past.recovered):,}, of whom {int(past.recovered.sum()):,} came back, "
        f"in {past.windows} weeks"
    )


def _used_words(trial: PastForecast, past: Past, days: str) -> str:
    """Return which prediction is used, and why."""
    if trial.used == BASE:
        return (
            f"this log does not tell who comes back, so everybody has the same probability of buying in the {days} "
            f"after: that of {len(past.recovered):,} customers of {past.windows} earlier weeks, "
            f"{percent(float(past.recovered.mean()), 1)}"
        )
    gain = trial.gains[trial.used]
    return (
        f"the probability of buying in the {days} after, learned from {len(past.recovered):,} customers of "
        f"{past.windows} earlier weeks ({trial.used}), whose Brier score was below that of the same rate for all "
        f"by {gain.value:.4f} ({gain.low:.4f} to {gain.high:.4f})"
    )
