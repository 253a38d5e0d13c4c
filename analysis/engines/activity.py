"""The customers of a window out of what they did, part by part, in the order of memory: that of their first entry."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from itertools import pairwise
from operator import add

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.run import Settings, cutoff_of, undecided_words, unwatched
from data_ingestion import PartedActivity, PartedIntake
from data_ingestion.rows.activity_join import PLACE
from data_ingestion.rows.cutoff import check_carts, outside_of, unscored
from data_ingestion.rows.parts import RowFacts
from data_ingestion.rows.spool import Spool, StoredFrames
from retention.activity.features import carts_left
from retention.activity.forecast import Past
from retention.activity.recovery import ConversionEstimate, estimate, past_outcomes
from retention.customers.derive import derive_scores
from retention.customers.keys import Contacts
from retention.period import Window


def abandoners(intake: PartedActivity, asked: Settings, rows: int) -> tuple[PartedIntake, Window, dict[str, int]]:
    """Return what `in_window` returns of the same activity, the customers in parts of so many rows; errors as it."""
    rules, nobody, spool, chosen = asked.rules, intake.nobody, intake.spool, asked.window is not None
    check_carts(intake.whole, nobody.span)
    left = (carts_left(part, rules) for part in intake)
    window = asked.window or Window.holding(reduce(add, left).last_of(rules), asked.timezone)
    cutoff, counts, late, found = cutoff_of(window, nobody, asked), Counter[str](), 0, spool.frames()
    for part in intake:
        made = unscored(part, window, rules, cutoff, chosen=chosen)
        counts.update(made.counts)
        late += unwatched(made.customers, part, rules)
        if len(made.customers):
            found.append(made.customers)
    outside = outside_of(intake.whole, nobody.span, window, counts)
    facts, frames, hours = RowFacts(), spool.frames(), rules.recovery / timedelta(hours=1)
    for frame in _in_order(found, rows, spool):
        facts.add(frame, (0, 0))
        frames.append(frame)
    whole, derived = intake.whole, facts.derivations()
    parted = PartedIntake(
        whole=replace(
            whole,
            rows=derive_scores(frames.none, [each.column for each in derived])[0],
            derived=derived,
            warnings=(*whole.warnings, *undecided_words(outside["pending"], late, nobody, window, hours)),
            # Cells are those of entries, and no customer has them.
            cells=whole.cells.assign(position=-1),
        ),
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


def expected(intake: PartedActivity, window: Window, asked: Settings, *, measured: bool) -> ConversionEstimate:
    """Return who is expected to come back; `measured`: of everybody it is known who did."""
    cutoff = cutoff_of(window, intake.nobody, asked)

    def past() -> Past:
        parts = (past_outcomes(part, window, asked.rules, cutoff) for part in intake)
        return reduce(lambda found, part: (found + part).drawn(), parts).sorted_by(PLACE)

    return estimate(intake.nobody.span, asked.rules, past, measured=measured)


def _in_order(found: StoredFrames, rows: int, spool: Spool) -> Iterator[pd.DataFrame]:
    """Yield frames, each ordered by `PLACE`, as frames of so many rows in that order without it."""
    places = np.sort(np.concatenate(found.summed(_places, columns=(PLACE,))))
    bounds = places[rows::rows]
    ordered = [spool.frames() for _ in range(len(bounds) + 1)]
    for frame in found:
        cuts = [0, *np.searchsorted(frame[PLACE].to_numpy(), bounds), len(frame)]
        for stored, (start, end) in zip(ordered, pairwise(cuts), strict=True):
            if start < end:
                stored.append(frame[start:end])
    found.drop()
    for stored in ordered:
        frame = pd.concat(list(stored), ignore_index=True).sort_values(PLACE, ignore_index=True)
        stored.drop()
        yield frame.drop(columns=PLACE)


def _places(frame: pd.DataFrame) -> list[NDArray[np.int64]]:
    return [frame[PLACE].to_numpy()]
