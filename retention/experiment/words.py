"""What an experiment shows, in words: no more than it shows."""

import math
from dataclasses import dataclass
from typing import Literal

from retention import wording
from retention.experiment.money import FEWEST
from retention.experiment.sample_ratio import SampleRatio

VerdictName = Literal[
    "blocked",
    "no data",
    "nothing shown",
    "works",
    "more revenue",
    "pays",
    "loses money",
    "harms",
    "guardrail broken",
]

ALPHA = 0.05

CAUSES = (
    "customers of one arm were taken out after the assignment: bounces, unsubscribes, failed sends",
    "the treatment changes who is recorded, as when only visitors or openers are in the file",
    "rows of one arm were lost or duplicated when files were joined or cut off",
    "the assignment did not give the planned shares, or was changed on the way",
    "the shares given here are not the planned ones",
)
"""Likely causes of a sample-ratio mismatch."""

MEANING: dict[VerdictName, str] = {
    "blocked": "The arms did not get the customers that they were meant to get; nothing can be concluded.",
    "no data": "An arm has no customers.",
    "nothing shown": "No difference is shown.",
    "works": "More conversions; more revenue or profit is not known or not shown.",
    "more revenue": "Brings more revenue; whether it pays is not known or not shown.",
    "pays": "More profit than without it.",
    "loses money": "It costs more than it brings in.",
    "harms": "Fewer conversions, or less revenue.",
    "guardrail broken": "Something that must not get worse did, by more than is allowed.",
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
    """What a verdict on one treatment rests on; each p is adjusted, and money is NaN where it was not measured."""

    rate: float
    rate_control: float
    difference: Estimate
    p: float
    revenue: Estimate
    revenue_p: float
    purchases: tuple[float, float]
    profit: Estimate
    profit_p: float
    blocked: bool = False
    broken: tuple[str, ...] = ()
    currency: str = ""

    def shown(self) -> tuple[int, int, int]:
        """Return the signs of conversions, revenue and profit; 0 where no difference is shown."""
        each = ((self.difference, self.p), (self.revenue, self.revenue_p), (self.profit, self.profit_p))
        conversions, revenue, profit = (int(math.copysign(1, part.value)) if p < ALPHA else 0 for part, p in each)
        return conversions, revenue, profit


def verdict(facts: EffectFacts) -> VerdictName:
    """Return what is shown, as one of a few fixed words."""
    conversions, revenue, profit = facts.shown()
    rules: tuple[tuple[bool, VerdictName], ...] = (
        (facts.blocked, "blocked"),
        (not facts.difference.known, "no data"),
        (min(conversions, revenue) < 0 and profit <= 0, "harms"),
        (profit < 0, "loses money"),
        (bool(facts.broken), "guardrail broken"),
        (profit > 0, "pays"),
        (revenue > 0, "more revenue"),
        (conversions > 0, "works"),
    )
    return next((shown for holds, shown in rules if holds), "nothing shown")


def words(facts: EffectFacts) -> str:
    """Return the verdict in sentences, with the numbers that it rests on."""
    reached = verdict(facts)
    if reached in ("blocked", "no data"):
        return MEANING[reached]
    rates = f"{percent(facts.rate)} converted, {percent(facts.rate_control)} of the control"
    conversions, revenue, profit = facts.shown()
    if conversions:
        more = "More" if conversions > 0 else "Fewer"
        opening = f"{more} conversions: {rates}; {points(facts.difference)}, {p_words(facts.p)}."
    else:
        what = "difference" if reached == "nothing shown" else "difference in conversions"
        low, high = _signed(100 * facts.difference.low), _signed(100 * facts.difference.high)
        between = f"Anything from {low} to {high} percentage points fits the data ({p_words(facts.p)})"
        end = "; that there is no effect is not shown either." if reached == "nothing shown" else "."
        opening = f"No {what} is shown: {rates}. {between}{end}"
    out = [opening]
    if revenue:
        each = money(facts.revenue, facts.currency)
        out.append(f"It brings {'more' if revenue > 0 else 'less'} revenue per customer: {each}.")
    out += _profit(facts, profit, always=reached != "nothing shown")
    out += _few(facts)
    out += [f"Guardrail broken: {each}." for each in facts.broken]
    return " ".join(out)


def _profit(facts: EffectFacts, sign: int, *, always: bool) -> list[str]:
    """Return the sentence about profit; where nothing is shown there is none, unless it is asked for."""
    if not facts.profit.known or not (sign or always):
        return []
    opening = {1: "It pays", -1: "It loses money", 0: "Whether it pays is not shown"}[sign]
    return [f"{opening}: net profit {money(facts.profit, facts.currency)}."]


def _few(facts: EffectFacts) -> list[str]:
    """Return the sentence that goes with money that was measured and cannot be judged."""
    if math.isnan(facts.purchases[0]) or facts.revenue.known:
        return []
    treated, control = facts.purchases
    seen = f"{treated:,.0f} in the treatment, {control:,.0f} in the control"
    return [f"Too few purchases to judge money: {seen}, and each needs {FEWEST} that bring in more than they return."]


def ratio_words(check: SampleRatio) -> str:
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
        return f"The arms have the sizes that were planned, within chance ({p_words(check.p)}): {seen}."
    return f"The arms do not have the sizes that were planned ({p_words(check.p)}): {seen}. No result can be trusted."


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
    """Return a rate for reading, with a plain space: programs read these words as well.

    >>> percent(0.012531), percent(0.16705)
    ('1.25 %', '16.7 %')
    """
    return wording.percent(rate, 2 if abs(rate) < 0.1 else 1).replace(wording.SPACE, " ")


def points(difference: Estimate) -> str:
    """Return a difference of rates for reading.

    >>> points(Estimate(0.006805, 0.005014, 0.008641))
    '+0.68 percentage points (+0.50 to +0.86)'
    """
    low, high = _signed(100 * difference.low), _signed(100 * difference.high)
    return f"{_signed(100 * difference.value)} percentage points ({low} to {high})"


def money(amount: Estimate, currency: str = "") -> str:
    """Return an amount of money for reading.

    >>> money(Estimate(4494.67, 2674.9, 6314.4)), money(Estimate(-0.5, -1.25, 0.25), "USD")
    ('+4,495 (+2,675 to +6,314)', '-$0.50 (-$1.25 to +$0.25)')
    """
    digits = 0 if abs(amount.value) >= 100 else 2
    parts = (amount.value, amount.low, amount.high)
    center, low, high = (wording.money(part, currency, digits=digits, sign=True) for part in parts)
    return f"{center} ({low} to {high})" if amount.known else center


def _signed(value: float) -> str:
    return wording.change(value, lambda size: f"{size:,.2f}")


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
