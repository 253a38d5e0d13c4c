"""The rows of some parts after judging: who is a customer of the window, and what became of the rest."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import pandas as pd

from analysis.accounting import cells_missing, rejected_rows
from analysis.people import Seen
from analysis.run import JudgedRows, Progress, Run, Settings, segmented
from data_ingestion import Intake
from retention.activity.recovery import ConversionEstimate, outcomes_known
from retention.customers.universe import part_of_universe
from retention.partition.parts import PartedRows
from retention.period import Window
from retention.policy.policy import Policy
from segmentation_engine import assign_parts, fit_parts


@dataclass
class PartAccount:
    """What became of the rows of some parts, beside the customers; that of other parts adds."""

    seen: Seen = field(default_factory=Seen)
    accepted: int = 0
    outside: int = 0
    times: list[pd.Timestamp] = field(default_factory=list)
    undecided: list[pd.DataFrame] = field(default_factory=list)
    late: list[pd.DataFrame] = field(default_factory=list)
    cells: list[pd.DataFrame] = field(default_factory=list)
    measured: bool = True

    def take(self, part: Intake, window: Window, rejected: pd.DataFrame, settings: Settings) -> pd.DataFrame:
        """Return the customers among the rows of a part, of which those that cannot be decided about are set aside.

        Args:
            part: The rows.
            window: The window.
            rejected: What `rejected_of` returns of them.
            settings: Whom nobody contacts.
        """
        universe = part_of_universe(part.rows, window, rejected)
        self.accepted += len(part.rows)
        self.undecided.append(part.quarantine)
        own = replace(part, quarantine=part.quarantine.iloc[:0], read=len(part.rows))
        self.late.append(rejected_rows(own, universe))
        self.cells.append(cells_missing(own, universe))
        self.outside += universe.outside_window
        self.seen += Seen.of(universe)
        times = [*self.times, *part.rows["cart_abandoned_date"].agg(["min", "max"])]
        self.times = [each for each in times if each is not pd.NaT]
        self.measured &= part.activity is None or outcomes_known(universe.customers)
        return settings.left_alone.told(universe.customers)

    def __add__(self, other: "PartAccount") -> "PartAccount":
        return PartAccount(
            self.seen + other.seen,
            self.accepted + other.accepted,
            self.outside + other.outside,
            [*self.times, *other.times],
            [*self.undecided, *other.undecided],
            [*self.late, *other.late],
            [*self.cells, *other.cells],
            self.measured and other.measured,
        )

    def quarantine(self, whole: Intake, originals: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
        """Return the rows that are set aside, in the order and with the cells that one piece would give them."""
        table = whole.quarantine
        for more in (self.undecided, self.late):
            if any(map(len, more)):
                table = pd.concat([table, *more], ignore_index=True)
                table = table.sort_values(["file", "line"], kind="stable", ignore_index=True)
        if table.empty:
            return table
        return replace(whole, originals=originals(table[["file", "line"]])).with_original(table)


def segmented_parts(
    parts: PartedRows, policy: Policy, judged: JudgedRows, settings: Settings, tell: Progress, back: ConversionEstimate
) -> Run:
    """Return the run of customers that stay in parts, wherever these are."""
    parts = parts if back.source == "heuristic" else parts.kept(back.told)
    fitted = partial(fit_parts, parts, policy, sizes=settings.sizes)
    return segmented(fitted, partial(assign_parts, parts), judged, back, settings, tell)
