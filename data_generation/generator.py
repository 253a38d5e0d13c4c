"""Draw synthetic customers and their planted truth."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_generation import archetypes as law
from data_generation.archetypes import ARCHETYPES
from data_generation.copula import LATENTS, correlated_normals, draw
from data_generation.people import Gaps, draw_people, load_pools, pick_by_share
from data_generation.seasonality import Times, localize, localize_midnights, wall_times
from retention.contracts import CONTRACT
from retention.errors import OptionError
from retention.period import zone

DEFAULT_SIZE = 10_000
DEFAULT_SEED = 42
DEFAULT_DAYS = 30
DEFAULT_END = date(2025, 9, 30)
"""With `DEFAULT_DAYS`, September 2025; its last seven days are the window of a demo."""

MAX_SIZE = 10_000_000
MAX_DAYS = 3_660
YEARS = (1990, 2100)
FIRST_ID = 10_000_001
GENERATOR_VERSION = 1
"""Part of the fingerprint; raised whenever the same options give other customers."""

VARIATES_PER_CUSTOMER = len(LATENTS) + 17
"""Normals and uniforms that a customer takes: the yardstick of the speed benchmark."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Synthetic:
    """Synthetic customers, and what is true about them.

    Args:
        customers: One row per customer: the columns of the contract but `recovered`.
        truth: Row for row, `user_id`, `archetype`, `recovery_probability` (without a campaign),
            `campaign_lift` (relative), `cart_value` (money).
        seed: Seed of every draw.
        size: Number of customers.
        end: Last day of abandonments.
        timezone: The shop's time zone.
        fingerprint: SHA-256 of everything that decides the customers.
    """

    customers: pd.DataFrame
    truth: pd.DataFrame
    seed: int
    size: int
    end: date
    timezone: str
    fingerprint: str


@dataclass(frozen=True)
class _Features:
    """Drawn values per customer, before anything goes missing; each of shape (customers,)."""

    kind: Codes
    order_value: Floats
    engagement: Floats
    profitability: Floats
    sessions: Floats
    recency: Floats
    cart_ratio: Floats
    extra_items: Floats
    recovery: Floats


def _check_options(size: int, seed: int, end: date, days: int) -> None:
    """Raise `OptionError` for a number that makes no sense."""
    if not 1 <= size <= MAX_SIZE:
        raise OptionError(f"{size} customers cannot be generated", where="--mock_size", hint=f"Use 1 to {MAX_SIZE}")
    if seed < 0:
        raise OptionError(f"the seed {seed} is negative", where="--seed", hint="Use 0 or more")
    if not 1 <= days <= MAX_DAYS:
        raise OptionError(f"{days} days cannot be generated", where="days", hint=f"Use 1 to {MAX_DAYS}")
    if not YEARS[0] < end.year < YEARS[1]:
        raise OptionError(
            f"the last day {end} is out of range", where="end", hint=f"Use a year after {YEARS[0]}, before {YEARS[1]}"
        )


def _per_kind(field: str, kind: Codes) -> Floats:
    """Return a number of the archetype for each customer."""
    return np.array([getattr(archetype, field) for archetype in ARCHETYPES]).take(kind)


def _draw_features(rng: np.random.Generator, size: int) -> _Features:
    """Return the correlated features of customers."""
    kind = pick_by_share([archetype.share for archetype in ARCHETYPES], rng.random(size))
    normals = correlated_normals(rng, size)
    drawn = {
        name: draw([getattr(archetype, name) for archetype in ARCHETYPES], kind, normals[row])
        for row, name in enumerate(LATENTS)
    }
    return _Features(kind=kind, **drawn)


def _price(money: Floats) -> Floats:
    """Return the nearest price a shop would ask, such as 49.90."""
    steps = np.rint(money / law.PRICE_STEP).clip(1.0)
    return np.round(steps * law.PRICE_STEP - law.PRICE_END, 2)


def _order_values(features: _Features, history: Floats, odd: Floats) -> Floats:
    """Return mean order values in money: prices for a single order, missing without any."""
    never = _per_kind("never_ordered", features.kind)
    values = features.order_value.copy()
    wholesale = np.flatnonzero(odd >= 1 - law.WHOLESALE_SHARE)
    rank = np.maximum((1 - odd[wholesale]) / law.WHOLESALE_SHARE, 1e-12)
    values[wholesale] *= np.minimum(law.WHOLESALE_CAP, rank ** (-1 / law.WHOLESALE_TAIL))
    single = np.flatnonzero(history < never + _per_kind("one_order", features.kind))
    rounded = np.round(values.clip(law.PRICE_FLOOR), 2)
    rounded[single] = _price(values[single])
    rounded[history < never] = np.nan
    return rounded


def _cart(features: _Features) -> tuple[Floats, Floats]:
    """Return cart values in money and numbers of items: a price for one item, a sum of prices for more."""
    items = np.floor(features.extra_items) + 1
    raw = features.order_value * features.cart_ratio
    values = np.round(raw.clip(law.PRICE_FLOOR), 1)
    single = np.flatnonzero(items == 1)
    values[single] = _price(raw[single])
    return values, items


def _sessions(features: _Features, odd: Floats) -> Floats:
    """Return sessions in 30 days; a few bot-like visitors have hundreds."""
    sessions = np.floor(features.sessions) + 1
    bots = np.flatnonzero(odd < law.BOT_SHARE)
    low, high = law.BOT_SESSIONS
    sessions[bots] = np.floor(low + (high - low) * odd[bots] / law.BOT_SHARE)
    return sessions


def _last_orders(features: _Features, wall: Times, never: Flags) -> Times:
    """Return the days of the last orders (`datetime64[D]`), all before the abandonment."""
    ago = (1 + features.recency).astype(np.int64)
    days: Times = wall.astype("datetime64[D]") - ago.astype("timedelta64[D]")
    days[never] = np.datetime64("NaT")
    return days


def _consent(rng: np.random.Generator, kind: Codes) -> tuple[Flags, Flags]:
    """Return whether customers agreed to e-mail, and whose answer is unknown."""
    draws = rng.random(len(kind))
    unknown = draws < law.CONSENT_UNKNOWN
    agreed = draws >= 1 - (1 - law.CONSENT_UNKNOWN) * _per_kind("consent", kind)
    return agreed, unknown


def _texts(columns: dict[str, pa.Array]) -> dict[str, pd.Series]:
    """Return Arrow texts as pandas' `str` columns."""
    frame = pa.table(columns).to_pandas()
    return {name: frame[name] for name in columns}


def _customers(rng: np.random.Generator, features: _Features, first: date, days: int, timezone: str) -> pd.DataFrame:
    """Return the customers' columns, in contract order."""
    size, kind = len(features.kind), features.kind
    wall = wall_times(rng.random(size), first, days)
    history, odd = rng.random(size), rng.random(size)
    order_value = _order_values(features, history, odd)
    never = np.isnan(order_value)
    agreed, unknown = _consent(rng, kind)
    untracked = rng.random(size) < np.where(agreed, law.UNTRACKED, law.UNTRACKED_WITHOUT_CONSENT)
    cart_value, items = _cart(features)
    gaps = Gaps(
        rng.random(size) < law.EMAIL_MISSING, rng.random(size) < law.PHONE_MISSING, rng.random(size) < law.ZIP_MISSING
    )
    no_profit = rng.random(size) < law.PROFITABILITY_MISSING
    ids = pc.cast(pa.array(np.arange(FIRST_ID, FIRST_ID + size)), pa.string())
    names = pa.array([archetype.name for archetype in ARCHETYPES])
    local = zone(timezone)
    values: dict[str, object] = {
        "cart_abandoned_date": localize(wall, local),
        "last_order_date": localize_midnights(_last_orders(features, wall, never), local),
        "avg_order_value": order_value,
        "cart_value": cart_value,
        "sessions_last_30d": np.where(untracked, np.nan, _sessions(features, odd)),
        "num_cart_items": items,
        "engagement_score": np.where(untracked, np.nan, np.round(features.engagement, 4)),
        "profitability_score": np.where(no_profit, np.nan, np.round(features.profitability, 4)),
        "email_consent": pd.arrays.BooleanArray(agreed, unknown),
        **_texts(
            {
                "user_id": ids,
                "archetype": names.take(pa.array(kind)),
                "currency": pa.repeat(law.CURRENCY, size),
                **draw_people(rng, gaps),
            }
        ),
    }
    return pd.DataFrame({column.name: values[column.name] for column in CONTRACT if column.name in values})


def _fingerprint(size: int, seed: int, end: date, days: int, timezone: str) -> str:
    """Return the SHA-256 of everything that decides the customers."""
    parts = (
        "synthetic",
        GENERATOR_VERSION,
        size,
        seed,
        end.isoformat(),
        days,
        timezone,
        np.__version__,
        load_pools().digest,
    )
    return sha256("|".join(map(str, parts)).encode()).hexdigest()


def generate(
    size: int = DEFAULT_SIZE,
    *,
    seed: int = DEFAULT_SEED,
    end: date = DEFAULT_END,
    days: int = DEFAULT_DAYS,
    timezone: str = "UTC",
) -> Synthetic:
    """Return synthetic customers; the same options give the same customers.

    Args:
        size: Number of customers, 1 to 10,000,000.
        seed: Seed, 0 or more.
        end: Last day of abandonments.
        days: Number of days over which carts are abandoned.
        timezone: IANA name of the shop's time zone.

    Raises:
        OptionError: A number is out of range.
        PeriodError: The time zone is not known.

    >>> generate(3, seed=1).customers["user_id"].tolist()
    ['10000001', '10000002', '10000003']
    """
    _check_options(size, seed, end, days)
    rng = np.random.default_rng(seed)
    features = _draw_features(rng, size)
    spread = 1 + law.LIFT_SPREAD * (2 * rng.random(size) - 1)
    customers = _customers(rng, features, end - timedelta(days=days - 1), days, timezone)
    truth = pd.DataFrame(
        {
            "user_id": customers["user_id"],
            "archetype": customers["archetype"],
            "recovery_probability": np.round(features.recovery, 6),
            "campaign_lift": np.round(_per_kind("lift", features.kind) * spread, 6),
            "cart_value": customers["cart_value"],
        }
    )
    return Synthetic(customers, truth, seed, size, end, timezone, _fingerprint(size, seed, end, days, timezone))
