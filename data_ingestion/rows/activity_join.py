"""What several sources say about customers -> one `Activity`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data_ingestion.formats import Normalised
from data_ingestion.options import ReadOptions
from data_ingestion.rows.days import by_days, day_words
from data_ingestion.rows.intake import SourceFile
from data_ingestion.rows.links import Codes, customers_of
from data_ingestion.rows.overlaps import SourceEntries, again_words, equal_lines, equal_words, told_once
from retention.activity.activity import NONE, NOT_YET, Activity, Span, Trait
from retention.customers.contracts import CATEGORICAL_FEATURES, CONTRACT
from retention.customers.normalise import text_column
from retention.wording import counted, percent

POOR_HIT_RATE = 0.2
"""Share of a source's customers found in the others below which the join is worth a warning."""

PLACE = "_place"
"""Column that orders the rows of a file, of which others may hold the rest, and then its customers."""
_PLACE_BITS = 40
_PERSONAL = tuple(
    column.name
    for column in CONTRACT
    if column.kind in ("text", "flag") and column.name not in ("recovered", *CATEGORICAL_FEATURES)
)


ToldFiles = Sequence[tuple[SourceFile, Normalised]]
Hits = Counter[tuple[str, int, int]]
"""Counts by what is counted and the places of one or two files; those of other customers add."""


def join(files: ToldFiles, options: ReadOptions) -> tuple[Activity, tuple[str, ...]]:
    """Return the activity of several files, and what a person should know about the join.

    Args:
        files: At least one.
        options: The shop's zone, whose days count, and its country.
    """
    activity, tally, linked = joined(files, options)
    return activity, (*linked, *join_words(tally, [file for file, _ in files], activity.span))


def joined(files: ToldFiles, options: ReadOptions, *, sure: bool = False) -> tuple[Activity, Hits, tuple[str, ...]]:
    """Return the activity of several files, what was counted, and which links failed.

    Args:
        files: As `join`; the rows of some customers where they have a `PLACE`.
        options: As `join`.
        sure: As `customers_of`.
    """
    persons, moments = [rows.people for _, rows in files], [rows.entries for _, rows in files]
    names, codes, linked = customers_of(persons, moments, options.country, sure=sure)
    first = _first_places([*persons, *moments], codes, len(names))
    people, rest = codes[: len(files)], iter(codes[len(files) :])
    sources = [SourceEntries(one.name, one.layout, rows.entries, next(rest)) for one, rows in files]
    sources, moved = by_days(sources, [rows.days_only for _, rows in files], options.timezone)
    keep = told_once(sources)
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
        people=_people(names, persons, people).assign(**first),
        traits=_traits(persons, people),
    )
    tally: Hits = Counter({("moved", place, 0): count for place, count in moved.items()})
    tally.update({("equal", *places): count for places, count in equal_lines(sources).items()})
    seen = [np.union1d(a, one.customer) for a, one in zip(people, sources, strict=True)]
    for place, (mask, own) in enumerate(zip(keep, seen, strict=True)):
        others = [codes for number, codes in enumerate(seen) if number != place]
        shared = int(np.isin(own, np.concatenate(others)).sum()) if others else 0
        counts = {"entries": len(mask), "again": int((~mask).sum()), "own": len(own), "shared": shared}
        tally.update({(name, place, 0): count for name, count in counts.items()})
    return activity, tally, linked


def _first_places(frames: Sequence[pd.DataFrame], codes: Sequence[Codes], customers: int) -> dict[str, Any]:
    """Return where each customer stands first among the rows of all."""
    if PLACE not in frames[0]:
        return {}
    places = np.empty(customers, dtype=np.int64)
    for number, (frame, code) in reversed([*enumerate(zip(frames, codes, strict=True))]):
        # Of several values for one place numpy keeps the last.
        places[code[::-1]] = (number << _PLACE_BITS) + frame[PLACE].to_numpy(dtype=np.int64)[::-1]
    return {PLACE: places}


def _numbers(parts: Sequence[pd.DataFrame], name: str, kind: type) -> NDArray[Any]:
    return np.concatenate([part[name].to_numpy(dtype=kind) for part in parts])


def _text_codes(parts: Sequence[pd.DataFrame], name: str) -> Codes:
    """Return small integers for the texts of a column, distinct between files, `NONE` where missing."""
    codes, used = list[Codes](), 0
    for part in parts:
        encoded = text_column(part, name).dictionary_encode()
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


def join_words(tally: Hits, files: Sequence[SourceFile], span: Span) -> tuple[str, ...]:
    """Return what a person should know about a join of whose customers all was counted."""
    names, lines = [file.name for file in files], list[str]()
    for place, name in enumerate(names):
        if ("moved", place, 0) in tally:
            lines.append(day_words(name, tally["moved", place, 0]))
    lines += [again_words(name, tally["again", n, 0]) for n, name in enumerate(names) if tally["again", n, 0]]
    for (what, place, other), count in sorted(tally.items()):
        if what == "equal" and count:
            lines.append(equal_words(names[place], names[other], count, tally["entries", place, 0]))
    if len(names) > 1:
        lines += [_hit_words(tally, place, name) for place, name in enumerate(names) if tally["own", place, 0]]
    if span.cart != NOT_YET and span.purchase == NOT_YET:
        nobody = "every cart counts as abandoned and nobody as having come back"
        lines.append(f"no file has any purchases, so {nobody}; add the orders")
    return tuple(lines)


def _hit_words(tally: Hits, place: int, name: str) -> str:
    """Say which share of a file's customers the others have.

    A list of customers holds many who did nothing lately, so a small share says nothing against it.
    """
    own, shared = tally["own", place, 0], tally["shared", place, 0]
    text = f"{name}: {percent(shared / own)} of its {counted(own, 'customer', 'is', 'are')} in the other files, too"
    poor = "; that is few, so check that the files come from one shop and share ids, e-mails or phones"
    return text + (poor if shared / own < POOR_HIT_RATE and (tally["entries", place, 0] or not shared) else "")
