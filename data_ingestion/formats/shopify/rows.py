"""What Shopify's checkouts and orders have in common where its interface gives them: one row each.

The names are those of the interface and of copies of it in warehouses, flattened with `_` or `.`.
"""

from data_ingestion.formats.base import Field, Mask, Records, undated
from data_ingestion.formats.identifiers import plain
from data_ingestion.formats.json_cells import members
from retention.customers.reasons import Reason

PERSON: tuple[Field, ...] = (
    Field("customer", ("customer_id", "customer.id", "customer")),
    Field("email", ("email", "customer_email", "customer.email", "contact_email")),
    Field("email_consent", ("buyer_accepts_marketing", "customer_accepts_marketing")),
    Field("currency", ("currency", "currency_code", "total_price_set_shop_currency_code")),
    Field("phone", ("phone",)),
    Field("first_name", ("billing_address_first_name", "billing_address.first_name")),
    Field("last_name", ("billing_address_last_name", "billing_address.last_name")),
    Field("billing_phone", ("billing_address_phone", "billing_address.phone")),
    Field("country", ("billing_address_country_code", "billing_address.country_code")),
    Field("zip", ("billing_address_zip", "billing_address.zip")),
    Field("region", ("billing_address_province", "billing_address.province")),
    Field("shipping_first_name", ("shipping_address_first_name", "shipping_address.first_name")),
    Field("shipping_last_name", ("shipping_address_last_name", "shipping_address.last_name")),
    Field("shipping_phone", ("shipping_address_phone", "shipping_address.phone")),
    Field("shipping_country", ("shipping_address_country_code", "shipping_address.country_code")),
    Field("shipping_zip", ("shipping_address_zip", "shipping_address.zip")),
    Field("shipping_region", ("shipping_address_province", "shipping_address.province")),
)
PERSONAL = ("email_consent", "currency", "first_name", "last_name", "country", "zip", "region")

CONTENT: tuple[Field, ...] = (
    Field("number", ("id",), required=True),
    Field("total", ("total_price", "total_price_set_shop_amount"), required=True),
    Field("subtotal", ("subtotal_price", "subtotal_price_set_shop_amount")),
    Field("lines", ("line_items",)),
    Field("deleted", ("_fivetran_deleted",)),
)


def prepared(records: Records) -> tuple[Records, Mask]:
    """Return rows whose identifiers can be compared, and which of them were changed for that.

    A cell `customer` may hold a whole object; then its id and its e-mail are taken.
    """
    customer = records.column("customer")
    nested = customer.str.lstrip().str.startswith("{", na=False)
    frame = records.frame.assign(customer=members(customer, "id"))
    if nested.any():
        frame["email"] = records.column("email").combine_first(members(customer.where(nested, None), "email"))
    return plain(Records(frame, records.name), ("customer", "number", "email", "phone", "zip"))


def row_tests(records: Records) -> tuple[tuple[Mask, str, Reason], ...]:
    """Return what rejects a row of checkouts or of orders, for `judged`."""
    frame = records.frame
    gone = records.says("deleted", True) | records.says("test", True)
    again = frame["number"].notna() & frame.duplicated("number")
    return (
        (frame.duplicated().to_numpy(), "", Reason.DUPLICATE),
        (gone, "", Reason.DELETED),
        (again.to_numpy(), "number", Reason.REPEATED_ORDER),
        *undated(records),
    )
