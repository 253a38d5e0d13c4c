"""What an experiment can learn, before anything is sent: power, smallest detectable lift, sizes needed.

Two-sided tests of two proportions, the control against one treatment. `pooled` is the test that the results
are judged by; `unpooled` estimates the standard error from each arm by itself and is a little less strict.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from statsmodels.stats.power import normal_power_het

from retention.errors import OptionError

Floats = npt.NDArray[np.float64]

ALPHA = 0.05
POWER = 0.80
MOST = 10**12
"""More customers than this count as never."""


@dataclass(frozen=True)
class Plan:
    """What is planned for one group of customers.

    Args:
        customers: Control and treatment together.
        baseline: Conversion rate without treatment.
        control_share: Part of the customers that is held out.
        alpha: Accepted rate of false alarms, two-sided; divide it by the comparisons that are made.
    """

    customers: float
    baseline: float
    control_share: float = 0.1
    alpha: float = ALPHA

    def __post_init__(self) -> None:
        if not self.customers >= 2:
            raise OptionError(f"{self.customers:g} customers cannot be split into arms", where="size", hint="Use 2 up")
        for name, value in (("baseline", self.baseline), ("share", self.control_share), ("alpha", self.alpha)):
            if not 0 < value < 1:
                raise OptionError(f"{value:g} is not between 0 and 1", where=name)

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
        raise OptionError(f"a lift of {lift:g} takes the rate from {plan.baseline:g} to {treated:g}", where="lift")
    n0, n1 = plan.arms
    rate = (n0 * plan.baseline + n1 * treated) / plan.customers
    alone = math.sqrt(plan.baseline * (1 - plan.baseline) / n0 + treated * (1 - treated) / n1)
    null = math.sqrt(rate * (1 - rate) * (1 / n0 + 1 / n1)) if pooled else alone
    return float(normal_power_het(treated - plan.baseline, 1, plan.alpha, null, alone))


def detectable_lift(plan: Plan, *, wanted: float = POWER, pooled: bool = True) -> float:
    """Return the smallest relative lift that is found with the wanted power; infinity where there is none.

    >>> f"{detectable_lift(Plan(500, 0.10)):.0%}", detectable_lift(Plan(2, 0.50))
    ('166%', inf)
    """
    most = (1 - plan.baseline) / plan.baseline * (1 - 1e-9)
    if power(plan, most, pooled=pooled) < wanted:
        return math.inf
    return float(brentq(lambda lift: power(plan, lift, pooled=pooled) - wanted, 0.0, most, xtol=1e-10))


def customers_needed(plan: Plan, lift: float, *, wanted: float = POWER, pooled: bool = True) -> float:
    """Return how many customers, control and treatment together, give the wanted power; infinity beyond `MOST`.

    Args:
        plan: Baseline, share and alpha; its number of customers does not matter.
        lift: The relative lift to be found.
        wanted: The power.
        pooled: Which test.

    >>> customers_needed(Plan(2, 0.10, 0.5), 0.20), customers_needed(Plan(2, 0.10, 0.1), 0.20)
    (7682.0, 21853.0)
    """

    def enough(size: int) -> bool:
        return power(_sized(plan, size), lift, pooled=pooled) >= wanted

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


def share_needed(plan: Plan, lift: float, *, wanted: float = POWER, pooled: bool = True) -> float:
    """Return the smallest part to hold out, at most a half, that gives the wanted power; infinity if none does.

    >>> f"{share_needed(Plan(10_000, 0.10), 0.20):.1%}", share_needed(Plan(500, 0.10), 0.20)
    ('26.5%', inf)
    """

    def missing(share: float) -> float:
        return power(Plan(plan.customers, plan.baseline, share, plan.alpha), lift, pooled=pooled) - wanted

    if missing(0.5) < 0:
        return math.inf
    least = 1 / plan.customers
    return least if missing(least) >= 0 else float(brentq(missing, least, 0.5, xtol=1e-10))


def weeks_needed(plan: Plan, lift: float, weekly: float, *, wanted: float = POWER) -> float:
    """Return how many weeks, each with so many new customers, give the wanted power; infinity if none do."""
    if not weekly > 0:
        raise OptionError(f"{weekly:g} customers a week never become enough", where="weekly", hint="Use more than 0")
    needed = customers_needed(plan, lift, wanted=wanted)
    return math.inf if math.isinf(needed) else float(math.ceil(needed / weekly))


def _sized(plan: Plan, size: float) -> Plan:
    return Plan(size, plan.baseline, plan.control_share, plan.alpha)
