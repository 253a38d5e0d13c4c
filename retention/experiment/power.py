"""What an experiment can learn, before anything is sent: power, smallest detectable lift, sizes needed.

Two-sided tests of two proportions, the control against one treatment. `pooled` is the test that the results
are judged by; `unpooled` estimates the standard error from each arm by itself and is a little less strict.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri, pdtrc

from retention.errors import OptionError, Setting, ensure
from retention.experiment.money import FEWEST, widened
from retention.wording import SPACE, percent

ALPHA = 0.05
POWER = 0.80
MOST = 10**12
"""More customers than this count as never."""


@dataclass(frozen=True)
class Plan:
    """What is planned for one group of customers.

    Args:
        baseline: Conversion rate without treatment.
        alpha: Accepted rate of false alarms, two-sided; divide it by the comparisons that are made.
        spread: Standard deviation of a purchase over its mean; NaN: not known.
        contact: Cost of a contact, over what a purchase brings on average; NaN: not known.
        discount: Cost of the offer for each purchase of the treated, over the same.
    """

    customers: float
    baseline: float
    control_share: float = 0.1
    alpha: float = ALPHA
    spread: float = math.nan
    contact: float = math.nan
    discount: float = 0.0

    def __post_init__(self) -> None:
        if not 2 <= self.customers <= MOST:
            raise OptionError(
                f"{self.customers:g} customers cannot be split into arms", where=Setting.SIZE, hint=f"Use 2 to {MOST:,}"
            )
        for setting, value in ((Setting.BASELINE, self.baseline), (Setting.HOLDOUT, self.control_share)):
            if not 0 < value < 1:
                raise OptionError(f"{value:g} is not between 0 and 1", where=setting)
        ensure(0 < self.alpha < 1, "a rate of false alarms lies between 0 and 1")

    @property
    def arms(self) -> tuple[float, float]:
        """Customers of the control and of the treatment."""
        return self.customers * self.control_share, self.customers * (1 - self.control_share)


def power(plan: Plan, lift: float, *, pooled: bool = True) -> float:
    """Return the probability that a relative lift is found significant.

    >>> f"{power(Plan(500, 0.10), 0.20):.1%} {power(Plan(500, 0.10), 0.20, pooled=False):.1%}"
    '5.6% 7.3%'
    """
    treated = plan.baseline * (1 + lift)
    if not 0 <= treated <= 1:
        raise OptionError(
            f"a lift of {lift:g} takes the rate from {plan.baseline:g} to {treated:g}, which is not between 0 and 1",
            where=Setting.LIFT,
        )
    n0, n1 = plan.arms
    rate = (n0 * plan.baseline + n1 * treated) / plan.customers
    alone = math.sqrt(plan.baseline * (1 - plan.baseline) / n0 + treated * (1 - treated) / n1)
    # The limit of the pooled test lies where no effect would put it, and the difference varies as the lift makes it:
    # two errors, in the normal approximation without a correction for continuity (J. L. Fleiss, B. Levin and M. C.
    # Paik, Statistical Methods for Rates and Proportions, 2003, chapter 4). With one error for both the power would
    # come out too high where few are held out.
    null = math.sqrt(rate * (1 - rate) * (1 / n0 + 1 / n1)) if pooled else alone
    gap = treated - plan.baseline
    return _found(gap, plan.alpha, null, alone) + _found(-gap, plan.alpha, null, alone)


def _found(gap: float, alpha: float, null: float, alone: float) -> float:
    """Return the probability of a difference beyond the upper limit of a two-sided test, by the two errors."""
    # Hundreds of sizes are tried for one plan: the distributions of scipy.stats take twenty times as long.
    return float(ndtr(gap / alone + ndtri(alpha / 2) * (null / alone)))


def power_of_money(plan: Plan, lift: float, *, pays: bool = False) -> float:
    """Return the probability that so much more revenue, by more purchases of the same size, is found significant.

    NaN where nobody knows how far purchases differ. An experiment in which too few of the control buy to judge money
    finds nothing.

    Args:
        plan: What is planned.
        lift: The relative lift, of purchases and so of revenue.
        pays: Whether profit is asked for, which the costs lessen: that it pays is said if conversions rise as well.

    >>> f"{power_of_money(Plan(20_000, 0.10, 0.5, spread=1.0), 0.20):.0%} {power(Plan(20_000, 0.10, 0.5), 0.20):.0%}"
    '86% 99%'
    """
    (n0, n1), treated, square = plan.arms, plan.baseline * (1 + lift), 1 + plan.spread**2
    contact, off = (plan.contact, plan.discount) if pays else (0.0, 0.0)
    rate, gap = (n0 * plan.baseline + n1 * treated) / plan.customers, treated * (1 - off) - plan.baseline - contact
    wider = math.sqrt(widened(np.array([n0 * plan.baseline, n1 * treated])))
    null = wider * math.sqrt((rate * square - rate**2) * (1 / n0 + 1 / n1))
    alone = math.sqrt(
        (plan.baseline * square - plan.baseline**2) / n0
        + (treated * (square - 2 * off + off**2) - (treated * (1 - off)) ** 2) / n1
    )
    judged = float(pdtrc(FEWEST - 1, n0 * plan.baseline))
    other = 0.0 if pays else _found(-gap, plan.alpha, null, alone)
    chance = judged * (_found(gap, plan.alpha, null, alone) + other)
    return min(chance, power(plan, lift)) if pays and not math.isnan(chance) else chance


def detectable_lift(plan: Plan, *, wanted: float = POWER) -> float:
    """Return the smallest relative lift that is found with the wanted power; infinity where there is none.

    >>> f"{detectable_lift(Plan(500, 0.10)):.0%}", detectable_lift(Plan(2, 0.50))
    ('166%', inf)
    """
    # This lift takes the rate to 1, less a hair: rounding could take it past 1, which `power` refuses.
    most = (1 - plan.baseline) / plan.baseline * (1 - 1e-9)
    if power(plan, most) < wanted:
        return math.inf
    # At a lift of 0 the power is alpha, so for a wanted power above alpha the two ends lie on either side of it.
    return float(brentq(lambda lift: power(plan, lift) - wanted, 0.0, most, xtol=1e-10))


def customers_needed(plan: Plan, lift: float, *, wanted: float = POWER) -> float:
    """Return how many customers, control and treatment together, give the wanted power; infinity beyond `MOST`.

    >>> customers_needed(Plan(2, 0.10, 0.5), 0.20), customers_needed(Plan(2, 0.10, 0.1), 0.20)
    (7682.0, 21853.0)
    """

    def enough(size: int) -> bool:
        return power(replace(plan, customers=size), lift) >= wanted

    # Power counts both errors and both tails, so no formula turns it around. It grows with the customers, so doubling
    # and then halving finds the fewest.
    high = 2
    while not enough(high):
        high *= 2
        if high > MOST:
            return math.inf
    low = max(2, high // 2)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(low if enough(low) else high)


def share_needed(plan: Plan, lift: float, *, wanted: float = POWER) -> float:
    """Return the smallest part to hold out, at most a half, that gives the wanted power; infinity if none does.

    >>> f"{share_needed(Plan(10_000, 0.10), 0.20):.1%}", share_needed(Plan(500, 0.10), 0.20)
    ('26.5%', inf)
    """

    def missing(share: float) -> float:
        return power(replace(plan, control_share=share), lift) - wanted

    if missing(0.5) < 0:
        return math.inf
    least = 1 / plan.customers
    return least if missing(least) >= 0 else float(brentq(missing, least, 0.5, xtol=1e-10))


def weeks_needed(plan: Plan, lift: float, weekly: float, *, wanted: float = POWER) -> float:
    """Return how many weeks, each with so many new customers, give the wanted power; infinity if none do."""
    if not weekly > 0:
        raise OptionError(f"{weekly:g} a week will never be enough", where=Setting.WEEKLY, hint="Use more than 0")
    needed = customers_needed(plan, lift, wanted=wanted)
    return math.inf if math.isinf(needed) else float(math.ceil(needed / weekly))


@dataclass(frozen=True)
class Outlook:
    """What one group of customers can show, in shares and relative lifts; NaN: not known, infinity: never."""

    control: float
    treated: float
    power: float
    power_of_money: float
    power_to_pay: float
    power_unpooled: float
    detectable_lift: float
    customers_needed: float
    customers_halved: float
    share_needed: float
    weeks_needed: float


def outlook(plan: Plan, lift: float, *, wanted: float = POWER, weekly: float | None = None) -> Outlook:
    """Return what an experiment as planned can show about a wished relative lift.

    >>> round(outlook(Plan(500, 0.10), 0.20, weekly=500).weeks_needed)
    44
    """
    if not 0 < wanted < 1:
        raise OptionError(f"{wanted:g} is not between 0 and 1", where=Setting.POWER, hint="80 % is 0.8")
    if wanted <= ALPHA:
        raise OptionError(
            f"{wanted:g} is no higher than the chance of a false alarm", where=Setting.POWER, hint="80 % is 0.8"
        )
    control, treated = plan.arms
    return Outlook(
        control,
        treated,
        power(plan, lift),
        power_of_money(plan, lift),
        power_of_money(plan, lift, pays=True),
        power(plan, lift, pooled=False),
        detectable_lift(plan, wanted=wanted),
        customers_needed(plan, lift, wanted=wanted),
        customers_needed(replace(plan, control_share=0.5), lift, wanted=wanted),
        share_needed(plan, lift, wanted=wanted),
        math.nan if weekly is None else weeks_needed(plan, lift, weekly, wanted=wanted),
    )


def advice_words(plan: Plan, lift: float, *, wanted: float = POWER) -> str:
    """Return what to do about one week that may be too small to show a lift.

    >>> advice_words(Plan(1_500, 0.10, 0.1), 0.20)
    'One week is too small for +20 %. Hold out half for 6 weeks, or accept +48 %.'
    >>> advice_words(Plan(10_000, 0.10, 0.1), 0.20)
    'Hold out 27 % to show +20 % in one week; with 10 % it is +30 %.'
    """
    half = replace(plan, control_share=0.5)
    weeks, share = weeks_needed(half, lift, plan.customers, wanted=wanted), share_needed(plan, lift, wanted=wanted)
    now, best = detectable_lift(plan, wanted=wanted), detectable_lift(half, wanted=wanted)
    if now <= lift:
        return f"One week is enough for +{100 * lift:.0f} %, with {100 * plan.control_share:.0f} % held out."
    if share <= 0.5:
        instead = "no lift can be shown" if math.isinf(now) else f"it is +{100 * now:.0f} %"
        return (
            f"Hold out {math.ceil(100 * share)} % to show +{100 * lift:.0f} % in one week; "
            f"with {100 * plan.control_share:.0f} % {instead}."
        )
    if math.isinf(weeks):
        return f"No number of weeks shows +{100 * lift:.0f} %."
    accept = "" if math.isinf(best) else f", or accept +{100 * best:.0f} %"
    return f"One week is too small for +{100 * lift:.0f} %. Hold out half for {math.ceil(weeks)} weeks{accept}."


def outlook_words(lift: float, expected: Outlook, *, wanted: float = POWER) -> str:
    r"""Return an outlook in words.

    >>> print(outlook_words(0.20, outlook(Plan(500, 0.10), 0.20)))
    50 held out, 450 contacted: a lift of 20 % would be found in 5.6 % of such experiments. The smallest lift that is
    found in 80 % of them is 166 %. A lift of 20 % needs 21,853 customers at this share, or 7,682 with half held out.
    """
    smallest = expected.detectable_lift
    limit = "No lift, however large," if math.isinf(smallest) else "The smallest lift that"
    arms = f"{expected.control:,.0f} held out, {expected.treated:,.0f} contacted"
    out = [
        f"{arms}: a lift of {percent(lift)} would be found in {percent(expected.power, 1)} of such experiments.",
        f"{limit} is found in {percent(wanted)} of them"
        + ("." if math.isinf(smallest) else f" is {percent(smallest)}."),
    ]
    if not math.isnan(expected.power_of_money):
        out.insert(1, f"As much more revenue would be found in {percent(expected.power_of_money, 1)}.")
    if not math.isnan(expected.power_to_pay):
        out.insert(2, f"That it pays would be shown in {percent(expected.power_to_pay, 1)}.")
    if math.isinf(expected.customers_needed):
        out.append(f"No number of customers shows a lift of {percent(lift)}.")
    elif expected.power < wanted:
        needed = f"A lift of {percent(lift)} needs {expected.customers_needed:,.0f} customers at this share"
        weeks = "" if math.isnan(expected.weeks_needed) else f" ({expected.weeks_needed:,.0f} weeks)"
        out.append(f"{needed}{weeks}, or {expected.customers_halved:,.0f} with half held out.")
        if weeks:
            out.append(
                "Over several weeks one experiment with the same name, salt and shares keeps each customer in one arm; "
                "whoever appears again counts once, so only new customers bring the weeks nearer."
            )
    if expected.power < wanted and not math.isinf(expected.share_needed):
        out.append(f"Holding out {percent(expected.share_needed, 1)} of these customers is enough.")
    # Programs read these words as well, so their spaces are plain ones.
    return " ".join(out).replace(SPACE, " ")
