"""The analysis of customers on a cluster: the kernel runs where they are, and the driver adds up.

A customer's rows are all in one part, so that what the rules about several rows say is found within it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import add
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.accounting import without_undecided
from analysis.engines.activity import expected, spread_abandoners
from analysis.engines.part_account import PartAccount, segmented_parts
from analysis.policy_fit import misfit
from analysis.run import JudgedRows, Progress, Run, Settings, silent, without_activity
from data_ingestion import Intake
from data_ingestion.cluster.activity import SpreadActivity
from data_ingestion.cluster.blobs import Blob, Cluster, SpreadRows, answer, answers, over_parts, packed
from data_ingestion.cluster.reading import SpreadIntake, SpreadLayout
from data_ingestion.rows.intake import CELLS
from retention.activity.recovery import ConversionEstimate
from retention.customers.keys import cut_counts, is_cut
from retention.customers.normalise import text_column
from retention.customers.universe import default_window, nobody, rejected_of
from retention.period import Window
from retention.policy.policy import Policy, features

CUSTOMERS, ANSWERS = 0, 1


def analyze_spread(
    cluster: Cluster,
    intake: SpreadIntake | SpreadActivity,
    policy: Policy,
    settings: Settings | None = None,
    *,
    progress: Progress | None = None,
) -> Run:
    """Return what `analyze` would return of the same rows, in another order; the customers stay on the cluster.

    Args:
        cluster: Needed as long as the run.
        intake: Rows as `read_spread` read and checked them.
        policy: The decision tree.
        settings: As `analyze_parts` takes them.
        progress: Called with a step's name and the share of the work that is done.

    Raises:
        InputError: As `analyze`.
    """
    settings, tell = settings or Settings(), progress or silent
    tell("Selecting the window", 0.0)
    activity, outside = intake if isinstance(intake, SpreadActivity) else None, dict[str, int]()
    if isinstance(intake, SpreadActivity):
        intake, window, outside = spread_abandoners(intake, settings)
    else:
        times = pd.DataFrame({"cart_abandoned_date": intake.facts.times})
        window = settings.window or default_window(times, settings.timezone)
    facts, layout = intake.facts, intake.layout
    notes = without_activity(settings) if activity is None else ()
    whole = replace(layout.whole, warnings=(*layout.whole.warnings, *notes))
    why = misfit(policy, whole, settings.others, (frozenset(facts.known), facts.rows))
    if why is not None and why.refused:
        raise why.error
    judge = _Judge(layout, features(policy), window, replace(settings, others=tuple))
    # Of activity each customer has one row, and was found by ids that nothing rounded.
    counts = np.zeros(2, np.int64) if activity else reduce(add, answers(over_parts(intake.blobs, judge.long_ids)))
    kept_parts = cluster.kept(over_parts(intake.blobs, partial(judge.customers, is_cut(counts))))
    judged: list[_Judged] = answers(kept_parts.where(f"place = {ANSWERS}"))
    tally = reduce(add, (each.account for each in judged))
    if not tally.seen.size:
        raise nobody(tally.times, tally.accepted, window, tally.outside)
    quarantine = tally.quarantine(layout.whole, partial(intake.originals, cluster))
    cells = whole.cells[list(CELLS)] if activity else _in_order(whole.cells, tally.cells)
    rows = JudgedRows(whole, window, tally.seen, {"other_dates": tally.outside, **outside}, quarantine, cells)
    parts = SpreadRows(cluster, kept_parts.where(f"place = {CUSTOMERS}"), judged[0].none, tally.seen.size)
    back = (
        expected(activity, window, settings, measured=tally.measured) if activity else ConversionEstimate("heuristic")
    )
    return segmented_parts(parts, policy, rows, settings, tell, back)


def _in_order(cells: pd.DataFrame, kept: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the cells of rows that are kept in the order of the files."""
    place = ["file", "line", "column"]
    places = pd.MultiIndex.from_frame(pd.concat(kept, ignore_index=True)[place])
    listed = pd.MultiIndex.from_frame(cells[place]).isin(places)
    return cells.loc[listed, list(CELLS)].reset_index(drop=True)


class _Judged(NamedTuple):
    """What the driver has to know of a part: everything but its customers."""

    account: PartAccount
    none: pd.DataFrame


@dataclass(frozen=True)
class _Judge:
    """Says which rows of a part are customers; is sent to the workers."""

    layout: SpreadLayout
    deciding: tuple[str, ...]
    window: Window
    asked: Settings

    def long_ids(self, part: int, blobs: list[Blob]) -> Iterator[Blob]:
        """Yield how many ids of customers with several rows are long, and how many of them end in zeros."""
        ids = text_column(self._decided(blobs).rows, "user_id")
        again = pd.Series(ids.to_pandas()).duplicated(keep=False).to_numpy()
        yield answer(part, 0, cut_counts(ids.filter(again)))

    def customers(self, cut: bool, part: int, blobs: list[Blob]) -> Iterator[Blob]:
        """Yield the customers of a part, and what became of the other rows."""
        decided, tally = self._decided(blobs), PartAccount()
        rejected = rejected_of(decided.rows, self.window, on_conflict=self.asked.on_conflict, cut=cut)
        customers = tally.take(decided, self.window, rejected, self.asked)
        if len(customers):
            yield packed(part, CUSTOMERS, customers)
        yield answer(part, ANSWERS, _Judged(tally, customers.iloc[:0]))

    def _decided(self, blobs: list[Blob]) -> Intake:
        return without_undecided(self.layout.intake(blobs), self.deciding)
