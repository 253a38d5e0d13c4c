"""What order histories have in common: each row is an order or a line of one, of a customer, at a time."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data_ingestion.formats.base import Mask, Normalised, Records, entries, judged, people_of, repeated, undated
from retention.activity.activity import Event
from retention.customers.reasons import Reason

TIME_NEEDED = (
    "Without the time of each order nobody can tell which came before an abandonment and which after it; "
    "export the file again with that column"
)
"""Why an order history without times is refused."""


def order_history(
    records: Records,
    money: NDArray[np.float64],
    tests: Sequence[tuple[Mask, str, Reason]],
    *,
    counts: Mapping[str, int] | None = None,
    people: Sequence[str] = (),
) -> Normalised:
    """Return what the rows of an order history say. Exact repeats are real orders, so they stay and are counted.

    Args:
        records: Rows with `customer`, `time` and `quantity`.
        money: Of each row, shape (n,).
        tests: What rejects a row that has a customer and a time, for `judged`.
        counts: What else was noticed, by a short name, in rows.
        people: Columns that describe the customer.
    """
    frame = records.frame
    verdict = judged(
        len(frame),
        *undated(records),
        *tests,
    )
    orders = entries(records, verdict.keep, Event.PURCHASE, value=money, items=records.numbers("quantity"))
    noticed = {**(counts or {}), **verdict.counts(zero_amount=money == 0), "exact_repeats": int(repeated(frame).sum())}
    described = people_of(records, verdict.keep, people)
    named = frame["customer"].nunique()
    return Normalised(verdict, orders, described, noticed, gross=float(np.nansum(money)), named=named)
