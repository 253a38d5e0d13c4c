"""Whom to contact with a limited budget: the segments that are expected to bring most, against sending to everyone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.errors import OptionError, Setting, ensure
from retention.experiment.words import Estimate, money
from retention.scores.arithmetic import draw_interval

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prospect:
    """A segment that may be contacted.

    Args:
        profit: Expected net profit per contacted customer, contact paid; NaN: not known.
        draws: What it may be, as often as it is believed; the draws of all segments belong together, one by one.
    """

    name: str
    customers: int
    profit: float
    draws: Floats
    cost: float = 0.0

    def __post_init__(self) -> None:
        if self.customers < 0 or not 0 <= self.cost < math.inf:
            raise OptionError("customers and costs must be 0 or more", where=self.name)


@dataclass(frozen=True)
class CampaignPlan:
    """Whom to contact, and what that is expected to bring.

    `table` has one row per segment, the best first: segment, customers, sends, cost, profit_each, profit and its limits
    (of the planned sends), known.
    """

    table: pd.DataFrame
    sends: int
    cost: float
    profit: Estimate
    everyone: Estimate
    at_random: Estimate
    chance: float


def plan_campaign(
    prospects: Sequence[Prospect], *, sends: int | None = None, budget: float | None = None, everybody: bool = False
) -> CampaignPlan:
    """Return the segments to contact, those that bring most per contact (or per money) first.

    A segment that is expected to lose money is left out, and so is one whose profit nobody knows. The last
    segment that the limit allows is contacted in part; its customers are alike as far as anyone knows.

    Args:
        prospects: The segments; take shrunk numbers, or the best of many raw ones will disappoint.
        sends: Most contacts; None: no limit.
        budget: Most money; None: no limit.
        everybody: Whether those are contacted as well who are expected to cost more than they bring, or nobody knows.

    >>> some = [Prospect("a", 100, 0.5, np.array([0.3, 0.7])), Prospect("b", 900, -0.1, np.array([-0.2, 0.0]))]
    >>> plan = plan_campaign(some)
    >>> plan.sends, round(plan.profit.value), round(plan.everyone.value)
    (100, 50, -40)
    """
    for setting, limit in ((Setting.SENDS, sends), (Setting.BUDGET, budget)):
        if limit is not None and not limit >= 0:
            raise OptionError(f"{limit:g} is less than 0", where=setting)
    # Of equal ones the first stays first: they come in the order in which segments are recommended.
    ordered = sorted(prospects, key=lambda one: -_worth(one, by_money=budget is not None))
    taken = np.array(_take(ordered, sends, budget, everybody), dtype=np.float64)
    customers = np.array([one.customers for one in ordered], dtype=np.float64)
    known = np.array([not math.isnan(one.profit) for one in ordered], dtype=np.bool_)
    reachable = np.where(known, customers, 0)
    share = taken.sum() / reachable.sum() if reachable.sum() else 0.0
    profit, everyone, at_random = (total_of(ordered, counts) for counts in (taken, reachable, reachable * share))
    # Whoever is contacted either way cancels out, draw by draw.
    chance = float((_drawn(ordered, taken - reachable) > 0).mean())
    cost = float(sum(count * one.cost for count, one in zip(taken, ordered, strict=True)))
    table = _table(ordered, taken, known)
    plan = CampaignPlan(table, int(taken.sum()), cost, profit, everyone, at_random, chance)
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


def _take(ordered: Sequence[Prospect], sends: int | None, budget: float | None, everybody: bool) -> list[int]:
    left = math.inf if sends is None else float(sends)
    money_left = math.inf if budget is None else float(budget)
    taken = []
    for one in ordered:
        affordable = money_left / one.cost if one.cost else math.inf
        # A hair of rounding must not cost a contact that the budget pays for.
        most = min(float(one.customers), left, affordable * (1 + 1e-12) + 1e-9)
        count = math.floor(most) if everybody or one.profit > 0 else 0
        left, money_left = left - count, money_left - count * one.cost
        taken.append(count)
    return taken


def _drawn(ordered: Sequence[Prospect], counts: Floats) -> Floats:
    drawn = [np.nan_to_num(count * one.draws) for count, one in zip(counts, ordered, strict=True)]
    return np.sum(drawn, axis=0) if drawn else np.zeros(1)


def total_of(ordered: Sequence[Prospect], counts: Floats) -> Estimate:
    """Return the profit of so many contacts per segment, with its interval."""
    value = float(counts @ np.nan_to_num([one.profit for one in ordered]))
    low, high = draw_interval(_drawn(ordered, counts)[:, None], np.array([value]))
    return Estimate(value, float(low[0]), float(high[0]))


def _table(ordered: Sequence[Prospect], taken: Floats, known: npt.NDArray[np.bool_]) -> pd.DataFrame:
    rows = []
    for one, count in zip(ordered, taken, strict=True):
        profit = total_of([one], np.array([count]))
        ends = (profit.low, profit.high) if count else (0.0, 0.0)
        rows.append((one.name, one.customers, int(count), count * one.cost, one.profit, profit.value, *ends))
    names = ["segment", "customers", "sends", "cost", "profit_each", "profit", "profit_low", "profit_high"]
    return pd.DataFrame(rows, columns=names).assign(known=known)


def campaign_words(plan: CampaignPlan) -> str:
    """Return a plan in words.

    >>> some = [Prospect("a", 100, 0.5, np.array([0.5])), Prospect("b", 9, -1.0, np.array([-1.0]))]
    >>> print(campaign_words(plan_campaign(some)))
    Contact 100 of 109 customers, in 1 segment: expected net profit +50.00 (+50.00 to +50.00). Contacting everybody:
    +41.00 (+41.00 to +41.00).
    """
    chosen = int((plan.table["sends"] > 0).sum())
    if not chosen:
        return (
            f"Contact nobody: no segment is expected to bring in more than it costs. Everybody: {money(plan.everyone)}."
        )
    segments = "1 segment" if chosen == 1 else f"{chosen} segments"
    people = f"{plan.sends:,} of {int(plan.table['customers'].sum()):,} customers"
    unknown = int((~plan.table["known"]).sum())
    rest = f" Nothing is known of {unknown} more." if unknown else ""
    return (
        f"Contact {people}, in {segments}: expected net profit {money(plan.profit)}. "
        f"Contacting everybody: {money(plan.everyone)}.{rest}"
    )
