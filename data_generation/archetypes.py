"""The four kinds of synthetic customers: how they behave and what a campaign truly does to them."""

from dataclasses import dataclass
from typing import Any

from data_generation.copula import Beta, Gamma, LogNormal


@dataclass(frozen=True)
class Archetype:
    """One kind of customer; the field names of distributions are those of `copula.LATENTS`.

    Args:
        name: Value of the `archetype` column.
        order_value: Mean value of past orders, in money.
        sessions: Sessions beyond the first in 30 days, before rounding down.
        recency: Days beyond the first since the last order, before rounding down.
        cart_ratio: Value of the abandoned cart over the mean order value.
        extra_items: Items in the cart beyond the first, before rounding down.
        recovery: Planted probability that the cart is recovered without a campaign.
        lift: Planted mean relative lift of that probability by a campaign.
        never_ordered: Share without any order.
        one_order: Share with exactly one order.
        more_orders: Orders beyond the second of those with more than one, before rounding down.
        between_orders: Days from one order to the next.
        consent: Share that agreed to e-mail, of those whose answer is known.
    """

    name: str
    share: float
    order_value: LogNormal
    engagement: Beta
    profitability: Beta
    sessions: Gamma
    recency: Gamma
    cart_ratio: LogNormal
    extra_items: Gamma
    recovery: Beta
    lift: float
    never_ordered: float
    one_order: float
    more_orders: Gamma
    between_orders: Gamma
    consent: float


# One column a kind. Order values and cart ratios are `LogNormal(median, sigma)`; the others are `Beta(mean,
# concentration)` and `Gamma(mean, shape)`.
_KINDS: dict[str, tuple[Any, ...]] = {
    "name": ("Casual", "Regular", "VIP", "Dormant"),
    "share": (0.42, 0.30, 0.10, 0.18),
    "order_value": (LogNormal(40, 0.55), LogNormal(62, 0.5), LogNormal(165, 0.55), LogNormal(50, 0.6)),
    "engagement": (Beta(0.43, 8), Beta(0.56, 11), Beta(0.76, 13), Beta(0.22, 8)),
    "profitability": (Beta(0.36, 10), Beta(0.52, 12), Beta(0.74, 14), Beta(0.3, 9)),
    "sessions": (Gamma(4, 1.3), Gamma(8, 2.0), Gamma(14, 2.6), Gamma(1.2, 0.8)),
    "recency": (Gamma(110, 1.4), Gamma(45, 1.6), Gamma(20, 1.4), Gamma(270, 6.0)),
    "cart_ratio": (LogNormal(0.95, 0.45), LogNormal(1.0, 0.4), LogNormal(1.1, 0.45), LogNormal(0.85, 0.5)),
    "extra_items": (Gamma(1.4, 1.0), Gamma(2.0, 1.2), Gamma(2.8, 1.4), Gamma(1.1, 0.9)),
    "recovery": (Beta(0.06, 40), Beta(0.11, 45), Beta(0.2, 50), Beta(0.025, 40)),
    "lift": (0.30, 0.22, 0.10, 0.45),
    "never_ordered": (0.20, 0.03, 0.00, 0.00),
    "one_order": (0.35, 0.08, 0.00, 0.25),
    "more_orders": (Gamma(1.5, 1.0), Gamma(4, 1.0), Gamma(12, 2.0), Gamma(2, 1.0)),
    "between_orders": (Gamma(90, 1.0), Gamma(60, 1.2), Gamma(35, 1.5), Gamma(75, 1.0)),
    "consent": (0.66, 0.82, 0.92, 0.55),
}
ARCHETYPES = tuple(Archetype(**dict(zip(_KINDS, kind, strict=True))) for kind in zip(*_KINDS.values(), strict=True))

LIFT_SPREAD = 0.5
"""A customer's lift is the archetype's times a uniform between 1 - spread and 1 + spread."""

CONSENT_UNKNOWN = 0.04
TEXTS_MISSING = {"email": 0.03, "phone": 0.35, "zip": 0.06}
PROFITABILITY_MISSING = 0.03
UNTRACKED = 0.02
"""Share without sessions and engagement among customers who agreed to e-mail."""
UNTRACKED_WITHOUT_CONSENT = 0.12
"""The same share among those who did not agree, or whose answer is unknown."""

BOT_SHARE = 0.002
BOT_SESSIONS = (150, 1000)
"""Bot-like visitors have between so many sessions."""

WHOLESALE_SHARE = 0.003
WHOLESALE_TAIL = 1.5
WHOLESALE_CAP = 25.0
"""Wholesale buyers' order values are multiplied by a Pareto factor with this exponent, at most the cap."""

PRICE_STEP = 5.0
PRICE_END = 0.10
"""A price is a multiple of the step less the end, such as 49.90."""
PRICE_FLOOR = 4.90
"""No order and no cart is worth less."""

CURRENCY = "USD"
