"""Features of customers, drawn together, and the columns that a shop would have of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from data_generation import archetypes as law
from data_generation.archetypes import ARCHETYPES
from data_generation.copula import LATENTS, correlated_normals, draw
from data_generation.people import pick_by_share

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]
Columns = dict[str, object]


@dataclass(frozen=True)
class Features:
    """Drawn values, before anything is rounded or goes missing; each of shape (customers,).

    `kind` is an index into `ARCHETYPES`; the others are those of `copula.LATENTS`.
    """

    kind: Codes
    order_value: Floats
    engagement: Floats
    profitability: Floats
    sessions: Floats
    recency: Floats
    cart_ratio: Floats
    extra_items: Floats
    recovery: Floats

    @property
    def size(self) -> int:
        """Number of customers."""
        return len(self.kind)

    def per_kind(self, field: str) -> Floats:
        """Return a number of the archetype for each customer."""
        return np.array([getattr(archetype, field) for archetype in ARCHETYPES]).take(self.kind)


def draw_features(rng: np.random.Generator, size: int) -> Features:
    """Return the correlated features of customers."""
    kind = pick_by_share([archetype.share for archetype in ARCHETYPES], rng.random(size))
    normals = correlated_normals(rng, size)
    drawn = {
        name: draw([getattr(archetype, name) for archetype in ARCHETYPES], kind, normals[row])
        for row, name in enumerate(LATENTS)
    }
    return Features(kind=kind, **drawn)


def price(money: Floats) -> Floats:
    """Return the nearest price a shop would ask.

    >>> price(np.array([1.0, 51.2])).tolist()
    [4.9, 49.9]
    """
    steps = np.rint(money / law.PRICE_STEP).clip(1.0)
    return np.round(steps * law.PRICE_STEP - law.PRICE_END, 2)


def order_values(features: Features, history: Floats, odd: Floats) -> Floats:
    """Return mean order values in money: a price where there was one order, NaN without any.

    Args:
        features: The customers.
        history: Uniforms that decide whether a customer has no, one or more orders.
        odd: Uniforms whose upper end buys wholesale.
    """
    never = features.per_kind("never_ordered")
    values = features.order_value.copy()
    wholesale = np.flatnonzero(odd >= 1 - law.WHOLESALE_SHARE)
    rank = np.maximum((1 - odd[wholesale]) / law.WHOLESALE_SHARE, 1e-12)
    values[wholesale] *= np.minimum(law.WHOLESALE_CAP, rank ** (-1 / law.WHOLESALE_TAIL))
    single = np.flatnonzero(history < never + features.per_kind("one_order"))
    rounded = np.round(values.clip(law.PRICE_FLOOR), 2)
    rounded[single] = price(values[single])
    rounded[history < never] = np.nan
    return rounded


def order_counts(rng: np.random.Generator, features: Features, history: Floats) -> Floats:
    """Return orders so far: none, one or more by the uniforms that `order_values` goes by."""
    never = features.per_kind("never_ordered")
    mean, shape = _gamma(features, "more_orders")
    counts = 2 + np.floor(rng.gamma(shape, mean / shape))
    counts[history < never + features.per_kind("one_order")] = 1
    counts[history < never] = 0
    return counts


def order_days(rng: np.random.Generator, features: Features, orders: Floats) -> Floats:
    """Return whole days from the first order to the last; 0 with one order or none."""
    mean, shape = _gamma(features, "between_orders")
    # Days between orders add up to a gamma variate as well.
    return np.floor(rng.gamma(shape * (orders - 1).clip(0.0), mean / shape))


def _gamma(features: Features, field: str) -> tuple[Floats, Floats]:
    """Return mean and shape of a gamma distribution of the archetype for each customer."""
    laws = [getattr(kind, field) for kind in ARCHETYPES]
    return np.array([each.mean for each in laws])[features.kind], np.array([each.shape for each in laws])[features.kind]


def sessions(features: Features, odd: Floats) -> Floats:
    """Return sessions in 30 days; the lower end of `odd` are bot-like visitors with hundreds."""
    visits = np.floor(features.sessions) + 1
    bots = np.flatnonzero(odd < law.BOT_SHARE)
    low, high = law.BOT_SESSIONS
    visits[bots] = np.floor(low + (high - low) * odd[bots] / law.BOT_SHARE)
    return visits


def cart_columns(features: Features) -> Columns:
    """Return `cart_value` in money, a price for one item and a sum of prices for more, and `num_cart_items`."""
    items = np.floor(features.extra_items) + 1
    raw = features.order_value * features.cart_ratio
    values = np.round(raw.clip(law.PRICE_FLOOR), 1)
    single = np.flatnonzero(items == 1)
    values[single] = price(raw[single])
    return {"cart_value": values, "num_cart_items": items}


def behaviour_columns(rng: np.random.Generator, features: Features, odd: Floats) -> Columns:
    """Return `email_consent`, `sessions_last_30d`, `engagement_score` and `profitability_score` with their gaps."""
    consent = rng.random(features.size)
    unknown = consent < law.CONSENT_UNKNOWN
    agreed = consent >= 1 - (1 - law.CONSENT_UNKNOWN) * features.per_kind("consent")
    untracked = rng.random(features.size) < np.where(agreed, law.UNTRACKED, law.UNTRACKED_WITHOUT_CONSENT)
    unprofiled = rng.random(features.size) < law.PROFITABILITY_MISSING
    return {
        "email_consent": pd.arrays.BooleanArray(agreed, unknown),
        "sessions_last_30d": np.where(untracked, np.nan, sessions(features, odd)),
        "engagement_score": np.where(untracked, np.nan, np.round(features.engagement, 4)),
        "profitability_score": np.where(unprofiled, np.nan, np.round(features.profitability, 4)),
    }
