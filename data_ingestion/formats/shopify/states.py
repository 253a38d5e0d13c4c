"""What became of a Shopify order: its status, cancellation, refunds and money, in every layout."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_ingestion.formats.base import Mask, Records
from data_ingestion.formats.words import words
from retention.customers.reasons import Reason

ORDERED = ("paid", "partially-paid", "pending", "authorized", "partially-refunded", "refunded")
"""Financial states of an order that was placed; whether the money has come in does not matter."""

UNPAID = ("partially-paid", "pending", "authorized")
VOID = ("voided", "expired")


@dataclass(frozen=True)
class OrderStates:
    """What became of the orders among some records.

    Args:
        tests: What rejects an order, for `judged`.
        value: Money of the order after what was paid back; NaN where it is not known, shape (n,).
        noticed: Short name -> which records it holds for.
    """

    tests: tuple[tuple[Mask, str, Reason], ...]
    value: NDArray[np.float64]
    noticed: dict[str, Mask]


def money(records: Records) -> NDArray[np.float64]:
    """Return the total with shipping and tax, where it is missing the subtotal; NaN if neither is known."""
    total = records.numbers("total")
    return np.where(np.isnan(total), records.numbers("subtotal"), total)


def order_states(records: Records, orders: Mask) -> OrderStates:
    """Return what became of orders.

    Args:
        records: Rows with `status, total, subtotal, refunded, cancelled`, where the file has them.
        orders: Which of them are an order, shape (n,).
    """
    status = words(records.column("status"))
    total, refunded = money(records), np.nan_to_num(records.numbers("refunded"))
    cancelled = records.column("cancelled").notna().to_numpy()
    in_part = status.eq("partially-refunded").to_numpy()
    whole = (status == "refunded").to_numpy() | ((refunded > 0) & (refunded >= total))
    known = status.isin([*ORDERED, *VOID, ""]).to_numpy()
    tests = (
        (orders & cancelled, "cancelled", Reason.CANCELLATION),
        (orders & status.isin(VOID).to_numpy(), "status", Reason.NOT_AN_ORDER),
        (orders & ~known, "status", Reason.UNKNOWN_EVENT),
        (orders & whole, "refunded", Reason.REFUND),
        (total < 0, "total", Reason.PRICE_NOT_POSITIVE),
    )
    noticed = {
        "not_paid_yet": orders & status.isin(UNPAID).to_numpy(),
        "without_status": orders & (status == "").to_numpy(),
        "refunded_in_part": orders & (refunded > 0),
        "refund_of_unknown_size": orders & in_part & (refunded == 0),
        "money_unknown": np.isnan(total),
        "money_zero": total == 0,
    }
    return OrderStates(tests, np.where(orders, total - refunded, total), noticed)
