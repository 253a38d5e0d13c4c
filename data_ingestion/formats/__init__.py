"""The layouts that files come in, and the registry that recognises them by their columns.

base            what a format is, and what its rows become
header          what a file is taken for, judged by its columns
record_columns  the columns of rows that are not customers
column_mapping  which header holds what: a value, YAML, a format
words           the source's words for what happened; those that are known stand in spellings.json, with headers
order_states    what became of an order, by the word that a system has for its state
event_logs      what logs share
order_history   what order histories share
identifiers     identifiers without what programs put before them
lines           rows that belong together
json_cells      cells that hold lists and objects

rees46, retailrocket, otto, ga4   logs
cdnow, online_retail, woocommerce orders
shopify/                          Shopify's exports, and rows of its interface
generic                           layouts of no particular vendor, read through a mapping
"""

from data_ingestion.formats.base import KEYS, Field, Format, Normalised, Records
from data_ingestion.formats.cdnow import CDNOW
from data_ingestion.formats.ga4 import GA4
from data_ingestion.formats.online_retail import ONLINE_RETAIL
from data_ingestion.formats.otto import OTTO
from data_ingestion.formats.rees46 import REES46
from data_ingestion.formats.retailrocket import RETAILROCKET
from data_ingestion.formats.shopify.checkouts import SHOPIFY_CHECKOUT_ROWS, SHOPIFY_CHECKOUTS
from data_ingestion.formats.shopify.customers import SHOPIFY_CUSTOMERS
from data_ingestion.formats.shopify.orders import SHOPIFY_ORDER_LINES, SHOPIFY_ORDER_ROWS, SHOPIFY_ORDERS
from data_ingestion.formats.woocommerce import WOOCOMMERCE
from retention.customers.consent import HEADERS
from retention.customers.contracts import CONTRACT

CUSTOMERS = Format(
    name="customers",
    title="customer table",
    fields=tuple(
        Field(
            column.name,
            HEADERS if column.name == "email_consent" else (column.name,),
            column.required,
            instead=KEYS[1:] if column.kind == "id" else (),
        )
        for column in CONTRACT
    ),
    normalise=None,
    kind="customer",
)
"""One row a customer, with the contract's own headers."""

FORMATS: tuple[Format, ...] = (
    CUSTOMERS,
    REES46,
    RETAILROCKET,
    OTTO,
    ONLINE_RETAIL,
    CDNOW,
    SHOPIFY_ORDERS,
    SHOPIFY_CHECKOUTS,
    SHOPIFY_ORDER_ROWS,
    SHOPIFY_CHECKOUT_ROWS,
    SHOPIFY_ORDER_LINES,
    SHOPIFY_CUSTOMERS,
    WOOCOMMERCE,
    GA4,
)
"""Every format, in the order in which they are tried where two fit equally well."""

BY_NAME: dict[str, Format] = {each.name: each for each in FORMATS}

__all__ = ["BY_NAME", "CUSTOMERS", "FORMATS", "Field", "Format", "Normalised", "Records"]
