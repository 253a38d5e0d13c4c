"""The four kinds of synthetic customers: how they behave and what a campaign truly does to them."""

from dataclasses import dataclass

from data_generation.copula import Beta, Gamma, LogNormal


@dataclass(frozen=True)
class Archetype:
    """One kind of customer; the field names of distributions are those of `copula.LATENTS`.

    Args:
        name: Value of the `archetype` column.
        share: Share of the customers.
        order_value: Mean value of past orders, in money.
        engagement: Engagement score.
        profitability: Profitability score.
        sessions: Sessions beyond the first in 30 days, before rounding down.
        recency: Days beyond the first since the last order, before rounding down.
        cart_ratio: Value of the abandoned cart over the mean order value.
        extra_items: Items in the cart beyond the first, before rounding down.
        recovery: Planted probability that the cart is recovered without a campaign.
        lift: Planted mean relative lift of that probability by a campaign.
        never_ordered: Share without any order.
        one_order: Share with exactly one order.
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
    consent: float


ARCHETYPES = (
    Archetype(
        name="Casual",
        share=0.42,
        order_value=LogNormal(median=40, sigma=0.55),
        engagement=Beta(mean=0.43, concentration=8),
        profitability=Beta(mean=0.36, concentration=10),
        sessions=Gamma(mean=4, shape=1.3),
        recency=Gamma(mean=110, shape=1.4),
        cart_ratio=LogNormal(median=0.95, sigma=0.45),
        extra_items=Gamma(mean=1.4, shape=1.0),
        recovery=Beta(mean=0.06, concentration=40),
        lift=0.30,
        never_ordered=0.20,
        one_order=0.35,
        consent=0.66,
    ),
    Archetype(
        name="Regular",
        share=0.30,
        order_value=LogNormal(median=62, sigma=0.50),
        engagement=Beta(mean=0.56, concentration=11),
        profitability=Beta(mean=0.52, concentration=12),
        sessions=Gamma(mean=8, shape=2.0),
        recency=Gamma(mean=45, shape=1.6),
        cart_ratio=LogNormal(median=1.00, sigma=0.40),
        extra_items=Gamma(mean=2.0, shape=1.2),
        recovery=Beta(mean=0.11, concentration=45),
        lift=0.22,
        never_ordered=0.03,
        one_order=0.08,
        consent=0.82,
    ),
    Archetype(
        name="VIP",
        share=0.10,
        order_value=LogNormal(median=165, sigma=0.55),
        engagement=Beta(mean=0.76, concentration=13),
        profitability=Beta(mean=0.74, concentration=14),
        sessions=Gamma(mean=14, shape=2.6),
        recency=Gamma(mean=20, shape=1.4),
        cart_ratio=LogNormal(median=1.10, sigma=0.45),
        extra_items=Gamma(mean=2.8, shape=1.4),
        recovery=Beta(mean=0.20, concentration=50),
        lift=0.10,
        never_ordered=0.00,
        one_order=0.00,
        consent=0.92,
    ),
    Archetype(
        name="Dormant",
        share=0.18,
        order_value=LogNormal(median=50, sigma=0.60),
        engagement=Beta(mean=0.22, concentration=8),
        profitability=Beta(mean=0.30, concentration=9),
        sessions=Gamma(mean=1.2, shape=0.8),
        recency=Gamma(mean=270, shape=6.0),
        cart_ratio=LogNormal(median=0.85, sigma=0.50),
        extra_items=Gamma(mean=1.1, shape=0.9),
        recovery=Beta(mean=0.025, concentration=40),
        lift=0.45,
        never_ordered=0.00,
        one_order=0.25,
        consent=0.55,
    ),
)

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
