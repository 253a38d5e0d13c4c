"""Whom to contact with a limited budget: the segments that are expected to bring most, against sending to everyone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

from retention.errors import OptionError, Setting, ensure
from retention.experiment.words import Estimate, money

Floats = npt.NDArray[np.float64]

_Z = 1.959963984540054


@dataclass(frozen=True)
class Prospect:
    """A segment that may be contacted.

    Args:
        name: The segment.
        customers: How many could be contacted.
        profit: Expected net profit per contacted customer, contact paid; NaN: not known.
        profit_low: Lower limit of its 95 % interval.
        profit_high: Upper limit.
        cost: Money per contact.
    """

    name: str
    customers: int
    profit: float
    profit_low: float
    profit_high: float
    cost: float = 0.0

    def __post_init__(self) -> None:
        if self.customers < 0 or not 0 <= self.cost < math.inf:
            raise OptionError("customers and costs must be 0 or more", where=self.name)


@dataclass(frozen=True)
class CampaignPlan:
    """Whom to contact, and what that is expected to bring.

    Args:
        table: One row per segment, the best first: segment, customers, sends, cost, profit_each, profit and its
            limits (of the planned sends), known.
        sends: Contacts in all.
        cost: Money in all.
        profit: Expected net profit of the plan.
        everyone: The same of contacting everybody.
        at_random: The same of as many contacts without choice.
        over_everyone: What the plan brings beyond contacting everybody.
        chance: Probability that the plan brings more than contacting everybody.
    """

    table: pd.DataFrame
    sends: int
    cost: float
    profit: Estimate
    everyone: Estimate
    at_random: Estimate
    over_everyone: Estimate
    chance: float


def plan_campaign(
    prospects: Sequence[Prospect], *, sends: int | None = None, budget: float | None = None
) -> CampaignPlan:
    """Return the segments to contact, those that bring most per contact (or per money) first.

    A segment that is expected to lose money is left out, and so is one whose profit nobody knows. The last
    segment that the limit allows is contacted in part; its customers are alike as far as anyone knows.

    Args:
        prospects: Segments whose intervals are independent of each other; take shrunk numbers, or the best
            of many raw ones will disappoint.
        sends: Most contacts; None: no limit.
        budget: Most money; None: no limit.

    >>> plan = plan_campaign([Prospect("a", 100, 0.5, 0.3, 0.7), Prospect("b", 900, -0.1, -0.2, 0.0)])
    >>> plan.sends, round(plan.profit.value), round(plan.everyone.value)
    (100, 50, -40)
    """
    for setting, limit in ((Setting.SENDS, sends), (Setting.BUDGET, budget)):
        if limit is not None and not limit >= 0:
            raise OptionError(f"{limit:g} is less than 0", where=setting)
    # Of equal ones the first stays first: they come in the order in which segments are recommended.
    ordered = sorted(prospects, key=lambda one: -_worth(one, by_money=budget is not None))
    taken = np.array(_take(ordered, sends, budget), dtype=np.float64)
    customers = np.array([one.customers for one in ordered], dtype=np.float64)
    known = np.array([not math.isnan(one.profit) for one in ordered], dtype=np.bool_)
    reachable = np.where(known, customers, 0)
    share = taken.sum() / reachable.sum() if reachable.sum() else 0.0
    # Whoever is contacted either way cancels out. Taken from the two totals as if they were independent, the interval
    # of the difference would count these customers twice.
    over = _total(ordered, taken - reachable)
    spread = (over.high - over.low) / (2 * _Z)
    plan = CampaignPlan(
        _table(ordered, taken, known),
        int(taken.sum()),
        float(sum(count * one.cost for count, one in zip(taken, ordered, strict=True))),
        _total(ordered, taken),
        _total(ordered, reachable),
        _total(ordered, reachable * share),
        over,
        float(ndtr(over.value / spread)) if spread > 0 else float(over.value > 0),
    )
    ensure(sends is None or plan.sends <= sends, "contacts stay within the limit")
    ensure(budget is None or plan.cost <= budget + 1e-6, "money stays within the budget")
    return plan


def _worth(prospect: Prospect, *, by_money: bool) -> float:
    """Return what a contact brings, or a unit of money; the unknown comes last."""
    if math.isnan(prospect.profit):
        return -math.inf
    # Profit per unit of money comes first, as in a knapsack whose goods can be divided (G. B. Dantzig, Operations
    # Research 5, 1957). With a limit of contacts besides, this order is a rule of thumb.
    if by_money and prospect.profit > 0:
        return prospect.profit / prospect.cost if prospect.cost else math.inf
    return prospect.profit


def _take(ordered: Sequence[Prospect], sends: int | None, budget: float | None) -> list[int]:
    left = math.inf if sends is None else float(sends)
    money_left = math.inf if budget is None else float(budget)
    taken = []
    for one in ordered:
        affordable = money_left / one.cost if one.cost else math.inf
        # A hair of rounding must not cost a contact that the budget pays for.
        most = min(float(one.customers), left, affordable * (1 + 1e-12) + 1e-9)
        count = math.floor(most) if one.profit > 0 else 0
        left, money_left = left - count, money_left - count * one.cost
        taken.append(count)
    return taken


def _total(ordered: Sequence[Prospect], counts: Floats) -> Estimate:
    """Return the profit of so many contacts per segment, with its interval."""
    profit = np.nan_to_num([one.profit for one in ordered])
    error = np.nan_to_num([(one.profit_high - one.profit_low) / (2 * _Z) for one in ordered])
    # The segments are independent, so the squares of their errors add up; within a segment all contacts share one
    # error.
    value, half = float(counts @ profit), _Z * float(np.sqrt(((counts * error) ** 2).sum()))
    return Estimate(value, value - half, value + half)


def _table(ordered: Sequence[Prospect], taken: Floats, known: npt.NDArray[np.bool_]) -> pd.DataFrame:
    rows = [
        (
            one.name,
            one.customers,
            int(count),
            count * one.cost,
            one.profit,
            *((count * end) if count else 0.0 for end in (one.profit, one.profit_low, one.profit_high)),
        )
        for one, count in zip(ordered, taken, strict=True)
    ]
    names = ["segment", "customers", "sends", "cost", "profit_each", "profit", "profit_low", "profit_high"]
    return pd.DataFrame(rows, columns=names).assign(known=known)


def campaign_words(plan: CampaignPlan) -> str:
    """Return a plan in words.

    >>> words = campaign_words(plan_campaign([Prospect("a", 100, 0.5, 0.3, 0.7), Prospect("b", 9, -0.1, -0.2, 0.0)]))
    >>> print(words)
    Contact 100 of 109 customers, in 1 segment: expected net profit +50.00 (+30.00 to +70.00). Contacting everybody:
    +49.10 (+29.08 to +69.12).
    """
    chosen = int((plan.table["sends"] > 0).sum())
    if not chosen:
        return (
            f"Contact nobody: no segment is expected to bring in more than it costs. Everybody: {money(plan.everyone)}."
        )
    segments = "1 segment" if chosen == 1 else f"{chosen} segments"
    people = f"{plan.sends:,} of {int(plan.table['customers'].sum()):,} customers"
    unknown = int((~plan.table["known"]).sum())
    rest = f" Of {unknown} more nothing is known." if unknown else ""
    return (
        f"Contact {people}, in {segments}: expected net profit {money(plan.profit)}. "
        f"Contacting everybody: {money(plan.everyone)}.{rest}"
    )
