"""Draw synthetic customers and their planted truth."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_generation import archetypes as law
from data_generation.archetypes import ARCHETYPES
from data_generation.copula import LATENTS
from data_generation.features import (
    Columns,
    Features,
    Flags,
    Floats,
    behaviour_columns,
    cart_columns,
    draw_features,
    order_counts,
    order_days,
    order_values,
)
from data_generation.people import draw_people, load_pools
from data_generation.seasonality import localize, localize_midnights, wall_times
from retention.customers.contracts import CONTRACT
from retention.errors import OptionError, Setting
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
GENERATOR_VERSION = 3
"""Part of the fingerprint; raised whenever the same options give other customers."""

VARIATES_PER_CUSTOMER = len(LATENTS) + 20
"""Normals and uniforms that a customer takes: the yardstick of the speed benchmark."""


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


def _check_options(size: int, seed: int, end: date, days: int) -> None:
    if not 1 <= size <= MAX_SIZE:
        raise OptionError(f"{size} customers cannot be generated", hint=f"Use 1 to {MAX_SIZE:,} customers")
    if seed < 0:
        raise OptionError(f"the seed {seed} is negative", where=Setting.SEED, hint="Use 0 or more")
    if not 1 <= days <= MAX_DAYS:
        raise OptionError(f"{days} days cannot be generated", hint=f"Use 1 to {MAX_DAYS}")
    if not YEARS[0] < end.year < YEARS[1]:
        raise OptionError(f"the last day {end} is out of range", hint=f"Use a year after {YEARS[0]}, before {YEARS[1]}")


def _time_columns(
    rng: np.random.Generator,
    features: Features,
    never: Flags,
    ordering: Floats,
    days: tuple[date, int],
    place: ZoneInfo,
) -> Columns:
    """Return `cart_abandoned_date`, and `last_order_date` on an earlier day, so long after `first_order_date`."""
    wall = wall_times(rng.random(features.size), *days)
    ago = (1 + features.recency).astype(np.int64).astype("timedelta64[D]")
    last_order = wall.astype("datetime64[D]") - ago
    last_order[never] = np.datetime64("NaT")
    first_order = last_order - ordering.astype(np.int64).astype("timedelta64[D]")
    return {
        "cart_abandoned_date": localize(wall, place),
        "first_order_date": localize_midnights(first_order, place),
        "last_order_date": localize_midnights(last_order, place),
    }


def _text_columns(rng: np.random.Generator, features: Features) -> Columns:
    size = features.size
    names = pa.array([archetype.name for archetype in ARCHETYPES])
    texts = {
        "user_id": pc.cast(pa.array(np.arange(FIRST_ID, FIRST_ID + size)), pa.string()),
        "archetype": names.take(pa.array(features.kind)),
        "currency": pa.repeat(law.CURRENCY, size),
        **draw_people(rng, size),
    }
    frame = pa.table(texts).to_pandas()
    return {name: frame[name] for name in texts}


def _customers(rng: np.random.Generator, features: Features, days: tuple[date, int], place: ZoneInfo) -> pd.DataFrame:
    # `odd` decides both oddities: its upper end buys wholesale and its lower end are bots, so nobody is both.
    history, odd = rng.random(features.size), rng.random(features.size)
    order_value = order_values(features, history, odd)
    # Streams of their own, so that everything else stays as it was before there were counts.
    counting, dating = rng.spawn(2)
    orders = order_counts(counting, features, history)
    ordering = order_days(dating, features, orders)
    columns: Columns = {
        "avg_order_value": order_value,
        "order_count": orders,
        "total_spent": np.round(orders * order_value, 2),
        **cart_columns(features),
        **behaviour_columns(rng, features, odd),
        **_time_columns(rng, features, np.isnan(order_value), ordering, days, place),
        **_text_columns(rng, features),
    }
    return pd.DataFrame({column.name: columns[column.name] for column in CONTRACT if column.name in columns})


def _truth(rng: np.random.Generator, features: Features, customers: pd.DataFrame) -> pd.DataFrame:
    spread = 1 + law.LIFT_SPREAD * (2 * rng.random(features.size) - 1)
    return pd.DataFrame(
        {
            "user_id": customers["user_id"],
            "archetype": customers["archetype"],
            "recovery_probability": np.round(features.recovery, 6),
            "campaign_lift": np.round(features.per_kind("lift") * spread, 6),
            "cart_value": customers["cart_value"],
        }
    )


def _fingerprint(size: int, seed: int, end: date, days: int, timezone: str) -> str:
    # Another release of numpy may draw other numbers from a seed, and one of Faker other names for the pools.
    libraries = (np.__version__, load_pools()[1])
    parts = ("synthetic", GENERATOR_VERSION, size, seed, end.isoformat(), days, timezone, *libraries)
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
    # All steps draw from one stream. Another order of them would give other customers, and GENERATOR_VERSION would have
    # to rise.
    features = draw_features(rng, size)
    customers = _customers(rng, features, (end - timedelta(days=days - 1), days), zone(timezone))
    truth = _truth(rng, features, customers)
    return Synthetic(customers, truth, seed, size, end, timezone, _fingerprint(size, seed, end, days, timezone))
