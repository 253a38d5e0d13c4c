"""CDNOW order history: one row an order; columns separated by blanks, in the sample without a header.

Rules: exact repeats are two orders of one day, so they stay and are counted. An order of zero money is an order
(a gift or a voucher paid it), so it stays, with a value of zero; one below zero is a return, no order.
"""

from data_ingestion.formats.base import Field, Format, Normalised, Records
from data_ingestion.formats.order_history import TIME_NEEDED, order_history
from retention.customers.reasons import Reason

SAMPLE_HEADER = ("customer_id", "sample_id", "date", "number_of_cds", "dollar_value")
"""What the columns of the sample hold, which has no header."""


def _normalise(records: Records) -> Normalised:
    money = records.numbers("total")
    tests = (
        (~(records.numbers("quantity") > 0), "quantity", Reason.QUANTITY_NOT_POSITIVE),
        (~(money >= 0), "total", Reason.PRICE_NOT_POSITIVE),
    )
    return order_history(records, money, tests)


CDNOW = Format(
    name="cdnow",
    title="CDNOW order history",
    fields=(
        Field("customer", ("customer_id",), required=True),
        Field("time", ("date",), needed=TIME_NEEDED),
        Field("quantity", ("number_of_cds",), required=True),
        Field("total", ("dollar_value",), required=True),
    ),
    normalise=_normalise,
    kind="order",
    across=(),
)
