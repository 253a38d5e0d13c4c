"""The columns of rows that are not customers: lines of an event log, of an order history, of checkouts.

Formats name them; `retention.customers.contracts` has those of a customer table. A column's kind says how its cells
are cast; bounds are the formats' business, because a zero price is a fault in one and a gift in another.
"""

from retention.customers.contracts import COLUMNS, CONTRACT, DECIDING, Column

GUARDRAILS = tuple(f"guardrail_{place}" for place in range(1, 6))
"""Roles of outcomes that must not get worse; a person names their columns."""

RECORD_COLUMNS: tuple[Column, ...] = (
    Column("customer", "id", "The shop's identifier of the customer.", personal=True),
    Column("time", "time", "When it happened."),
    Column("clock", "text", "Time of day, where the date has a column of its own."),
    Column("event", "text", "What happened, in the source's own word."),
    Column("item", "text", "The product."),
    Column("title", "text", "The product's name."),
    Column("price", "number", "Price of one piece.", unit="money"),
    Column("quantity", "number", "Pieces.", unit="items"),
    Column("total", "number", "Money of the whole checkout, order or event.", unit="money"),
    Column("visit", "text", "The visit (session)."),
    Column("order", "text", "The order or checkout."),
    Column("status", "text", "State of the order."),
    Column("completed", "time", "When the checkout became an order."),
    Column("bought", "text", "Whether the checkout became an order, or the order's number."),
    Column("still_open", "flag", "Whether the checkout is still abandoned."),
    Column("cancelled", "time", "When the order was cancelled."),
    Column("refunded", "number", "Money paid back.", unit="money"),
    Column("subtotal", "number", "Money of the goods of the checkout or order.", unit="money"),
    Column("number", "id", "The source's own number of the checkout or order."),
    Column("lines", "text", "The items, as a nested list."),
    Column("params", "text", "The parameters of the event, as a nested list."),
    Column("token", "text", "What ties a checkout to its order."),
    Column("paid", "text", "When the order was paid, as the source writes it."),
    Column("deleted", "flag", "Whether the source marks the row as deleted."),
    Column("test", "flag", "Whether the order is a test."),
    Column("device", "id", "The browser or app of a visitor who may not be known.", personal=True),
    Column("billing_phone", "text", "Phone number of the invoice.", personal=True),
    Column("shipping_phone", "text", "Phone number of the delivery.", personal=True),
    Column("shipping_country", "text", "Country of the delivery."),
    Column("shipping_zip", "text", "Postal code of the delivery.", personal=True),
    Column("shipping_region", "text", "Region of the delivery."),
    Column("shipping_first_name", "text", "First name of the delivery.", personal=True),
    Column("shipping_last_name", "text", "Last name of the delivery.", personal=True),
    Column("orders_so_far", "number", "Orders of the customer up to the export.", unit="orders"),
    Column("arm", "text", "The arm of an experiment that the customer was assigned to."),
    Column("outcome", "flag", "Whether the customer did what the experiment is about."),
    Column("revenue", "number", "Money of the customer during the experiment.", unit="money"),
    Column("group", "text", "A group of customers, known before the experiment."),
    Column("covariate", "number", "A number about the customer, known before the experiment."),
    *(Column(role, "number", "An outcome that must not get worse.") for role in GUARDRAILS),
    Column("spent_so_far", "number", "Money the customer spent up to the export.", unit="money"),
)

NESTED: frozenset[str] = frozenset({"lines", "params"})
"""Columns of lists, which may be longer than a text."""

AMOUNTS: frozenset[str] = frozenset({"price", "quantity", "total", "subtotal", "refunded"})
"""Columns that decide where something was bought: they make the value of an order. Carts and views have no score."""

SPARED: frozenset[str] = frozenset(
    {
        *AMOUNTS,
        *(column.name for column in CONTRACT if column.name not in DECIDING),
        *("title", "billing_phone", "shipping_phone", "shipping_country", "shipping_zip", "shipping_region"),
        *("shipping_first_name", "shipping_last_name", "orders_so_far", "spent_so_far"),
    }
)
"""Columns of which an unreadable cell is missing and leaves its row accepted, unless the policy splits on them.

Of a log, the rows are set aside later whose `AMOUNTS` do decide."""

SCHEMA: dict[str, Column] = COLUMNS | {column.name: column for column in RECORD_COLUMNS}
"""Every column that a cell can be cast for, by its name."""

ALL_COLUMNS: tuple[Column, ...] = tuple(SCHEMA.values())
