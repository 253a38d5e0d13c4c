"""What an experiment shows, in words: no more than it shows."""

import math
from dataclasses import dataclass
from typing import Literal

from retention.experiment.sample_ratio import SampleRatio

Verdict = Literal["blocked", "no data", "nothing shown", "works", "pays", "loses money", "harms"]

ALPHA = 0.05

CAUSES = (
    "customers of one arm were taken out after the assignment: bounces, unsubscribes, failed sends",
    "the treatment changes who is recorded, as when only visitors or openers are in the file",
    "rows of one arm were lost or duplicated when files were joined or cut off",
    "the assignment did not give the planned shares, or was changed on the way",
    "the shares given here are not the planned ones",
)
"""Likely causes of a sample-ratio mismatch."""

MEANING: dict[Verdict, str] = {
    "blocked": "The arms did not get the customers that they were meant to get; nothing can be concluded.",
    "no data": "An arm has no customers.",
    "nothing shown": "No difference is shown.",
    "works": "More conversions; whether it pays is not known or not shown.",
    "pays": "More conversions, and more profit than without it.",
    "loses money": "More conversions, but it costs more than it brings in.",
    "harms": "Fewer conversions.",
}


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval; NaN where it is not known."""

    value: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return not (math.isnan(self.low) or math.isnan(self.high))


@dataclass(frozen=True)
class EffectFacts:
    """What a verdict on one treatment rests on.

    Args:
        rate: Conversion rate of the treatment.
        rate_control: That of the control.
        difference: Of the rates.
        p: Probability by chance, adjusted for the comparisons made.
        revenue: Difference of revenue per customer.
        revenue_p: Its adjusted probability by chance.
        profit: Net profit of the whole arm against the control.
        blocked: Whether the sample-ratio check forbids conclusions.
    """

    rate: float
    rate_control: float
    difference: Estimate
    p: float
    revenue: Estimate
    revenue_p: float
    profit: Estimate
    blocked: bool = False


def verdict(facts: EffectFacts) -> Verdict:
    """Return what is shown, as one of a few fixed words."""
    if facts.blocked:
        return "blocked"
    if not facts.difference.known:
        return "no data"
    if not facts.p < ALPHA:
        return "nothing shown"
    if facts.difference.value < 0:
        return "harms"
    if facts.profit.value < 0:
        return "loses money"
    return "pays" if facts.profit.low > 0 else "works"


def words(facts: EffectFacts) -> str:
    """Return the verdict in sentences, with the numbers that it rests on."""
    found = verdict(facts)
    if found in ("blocked", "no data"):
        return MEANING[found]
    rates = f"{percent(facts.rate)} converted, {percent(facts.rate_control)} of the control"
    gap = f"{points(facts.difference)}, {p_words(facts.p)}"
    if found == "nothing shown":
        opening = (
            f"No difference is shown: {rates}. Anything {_between(facts.difference)} fits the data ({p_words(facts.p)})"
        )
        return " ".join([f"{opening}; that there is no effect is not shown either.", *_money_of_nothing(facts)])
    opening = f"{'Fewer' if found == 'harms' else 'More'} conversions: {rates}; {gap}."
    return " ".join([opening, *_profit(facts)])


def _between(difference: Estimate) -> str:
    return f"from {_signed(100 * difference.low)} to {_signed(100 * difference.high)} percentage points"


def _money_of_nothing(facts: EffectFacts) -> list[str]:
    out = []
    if facts.revenue_p < ALPHA:
        more = "more" if facts.revenue.value > 0 else "less"
        out.append(f"Revenue per customer is {more}: {money(facts.revenue)}.")
    if facts.profit.high < 0:
        out.append(f"On these costs it loses money: net profit {money(facts.profit)}.")
    return out


def _profit(facts: EffectFacts) -> list[str]:
    """Return the sentence about profit that goes with a difference that is shown."""
    profit = facts.profit
    if math.isnan(profit.value):
        return []
    amount = f"net profit {money(profit)}"
    if profit.value < 0:
        shown = profit.high < 0
        return [f"It loses money: {amount}." if shown else f"On the measured numbers it loses money: {amount}."]
    if profit.low > 0:
        return [f"It pays: {amount}."]
    return [f"Whether it pays is not shown: {amount}."]


def ratio_words(check: SampleRatio, what: str = "The arms") -> str:
    """Return what the sample-ratio check says."""
    if check.status == "not checked":
        return (
            "Not checked: without the planned shares nobody can say whether the arms have the sizes they should have."
        )
    seen = ", ".join(
        f"{arm} {count:,} ({expected:,.0f} planned)"
        for arm, count, expected in zip(check.arms, check.observed, check.expected, strict=True)
    )
    if check.status == "passed":
        return f"{what} have the sizes that were planned, within chance ({p_words(check.p)}): {seen}."
    return f"{what} do not have the sizes that were planned ({p_words(check.p)}): {seen}. No result can be trusted."


def groups_words(difference_p: float, ratio_p: float) -> str:
    """Return whether groups may be said to differ, in percentage points and in relative lift."""
    if math.isnan(difference_p):
        return "With fewer than two groups measured nothing can be said about differences between them."
    points_differ, ratios_differ = difference_p < ALPHA, ratio_p < ALPHA
    tests = f"percentage points {p_words(difference_p)}, relative lift {p_words(ratio_p)}"
    if points_differ and ratios_differ:
        return f"The effect differs between the groups ({tests})."
    if points_differ:
        return (
            f"The effect in percentage points differs between the groups, the relative lift is not shown to ({tests})."
        )
    if ratios_differ:
        return (
            f"The relative lift differs between the groups, the effect in percentage points is not shown to ({tests})."
        )
    return f"That the effect differs between the groups is not shown ({tests}); do not read their order as a ranking."


def percent(rate: float) -> str:
    """Return a rate for reading.

    >>> percent(0.012531), percent(0.16705)
    ('1.25 %', '16.7 %')
    """
    return f"{100 * rate:.2f} %" if abs(rate) < 0.1 else f"{100 * rate:.1f} %"


def points(difference: Estimate) -> str:
    """Return a difference of rates for reading.

    >>> points(Estimate(0.006805, 0.005014, 0.008641))
    '+0.68 percentage points (+0.50 to +0.86)'
    """
    low, high = _signed(100 * difference.low), _signed(100 * difference.high)
    return f"{_signed(100 * difference.value)} percentage points ({low} to {high})"


def money(amount: Estimate) -> str:
    """Return an amount of money for reading.

    >>> money(Estimate(4494.67, 2674.9, 6314.4)), money(Estimate(-0.5, -1.25, 0.25))
    ('+4,495 (+2,675 to +6,314)', '-0.50 (-1.25 to +0.25)')
    """
    digits = 0 if abs(amount.value) >= 100 else 2
    center, low, high = (_signed(part, digits) for part in (amount.value, amount.low, amount.high))
    return f"{center} ({low} to {high})" if amount.known else center


def _signed(value: float, digits: int = 2) -> str:
    rounded = round(value, digits)
    return f"{rounded:+,.{digits}f}" if rounded else f"{0:.{digits}f}"


def p_words(p: float) -> str:
    """Return a probability for reading.

    >>> p_words(0.00001), p_words(0.0316), p_words(0.2)
    ('p < .001', 'p = .032', 'p = .20')
    """
    if math.isnan(p):
        return "no test"
    if p < 0.001:
        return "p < .001"
    return "p = " + (f"{p:.3f}" if p < 0.1 else f"{p:.2f}").removeprefix("0")
