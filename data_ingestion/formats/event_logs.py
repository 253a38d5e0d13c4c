"""What event logs have in common: one row an event, said in a word, at a time, by a customer."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data_ingestion.formats.base import Normalised, Records, entries, judged, people_of, repeated, undated
from data_ingestion.formats.words import event_codes
from retention.customers.reasons import Reason


def event_log(
    records: Records,
    words: Mapping[str, str],
    *,
    value: NDArray[np.float64] | None = None,
    items: NDArray[np.float64] | None = None,
    people: Sequence[str] = (),
    drop_repeats: bool = True,
) -> Normalised:
    """Return what the rows of an event log say.

    Args:
        records: Rows with what names a customer, `time` and `event`.
        words: Lower-case word -> name of an `Event`.
        value: Money of each row, NaN where it is not known; None: of none, shape (n,).
        items: Pieces of each row; None: one each, shape (n,).
        people: Columns that describe the customer.
        drop_repeats: Whether a row that repeats an earlier one is the same event sent twice.
    """
    frame, rows = records.frame, len(records.frame)
    codes, known = event_codes(records.column("event"), words)
    repeats = repeated(frame)
    verdict = judged(
        rows,
        *undated(records),
        (~known, "event", Reason.UNKNOWN_EVENT),
        (repeats & drop_repeats, "", Reason.DUPLICATE),
    )
    events = entries(records, verdict.keep, codes, value=value, items=np.ones(rows) if items is None else items)
    without_visit = records.lacks("visit") & ("visit" in frame)
    counts = verdict.counts(without_session=without_visit, exact_repeats=repeats & (not drop_repeats))
    return Normalised(verdict, events, people_of(records, verdict.keep, people), counts)
