"""What event logs have in common: one row an event, said in a word, at a time, by a customer."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data_ingestion.formats.base import Normalised, Records, entries, judged, people_of, repeated
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
        records: Rows with `customer` (or `email`), `time` and `event`.
        words: Lower-case word -> name of an `Event`.
        value: Money of each row, NaN where it is not known; None: of none, shape (n,).
        items: Pieces of each row; None: one each, shape (n,).
        people: Columns that describe the customer.
        drop_repeats: Whether a row that repeats an earlier one is the same event sent twice.
    """
    frame, rows = records.frame, len(records.frame)
    codes, known = event_codes(records.column("event"), words)
    nobody = records.column("customer").isna().to_numpy() & records.column("email").isna().to_numpy()
    repeats = repeated(frame)
    verdict = judged(
        rows,
        (nobody, "customer", Reason.MISSING_USER_ID),
        (records.column("time").isna().to_numpy(), "time", Reason.MISSING_DATE),
        (~known, "event", Reason.UNKNOWN_EVENT),
        (repeats & drop_repeats, "", Reason.DUPLICATE),
    )
    time = records.micros("time")
    texts = {name: frame.get(name) for name in ("customer", "email", "visit", "order")}
    steps = {"time": time, "event": codes, "value": value, "items": np.ones(rows) if items is None else items}
    events = entries(verdict.keep, texts | steps)
    without_visit = records.column("visit").isna().to_numpy() if "visit" in frame else np.zeros(rows, dtype=np.bool_)
    counts = {
        "without_session": int((verdict.keep & without_visit).sum()),
        "exact_repeats": 0 if drop_repeats else int((verdict.keep & repeats).sum()),
    }
    return Normalised(verdict, events, people_of(records, verdict.keep, people, time), counts)
