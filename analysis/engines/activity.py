"""The customers of a window out of what they did, part by part, in the order of memory: that of their first entry."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial, reduce
from itertools import pairwise
from operator import add

import numpy as np
import pandas as pd

from analysis.run import Settings, cutoff_of, undecided_words, unwatched
from data_ingestion import Intake, PartedActivity, PartedIntake, last_window
from data_ingestion.rows.activity_join import PLACE
from data_ingestion.rows.cutoff import outside_of, unscored
from data_ingestion.rows.parts import RowFacts
from data_ingestion.rows.spool import Spool, StoredFrames
from retention.activity.activity import Span
from retention.activity.features import FeatureRules, carts_left
from retention.activity.forecast import Past
from retention.activity.recovery import ConversionEstimate, estimate_of, past_outcomes
from retention.customers.derive import derive_scores
from retention.customers.keys import Contacts
from retention.period import Window


@dataclass(frozen=True)
class Selected:
    """The rows of a window in parts, and what else there is to know.

    Args:
        intake: The rows.
        whole: What holds for all.
        window: The window.
        outside: Accepted rows that are no customer's own, by reason.
        expected: Returns who is expected to come back, given whether it is known of everybody who did.
    """

    intake: PartedIntake
    whole: Intake
    window: Window
    outside: dict[str, int]
    expected: Callable[[bool], ConversionEstimate]


def abandoners(intake: PartedActivity, asked: Settings, rows: int) -> Selected:
    """Return what `in_window` would return of the same activity.

    Args:
        intake: What customers did.
        asked: Window, rules and the like.
        rows: Customers of a part.

    Raises:
        InputError: As `analyze`.
    """
    rules, nobody, spool, chosen = asked.rules, intake.nobody, intake.spool, asked.window is not None
    left = None if chosen else reduce(add, (carts_left(part, rules) for part in intake))
    window = asked.window or last_window(intake.whole, nobody, asked.timezone, rules, left)
    cutoff, counts, late, found = cutoff_of(window, nobody, asked), Counter[str](), 0, spool.frames()
    for part in intake:
        made = unscored(part, window, rules, cutoff, chosen=chosen)
        counts.update(made.counts)
        late += unwatched(made.customers, part, rules)
        if len(made.customers):
            found.append(made.customers)
    outside = outside_of(intake.whole, nobody.span, window, counts)
    facts, frames = RowFacts(), spool.frames()
    for frame in _in_order(found, rows, spool):
        facts.add(frame, (0, 0))
        frames.append(frame)
    derived = facts.derivations()
    whole = replace(
        intake.whole,
        rows=derive_scores(frames.none, [each.column for each in derived])[0],
        derived=derived,
        warnings=(*intake.whole.warnings, *undecided_words(outside["pending"], late, nobody, window, rules)),
    )
    parted = PartedIntake(
        # Cells are those of entries, and no part has them.
        whole=replace(whole, cells=whole.cells[:0]),
        spool=spool,
        times=(min(facts.times), max(facts.times)),
        known=frozenset(facts.known),
        ascending=True,
        frames=frames,
        origins=((),) * len(frames.lengths),
        contacts=Contacts(),
        originals=intake.originals,
    )
    past = partial(_past, intake, window, rules, cutoff)
    return Selected(parted, whole, window, outside, partial(_expected, nobody.span, rules, past))


def _expected(span: Span, rules: FeatureRules, past: Callable[[], Past], measured: bool) -> ConversionEstimate:
    return estimate_of(span, rules, past, measured=measured)


def _past(intake: PartedActivity, window: Window, rules: FeatureRules, cutoff: int) -> Past:
    """Return what `past_outcomes` would return of the activity of all."""
    parts = (past_outcomes(part, window, rules, cutoff) for part in intake)
    return reduce(lambda found, part: (found + part).drawn(), parts).sorted_by(PLACE)


def _in_order(found: StoredFrames, rows: int, spool: Spool) -> Iterator[pd.DataFrame]:
    """Yield frames, each ordered by `PLACE`, as frames of so many rows in that order without it."""
    if not found.size:
        return
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


def _places(frame: pd.DataFrame) -> list[np.ndarray]:
    return [frame[PLACE].to_numpy()]
