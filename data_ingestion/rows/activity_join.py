"""What several sources say about customers -> one `Activity`, joined by customer id or normalised e-mail.

A row that has an id is that customer's. A row with an e-mail only is the customer's of whom some row has
both; where no row has both, the normalised e-mail itself is the customer.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.formats import Normalised
from data_ingestion.rows.days import by_days
from data_ingestion.rows.intake import SourceFile
from data_ingestion.rows.overlaps import SourceEntries, told_once
from retention.activity.activity import NONE, Activity, Event, Trait
from retention.customers.contracts import CATEGORICAL_FEATURES, CONTRACT
from retention.errors import ensure

POOR_HIT_RATE = 0.2
"""Share of a source's customers found in the others below which the join is worth a warning."""

Codes = NDArray[np.int32]
_PERSONAL = tuple(
    column.name
    for column in CONTRACT
    if column.kind in ("text", "flag") and column.name not in ("recovered", *CATEGORICAL_FEATURES)
)


def join(files: Sequence[tuple[SourceFile, Normalised]], timezone: str) -> tuple[Activity, tuple[str, ...]]:
    """Return the activity of several files, and what a person should know about the join.

    Args:
        files: At least one.
        timezone: The shop's zone, whose days count.
    """
    keys = _Keys([rows.people for _, rows in files] + [rows.entries for _, rows in files])
    people = [keys.codes(rows.people) for _, rows in files]
    sources = [SourceEntries(one.name, one.layout, rows.entries, keys.codes(rows.entries)) for one, rows in files]
    sources, days = by_days(sources, [rows.days_only for _, rows in files], timezone)
    keep, repeats = told_once(sources)
    # A log of millions of entries is not copied for nothing.
    parts = [one.entries if mask.all() else one.entries[mask] for one, mask in zip(sources, keep, strict=True)]
    entries = [one.customer[mask] for one, mask in zip(sources, keep, strict=True)]
    activity = Activity(
        customer=np.concatenate(entries),
        time=_numbers(parts, "time", np.int64),
        event=_numbers(parts, "event", np.int8),
        value=_numbers(parts, "value", np.float64),
        items=_numbers(parts, "items", np.float64),
        visit=_text_codes(parts, "visit"),
        order=_text_codes(parts, "order"),
        people=_people(keys.names, [rows.people for _, rows in files], people),
        traits=_traits([rows.people for _, rows in files], people),
    )
    seen = [np.union1d(a, one.customer) for a, one in zip(people, sources, strict=True)]
    return activity, (*days, *repeats, *_hit_rates(sources, seen), *_no_purchases(activity))


class _Keys:
    """The distinct customers of several frames with `customer` and `email`."""

    def __init__(self, frames: Sequence[pd.DataFrame]) -> None:
        self._id_of_email = _ids_of_emails(frames)
        parts = [self._keys(frame) for frame in frames]
        joined = pa.concat_arrays(parts) if parts else pa.array([], pa.large_string())
        self.names = pc.unique(joined)

    def codes(self, frame: pd.DataFrame) -> Codes:
        """Return the row of each line's customer among the names."""
        codes = pc.index_in(self._keys(frame), self.names)
        ensure(codes.null_count == 0, "every accepted row names a customer")
        return np.asarray(codes.to_numpy(zero_copy_only=False), dtype=np.int32)

    def _keys(self, frame: pd.DataFrame) -> pa.Array:
        ids = _text(frame, "customer")
        if "email" not in frame or not ids.null_count:
            return ids
        emails = _normal(_text(frame, "email"))
        place = pc.index_in(emails, self._id_of_email.column("email").combine_chunks())
        known = self._id_of_email.column("customer").combine_chunks().take(place)
        return pc.coalesce(ids, known, emails)


def _ids_of_emails(frames: Sequence[pd.DataFrame]) -> pa.Table:
    """Return `email, customer` of the e-mails that stand beside exactly one id."""
    empty = pa.table({"email": pa.array([], pa.large_string()), "customer": pa.array([], pa.large_string())})
    both = [
        pa.table({"email": _normal(_text(frame, "email")), "customer": _text(frame, "customer")})
        for frame in frames
        if "email" in frame and "customer" in frame
    ]
    pairs = pa.concat_tables([empty, *both]).drop_null().group_by(["email", "customer"]).aggregate([])
    # An e-mail beside several ids is shared, or its owner has several accounts, so it tells nobody's id.
    single = pairs.group_by("email").aggregate([("customer", "count"), ("customer", "min")])
    single = single.filter(pc.equal(single.column("customer_count"), 1))
    return pa.table({"email": single.column("email"), "customer": single.column("customer_min")})


def _normal(emails: pa.Array) -> pa.Array:
    """Return e-mails without outer blanks, in lower case."""
    return pc.utf8_lower(pc.utf8_trim_whitespace(emails))


def _text(frame: pd.DataFrame, name: str) -> pa.Array:
    if name not in frame:
        return pa.nulls(len(frame), pa.large_string())
    text = pa.array(frame[name], pa.large_string(), from_pandas=True)
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def _numbers(parts: Sequence[pd.DataFrame], name: str, kind: type) -> NDArray[Any]:
    return np.concatenate([part[name].to_numpy(dtype=kind) for part in parts])


def _text_codes(parts: Sequence[pd.DataFrame], name: str) -> Codes:
    """Return small integers for the texts of a column, distinct between files, `NONE` where missing."""
    codes, used = list[Codes](), 0
    for part in parts:
        encoded = _text(part, name).dictionary_encode()
        local = encoded.indices.fill_null(NONE).to_numpy(zero_copy_only=False).astype(np.int32)
        codes.append(np.where(local == NONE, NONE, local + used).astype(np.int32))
        used += len(encoded.dictionary)
    return np.concatenate(codes)


def _people(names: pa.Array, parts: Sequence[pd.DataFrame], codes: Sequence[Codes]) -> pd.DataFrame:
    """Return one row per customer with the latest known value of each column."""
    people = pd.DataFrame({"user_id": pd.array(names, dtype="str")})
    for name, known in _said(_PERSONAL, parts, codes):
        people[name] = _latest(known, len(people), name)
    return people


def _traits(parts: Sequence[pd.DataFrame], codes: Sequence[Codes]) -> dict[str, Trait]:
    """Return the columns that a policy may split on, with the times from which they were known."""
    return {
        name: Trait(known["row"].to_numpy(np.int32), known["time"].to_numpy(np.int64), known["value"].astype("str"))
        for name, known in _said(CATEGORICAL_FEATURES, parts, codes)
    }


def _said(
    names: Iterable[str], parts: Sequence[pd.DataFrame], codes: Sequence[Codes]
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each column that some part has, with `row, time, value` of its cells that are not blank."""
    for name in names:
        known = [
            pd.DataFrame({"row": code, "time": part["time"].to_numpy(), "value": part[name].to_numpy()})
            for part, code in zip(parts, codes, strict=True)
            if name in part
        ]
        if known:
            yield name, pd.concat(known, ignore_index=True).dropna(subset=["value"]).reset_index(drop=True)


def _latest(known: pd.DataFrame, rows: int, name: str) -> "pd.Series[Any]":
    """Return the value with the latest time of each row; missing where none is known."""
    # The sort is stable, so of values with one time that of the later file, or the later row, holds.
    known = known.sort_values("time", kind="stable").drop_duplicates("row", keep="last")
    kind = "boolean" if name == "email_consent" else "str"
    values: pd.Series[Any] = known.set_index("row")["value"].astype(pd.api.types.pandas_dtype(kind))
    return values.reindex(range(rows)).reset_index(drop=True)


def _no_purchases(activity: Activity) -> tuple[str, ...]:
    """Return a warning if there are carts and no purchase, as in a list of abandoned checkouts alone."""
    carts = np.isin(activity.event, (Event.CART, Event.CHECKOUT))
    if not carts.any() or (activity.event == Event.PURCHASE).any():
        return ()
    return (
        "no file has any purchases, so every cart counts as abandoned and nobody as having come back; add the orders",
    )


def _hit_rates(files: Sequence[SourceEntries], seen: Sequence[Codes]) -> tuple[str, ...]:
    """Return, for each of several files, which share of its customers the others have.

    A list of customers holds many who did nothing lately, so a small share says nothing against it.
    """
    lines = []
    for place, (file, own) in enumerate(zip(files, seen, strict=True)):
        others = [codes for number, codes in enumerate(seen) if number != place]
        if not others or not len(own):
            continue
        share = float(np.isin(own, np.concatenate(others)).mean())
        text = f"{file.name}: {share:.0%} of its {len(own):,} customers are in the other files, too"
        poor = "; that is few, so check that the files come from one shop and share ids or e-mails"
        lines.append(text + (poor if share < POOR_HIT_RATE and (len(file.entries) or not share) else ""))
    return tuple(lines)
