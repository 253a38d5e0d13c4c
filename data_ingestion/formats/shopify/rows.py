"""What Shopify's checkouts and orders have in common where its interface gives them: one row each.

The names are those of the interface and of copies of it in warehouses, flattened with `_` or `.`.
"""

from data_ingestion.formats.base import Field, Mask, Records, undated
from data_ingestion.formats.identifiers import plain
from data_ingestion.formats.json_cells import members
from retention.customers.reasons import Reason

_ADDRESS = ("first_name", "last_name", "phone", "country", "zip", "region")
_PARTS = ("first_name", "last_name", "phone", "country_code", "zip", "province")
"""Parts of an address as they are called here, and there."""


def _address(kind: str, columns: str) -> tuple[Field, ...]:
    """Return the fields of the parts of one address."""
    parts = zip(columns.split(), _PARTS, strict=True)
    return tuple(Field(column, (f"{kind}_address_{part}", f"{kind}_address.{part}")) for column, part in parts)


PERSON: tuple[Field, ...] = (
    Field("customer", ("customer_id", "customer.id", "customer")),
    Field("email", ("email", "customer_email", "customer.email", "contact_email")),
    Field("email_consent", ("buyer_accepts_marketing", "customer_accepts_marketing")),
    Field("currency", ("currency", "currency_code", "total_price_set_shop_currency_code")),
    Field("phone", ("phone",)),
    *_address("billing", "first_name last_name billing_phone country zip region"),
    *_address("shipping", " ".join(f"shipping_{part}" for part in _ADDRESS)),
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
