"""The analysis of customers in parts: the same rules, the same numbers, and one part in memory at a time.

A customer's row is judged, featured and assigned alone, and sums add. What needs everybody is found in passes before:
which rows of a customer count, the cuts, the scale of order values, and where waves begin.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pandas as pd

from analysis.accounting import without_undecided
from analysis.engines.activity import abandoners, expected
from analysis.engines.part_account import PartAccount, segmented_parts
from analysis.policy_fit import misfit
from analysis.run import JudgedRows, Progress, Run, Settings, silent, without_activity
from data_ingestion import Intake, PartedActivity, PartedIntake, Rejections, rechunked, rejections
from data_ingestion.rows.intake import CELLS
from data_ingestion.rows.parts import PART_ROWS
from retention.activity.recovery import ConversionEstimate
from retention.customers.universe import default_window, nobody
from retention.period import Window
from retention.policy.policy import Policy, features


def analyze_parts(
    intake: PartedIntake | PartedActivity,
    policy: Policy,
    settings: Settings | None = None,
    *,
    rows: int = PART_ROWS,
    progress: Progress | None = None,
) -> Run:
    """Return what `analyze` would return of the same rows; the customers are in `Run.in_parts`.

    Args:
        intake: Rows as `data_ingestion.read_parts` read and checked them; its files are needed as long as the run.
        policy: The decision tree.
        settings: Window, sizes, weights and the like.
        rows: Customers of a part: whole blocks of the cube.
        progress: Called with a step's name and the share of the work that is done.

    Raises:
        InputError: As `analyze`.
    """
    settings, tell = settings or Settings(), progress or silent
    tell("Selecting the window", 0.0)
    activity, outside = intake if isinstance(intake, PartedActivity) else None, dict[str, int]()
    if isinstance(intake, PartedActivity):
        intake, window, outside = abandoners(intake, settings, rows)
    else:
        times = pd.DataFrame({"cart_abandoned_date": intake.times})
        window = settings.window or default_window(times, settings.timezone)
    whole, notes = intake.whole, without_activity(settings) if activity is None else ()
    why = misfit(policy, whole, settings.others, (intake.known, intake.frames.size))
    if why is not None and why.refused:
        raise why.error
    whole = replace(whole, warnings=(*whole.warnings, *notes, *([why.error.what] if why else [])))
    universe = _Universe(intake, policy, window, settings)
    parts, tally = intake.spool.kept(rechunked(universe.customers(), rows)), universe.account
    intake.frames.drop()
    if not parts.size:
        raise nobody(tally.times, tally.accepted, window, tally.outside)
    cells = whole.cells[list(CELLS)] if activity else pd.concat(tally.cells, ignore_index=True)
    quarantine = tally.quarantine(whole, intake.originals)
    judged = JudgedRows(whole, window, tally.seen, {"other_dates": tally.outside, **outside}, quarantine, cells)
    back = (
        expected(activity, window, settings, measured=tally.measured) if activity else ConversionEstimate("heuristic")
    )
    return segmented_parts(parts, policy, judged, settings, tell, back)


@dataclass
class _Universe:
    """The customers of the window out of all parts, and what became of the other rows."""

    intake: PartedIntake
    policy: Policy
    window: Window
    asked: Settings
    account: PartAccount = field(default_factory=PartAccount)

    def customers(self) -> Iterator[pd.DataFrame]:
        """Yield the customers of one part after the other; what else there is to know is whole at the end."""
        start, rejected = 0, self._rejected()
        for part in self._decided():
            yield self.account.take(part, self.window, rejected.of(start, len(part.rows)), self.asked)
            start += len(part.rows)

    def _decided(self) -> Iterator[Intake]:
        deciding = features(self.policy)
        return (without_undecided(part, deciding) for part in self.intake)

    def _rejected(self) -> Rejections:
        if self.intake.ascending:
            return Rejections.none()
        return rejections(
            lambda: (part.rows for part in self._decided()), self.window, self.asked.on_conflict, self.intake.spool
        )
