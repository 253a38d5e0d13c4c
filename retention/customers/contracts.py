"""The customer contract: columns, kinds, units, bounds and what a missing value means.

One row per `user_id` reaches the engine. Identifiers and texts are strings, numbers are float64
with NaN for missing, times are time-zone-aware (`datetime64[us, <shop zone>]`) with NaT for missing.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "time", "number", "flag", "text"]


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    Args:
        name: Header in files and column in frames.
        low: Smallest value allowed (inclusive).
        high: Largest value allowed (inclusive).
        required: Whether a file without it is refused.
        label: The name in rules for people, such as `order value`.
        short: The name in `Rules_Applied`, such as `AOV`.
        personal: Whether it identifies a person; never logged, never in an error.
    """

    name: str
    kind: Kind
    description: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    required: bool = False
    label: str = ""
    short: str = ""
    personal: bool = False


CONTRACT: tuple[Column, ...] = (
    Column("user_id", "id", "The shop's identifier of the customer, kept byte for byte.", required=True, personal=True),
    Column(
        "cart_abandoned_date",
        "time",
        "When the cart was abandoned: a date, or a date and time.",
        required=True,
        label="abandonment date",
    ),
    Column("last_order_date", "time", "When the customer last ordered; missing: never.", label="last order date"),
    Column("first_order_date", "time", "When the customer first ordered; missing: never.", label="first order date"),
    Column(
        "avg_order_value",
        "number",
        "Mean value of the customer's past orders.",
        unit="money",
        low=0,
        label="average order value",
        short="AOV",
    ),
    Column("order_count", "number", "Orders so far.", unit="orders", low=0, label="orders so far", short="Orders"),
    Column(
        "total_spent",
        "number",
        "Money of all orders so far; missing: never ordered.",
        unit="money",
        low=0,
        label="money spent",
        short="Spent",
    ),
    Column(
        "cart_value", "number", "Value of the abandoned cart.", unit="money", low=0, label="cart value", short="Cart"
    ),
    Column(
        "sessions_last_30d",
        "number",
        "Visits in the 30 days before the abandonment.",
        unit="sessions",
        low=0,
        label="sessions in 30 days",
        short="Sessions",
    ),
    Column(
        "num_cart_items",
        "number",
        "Items in the abandoned cart.",
        unit="items",
        low=0,
        label="items in the cart",
        short="Items",
    ),
    Column(
        "engagement_score",
        "number",
        "How engaged the customer is, from 0 to 1.",
        low=0,
        high=1,
        label="engagement",
        short="Engagement",
    ),
    Column(
        "profitability_score",
        "number",
        "How profitable the customer is, from 0 to 1.",
        low=0,
        high=1,
        label="profitability",
        short="Profitability",
    ),
    Column("email", "text", "E-mail address.", personal=True),
    Column("phone", "text", "Phone number.", personal=True),
    Column("first_name", "text", "First name.", personal=True),
    Column("last_name", "text", "Last name.", personal=True),
    Column("country", "text", "Country.", label="country", short="Country"),
    Column("zip", "text", "Postal code.", personal=True),
    Column("region", "text", "Sales region.", label="region", short="Region"),
    Column("archetype", "text", "Customer type, such as VIP.", label="archetype", short="Archetype"),
    Column("email_consent", "flag", "Whether the customer agreed to e-mail: yes or no."),
    Column("currency", "text", "Currency of the money columns; one per analysis."),
    Column("recovered", "flag", "Whether the customer has bought again by now: nothing is left to win."),
)

DERIVED: tuple[Column, ...] = (
    Column(
        "days_since_abandonment",
        "number",
        "Calendar days from the abandonment to the last day of the window.",
        unit="days",
        low=0,
        label="days since abandonment",
        short="DaysSinceAbandonment",
    ),
    Column(
        "days_since_last_order",
        "number",
        "Calendar days from the last order to the last day of the window; missing: never ordered.",
        unit="days",
        low=0,
        label="days since the last order",
        short="DaysSinceLastOrder",
    ),
    Column(
        "days_since_first_order",
        "number",
        "Calendar days from the first order to the last day of the window; missing: never ordered.",
        unit="days",
        low=0,
        label="days since the first order",
        short="DaysSinceFirstOrder",
    ),
)
"""Columns that `retention.customers.universe` adds; a policy may split on them, a file may not bring them."""

COLUMNS: dict[str, Column] = {column.name: column for column in (*CONTRACT, *DERIVED)}

NUMERIC_FEATURES: tuple[str, ...] = tuple(c.name for c in COLUMNS.values() if c.kind == "number")
"""Columns that a policy may cut."""

CATEGORICAL_FEATURES: tuple[str, ...] = tuple(
    c.name for c in COLUMNS.values() if c.kind == "text" and not c.personal and c.short
)
"""Columns that a policy may group."""

OUTCOMES: tuple[str, ...] = tuple(c.name for c in COLUMNS.values() if c.kind in ("number", "flag"))
"""Columns that cuts may be learned from."""

DECIDING: frozenset[str] = frozenset(
    {
        *("user_id", "cart_abandoned_date", "last_order_date"),
        *("avg_order_value", "engagement_score", "profitability_score"),
    }
)
"""Columns that say who a row is of, or that scores rest on: a cell that cannot be read sets its row aside."""
