"""The customers of a window out of what they did, part by part, in the order of memory: that of their first entry.

On a cluster they are in this order within each part.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import pairwise
from operator import add

import numpy as np
import pandas as pd

from analysis.run import Settings, cutoff_of, undecided_words, unwatched
from data_ingestion import Intake, PartedActivity, PartedIntake
from data_ingestion.cluster.activity import SpreadActivity, activity_of
from data_ingestion.cluster.blobs import Blob, answer, answers, over_parts, packed
from data_ingestion.cluster.reading import PLACE as ROW, SpreadIntake, SpreadLayout
from data_ingestion.rows.activity_join import PLACE
from data_ingestion.rows.cutoff import check_carts, outside_of, unscored
from data_ingestion.rows.parts import RowFacts
from data_ingestion.rows.spool import Spool, StoredFrames, rechunked
from retention.activity.activity import Activity
from retention.activity.features import carts_left
from retention.activity.forecast import Past
from retention.activity.recovery import ConversionEstimate, estimate, past_outcomes
from retention.customers.derive import derive_scores
from retention.customers.keys import Contacts
from retention.period import Window

SAMPLED = 64
"""Of so many customers the place of one decides where the order is cut."""


def abandoners(intake: PartedActivity, settings: Settings, rows: int) -> tuple[PartedIntake, Window, dict[str, int]]:
    """Return what `in_window` returns of the same activity, the customers in parts of so many rows; errors as it."""
    spool, (window, cutoff) = intake.spool, _window_of(intake, settings)
    stored, counts, facts, frames = spool.frames(), Counter[str](), RowFacts(), spool.kept()
    for part in intake:
        customers = _taken(counts, part, window, settings, cutoff)
        if len(customers):
            stored.append(customers)
    outside = outside_of(intake.whole, intake.nobody.span, window, counts)
    for frame in _in_order(stored, rows, spool):
        facts.add(frame, (0, 0))
        frames.append(frame)
    parted = PartedIntake(
        whole=_told(intake, frames.none, facts, (window, settings, counts)),
        spool=spool,
        times=(min(facts.times), max(facts.times)),
        known=frozenset(facts.known),
        ascending=True,
        frames=frames,
        origins=((),) * len(frames.lengths),
        contacts=Contacts(),
        originals=intake.originals,
    )
    return parted, window, outside


def spread_abandoners(intake: SpreadActivity, settings: Settings) -> tuple[SpreadIntake, Window, dict[str, int]]:
    """Return what `abandoners` returns of activity on a cluster; the customers stay there."""
    window, cutoff = _window_of(intake, settings)
    work = partial(_customers, intake.nobody, window, replace(settings, others=tuple), cutoff)
    kept_parts = intake.cluster.kept(over_parts(intake.blobs, work))
    counts, facts, nones = Counter[str](), RowFacts(), list[pd.DataFrame]()
    for none, more, own in answers(kept_parts.where("place = 1")):
        counts.update(more)
        facts.join(own)
        nones += [none] if own.rows else []
    outside = outside_of(intake.whole, intake.nobody.span, window, counts)
    whole, none = _told(intake, nones[0], facts, (window, settings, counts)), nones[0]
    layout = SpreadLayout(whole, none, {0: ""}, {0: 0}, Contacts())
    rows = kept_parts.where("place = 0")
    return SpreadIntake(layout, facts, rows, intake.files, intake.source, intake.options), window, outside


def _customers(
    nobody: Activity, window: Window, settings: Settings, cutoff: int, part: int, blobs: list[Blob]
) -> Iterator[Blob]:
    """Yield the customers of a part, and what became of the others."""
    counts, facts, activity = Counter[str](), RowFacts(), activity_of(nobody, blobs[0])
    rows = _taken(counts, activity, window, settings, cutoff).sort_values(PLACE).drop(columns=PLACE)
    if len(rows):
        facts.add(rows, (0, 0))
        at = np.arange(len(rows))
        yield packed(part, 0, rows.assign(**dict(zip(ROW, (at * 0, at, at), strict=True))))
    yield answer(part, 1, (rows.iloc[:0], counts, facts))


def _taken(counts: Counter[str], part: Activity, window: Window, settings: Settings, cutoff: int) -> pd.DataFrame:
    """Return the customers of a part who abandoned a cart, without scores; all are counted."""
    known = unscored(part, window, settings.rules, cutoff, chosen=settings.window is not None)
    counts.update({**known.counts, "late": unwatched(known.customers, part, settings.rules)})
    return known.customers


def _window_of(intake: PartedActivity | SpreadActivity, settings: Settings) -> tuple[Window, int]:
    """Return the window, and the time whose knowledge decides which carts were abandoned."""
    check_carts(intake.whole, intake.nobody.span)
    window, rules = settings.window, settings.rules
    if window is None:
        window = Window.holding(intake.fold(partial(carts_left, rules=rules), add).last_of(rules), settings.timezone)
    return window, cutoff_of(window, intake.nobody, settings)


def _told(
    intake: PartedActivity | SpreadActivity,
    none: pd.DataFrame,
    facts: RowFacts,
    window_counts: tuple[Window, Settings, Counter[str]],
) -> Intake:
    """Return what holds for all customers, of whom none is in a frame of their columns."""
    (window, settings, counts), derived, whole = window_counts, facts.derivations(), intake.whole
    hours = settings.rules.recovery / timedelta(hours=1)
    words = undecided_words(counts["pending"], counts["late"], intake.nobody, window, hours)
    return replace(
        whole,
        rows=derive_scores(none, [each.column for each in derived])[0],
        derived=derived,
        warnings=(*whole.warnings, *words),
        # Cells are those of entries, and no customer has them.
        cells=whole.cells.assign(position=-1),
    )


def expected(
    intake: PartedActivity | SpreadActivity, window: Window, settings: Settings, *, measured: bool
) -> ConversionEstimate:
    """Return who is expected to come back; `measured`: of everybody it is known who did."""
    cutoff, rules = cutoff_of(window, intake.nobody, settings), settings.rules

    def past() -> Past:
        of = partial(past_outcomes, window=window, rules=rules, cutoff=cutoff)
        learned: Past = intake.fold(of, lambda learned, part: (learned + part).drawn())
        return learned.sorted_by(PLACE)

    return estimate(intake.nobody.span, rules, past, measured=measured)


def _in_order(unordered: StoredFrames, rows: int, spool: Spool) -> Iterator[pd.DataFrame]:
    """Yield frames, each ordered by `PLACE`, as frames of so many rows in that order without it."""
    # A few places say well enough where a frame ends: those of all customers would be held at once, and sorted.
    step = min(SAMPLED, rows)
    places = np.unique(np.concatenate([frame[PLACE].to_numpy()[::step].copy() for frame in unordered]))
    bounds = places[rows // step :: rows // step]
    ordered = [spool.frames() for _ in range(len(bounds) + 1)]
    for frame in unordered:
        cuts = [0, *np.searchsorted(frame[PLACE].to_numpy(), bounds), len(frame)]
        for stored, (start, end) in zip(ordered, pairwise(cuts), strict=True):
            if start < end:
                stored.append(frame[start:end])
    unordered.drop()
    yield from rechunked(map(_taken_out, ordered), rows)


def _taken_out(stored: StoredFrames) -> pd.DataFrame:
    frame = pd.concat(list(stored), ignore_index=True).sort_values(PLACE, ignore_index=True)
    stored.drop()
    return frame.drop(columns=PLACE)
