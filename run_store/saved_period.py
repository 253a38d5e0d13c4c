"""A saved period, opened: everything the pages show, without loading the customers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis import Run
from analysis.people import reach_of
from analysis.run import stories_of
from data_ingestion.rows.intake import CELLS
from outputs.durable import Stored
from outputs.verification import ascending
from retention.customers.contracts import COLUMNS
from retention.customers.reach import CONSENT, CONTACTS, Reach
from retention.errors import ErasedError, WorkspaceError
from retention.partition.cube import Cube
from retention.partition.fitted import FittedTree, Partition, Segmentation
from retention.partition.grid import Grid
from retention.partition.what_if import WhatIf
from retention.scores.table import PROFITS, in_people
from run_store.catalog import Catalog, RunSummary, unknown
from run_store.period_files import CUBE, CUSTOMERS, QUARANTINE, RECORD, SEGMENT, WAVE, WHAT_IF, PeriodFiles
from run_store.period_record import PeriodRecord
from run_store.tables import damaged, read_cube, read_own, read_table, schema_of
from segment_scorer import SegmentScores

if TYPE_CHECKING:
    from run_store.lookup import Equal, Lookup, Positions

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class SavedRun:
    """A saved period, opened; holds no customer until one is asked for.

    Args:
        summary: Name, window, counts.
        record: Everything small, as saved.
        files: Its files.
    """

    summary: RunSummary
    record: PeriodRecord
    files: PeriodFiles

    @cached_property
    def tree(self) -> FittedTree:
        """The fitted tree."""
        return self.record.fitted_tree()

    @cached_property
    def scores(self) -> SegmentScores:
        """Scores of the segments."""
        record = self.record
        scores = SegmentScores(record.scores.table(), record.score_weights, record.assumptions, record.evidence)
        return scores if "Reachable" in scores.table else replace(scores, table=self._in_people(scores.table))

    @cached_property
    def reach(self) -> Reach:
        """Who can be reached, as it was when the run was made; counted here where the period is older than that."""
        if self.record.reach is not None:
            return self.record.reach
        # Not `recovered`, which in those periods told of what came after the window, too.
        wanted = [name for name in ("user_id", *CONTACTS, CONSENT) if name in self.record.customers.names]
        table = self._columns(wanted)
        names = [segment.name for segment in self.tree.segments]
        return reach_of(self.record.customers.frame(table), table[SEGMENT].to_numpy(), names, self.record.experiment)

    def _in_people(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the scores of an older period, whose profit is that of a whole segment, as they are made now."""
        each = {name: table[name] / table["Size"] for name in table if name in PROFITS}
        # The baseline that the profit counted with; one that was measured is not told.
        assumed, measured = self.record.assumptions.stated_baseline[0], table["Lift_vs_Control_source"] == "measured"
        baseline = np.where(measured, np.nan, assumed)
        place = list(table).index("Incremental_Profit")
        for name in ("Baseline_high", "Baseline_low", "Baseline"):
            table.insert(place, name, baseline)
        table.insert(place + 3, "Baseline_source", table["Lift_vs_Control_source"])
        counts = dict(zip((segment.name for segment in self.tree.segments), self.reach.reachable, strict=True))
        return in_people(table.assign(**each), table["Segment"].map(counts).to_numpy(dtype=np.int64))

    @cached_property
    def cube(self) -> Cube:
        """Sufficient statistics per cell."""
        return self._cube(CUBE, self.tree.grid.cells, self.record.center)

    @cached_property
    def what_if(self) -> WhatIf:
        """The finer cube, for sliders."""
        grid = self.record.what_if
        return grid.what_if(self.tree.policy, self._cube(WHAT_IF, Grid(grid.axes).cells, self.record.what_if_center))

    def _cube(self, kind: str, cells: int, center: Sequence[float]) -> Cube:
        where, middle = self.files.title, np.array(center)
        return self.files.read(kind, lambda path: read_cube(path, cells=cells, center=middle, where=where))

    @cached_property
    def partition(self) -> Partition:
        """The segments as they were when the run was made."""
        return Partition(self.tree, self.cube)

    def search(self, text: str, equal: "Equal | None" = None) -> "Positions":
        """Return where the customers stand that a search finds; see `Lookup.search`.

        Raises:
            WorkspaceError: The period was deleted or is damaged.
            ErasedError: A customer was erased since it was opened.
        """
        return self._ask(lambda lookup: self._unchanged(lookup).search(text, equal or {}))

    def rows(self, positions: Iterable[int]) -> pd.DataFrame:
        """Return some customers with the columns of the run, in the order of the positions; errors as `search`."""
        return self.record.customers.frame(self._ask(lambda lookup: self._unchanged(lookup).rows(positions)))

    def customer(self, user_id: str) -> pd.DataFrame:
        """Return the row of one customer by the exact identifier, or no row."""
        # Both steps ask the same file, so no position from before an erasure can slip in.
        return self.record.customers.frame(self._ask(lambda lookup: lookup.rows(lookup.position(user_id))))

    def quarantine(self) -> pd.DataFrame:
        """Return the rejected rows: file, line, column, value, reason, faults; without faults, a cell of a kept row."""
        names = self.record.quarantine.names
        return self.record.quarantine.frame(self._table(QUARANTINE, names, names))

    def run(self) -> Run:
        """Return the analysis with all customers loaded; equal to the one saved if nobody was erased.

        Where customers were erased, `accounting` moves them from the universe to `erased`; cube and scores
        stay those of the whole universe.

        Raises:
            WorkspaceError: The period was deleted, a file is damaged, or the customers do not add up.
        """
        return self._run(self._columns(self.record.customers.names))

    def anonymous_run(self) -> Run:
        """Return the analysis without the columns that identify a customer, which take most of the loading.

        Everything but files of customers can be made from it: sizes, scores, profiles, reports. `named` completes it.

        Raises:
            WorkspaceError: As `run`.
        """
        return self._run(self._columns([name for name in self.record.customers.names if not self._names_people(name)]))

    def named(self, run: Run) -> Run:
        """Return an anonymous run with all its columns; where a customer was erased meanwhile, the run as it is now.

        Raises:
            WorkspaceError: As `run`.
        """
        customers, names = run.segmentation.customers, self.record.customers.names
        rest = self.record.customers.frame(self._columns([name for name in names if name not in customers.columns]))
        # Columns of both are put side by side by place, which fits only while nobody was erased in between.
        if len(rest) != len(customers):
            return self.run()
        self._check_ids(rest)
        whole = pd.DataFrame({name: (rest if name in rest.columns else customers)[name] for name in names}, copy=False)
        return replace(run, segmentation=replace(run.segmentation, customers=whole))

    def _names_people(self, name: str) -> bool:
        """Return whether a column identifies a customer and the tree does without it."""
        column = COLUMNS.get(name)
        # Columns that the tree splits by stay in any case: `_check` sends every customer down the tree again.
        return column is not None and column.personal and name not in {a.feature for a in self.tree.grid.axes}

    def _run(self, table: pa.Table) -> Run:
        customers, rejected = self.record.customers.frame(table), self.quarantine()
        of_row = rejected["faults"] > 0
        quarantine, cells = rejected[of_row], rejected.loc[~of_row, list(CELLS)].reset_index(drop=True)
        codes, waves = table[SEGMENT].to_numpy(), table[WAVE].to_numpy()
        segmentation = Segmentation(
            self.tree, self.cube, customers, codes, waves, self.record.scale, self.record.sizing_log
        )
        record, account = self.record, self.record.accounting
        erased = account.universe - len(customers)
        self._check(segmentation, (len(quarantine), len(cells)), erased)
        return Run(
            window=self.summary.window,
            policy=self.tree.policy,
            weights=record.weights,
            accounting=replace(account, universe=len(customers), erased=erased),
            quarantine=quarantine,
            cells=cells,
            segmentation=segmentation,
            scores=self.scores,
            proof=record.proof,
            sources=record.sources,
            warnings=record.warnings,
            currency=record.currency,
            policy_hash=record.policy_hash,
            input_hash=record.input_hash,
            reach=self.reach,
            experiment=record.experiment,
            # A period of an older program keeps none.
            stories=stories_of(segmentation) if record.stories is None else record.stories,
        )

    def _check(self, segmentation: Segmentation, set_aside: tuple[int, int], erased: int) -> None:
        """Hold the customers against the tree and the counts; a file from elsewhere may be of another run."""
        tree, codes, waves = segmentation.tree, segmentation.codes, segmentation.waves
        sizes = np.array(self.partition.sizes)
        sound = (
            codes.dtype == tree.segment_of_leaf.dtype
            and waves.dtype == np.int32
            and set_aside == (self.record.accounting.quarantined, sum(self.record.accounting.cells_missing.values()))
            and int(sizes.sum()) == self.record.accounting.universe
            and erased >= 0
            # Every customer goes down the tree again. Erasing only takes away, so counts may be lower, never higher.
            and bool((codes == tree.grid.look_up(segmentation.customers, tree.segment_of_cell)).all())
            and bool((np.bincount(codes, minlength=len(sizes)) <= sizes).all())
            and bool(((waves >= 1) & (waves <= np.array(self.partition.wave_counts)[codes])).all())
        )
        if not sound:
            raise self._mixed_up()
        if "user_id" in segmentation.customers.columns:
            self._check_ids(segmentation.customers)

    def _check_ids(self, customers: pd.DataFrame) -> None:
        ids = customers["user_id"]
        if ids.hasnans or not (ascending(pa.chunked_array(pa.array(ids, from_pandas=True))) or ids.is_unique):
            raise self._mixed_up()

    def _mixed_up(self) -> WorkspaceError:
        return WorkspaceError("customers and counts do not match", where=self.files.title)

    def _ask(self, question: "Callable[[Lookup], T]") -> T:
        # Imported here: an analysis that is not saved looks nobody up.
        import duckdb  # noqa: PLC0415

        from run_store.lookup import look_up  # noqa: PLC0415

        def answer(path: Path) -> T:
            try:
                with look_up(path, self.record.customers.names) as lookup:
                    return question(lookup)
            except duckdb.Error as error:
                # DuckDB's own words can hold values of customers, so they are not passed on.
                raise damaged(self.files.title) from error

        return self.files.read(CUSTOMERS, answer, whole=False)

    def _unchanged(self, lookup: "Lookup") -> "Lookup":
        """Return the look-up, as long as positions in it mean what they meant: an erasure moves those behind."""
        if lookup.count() != self.summary.rows:
            raise self.shifted()
        return lookup

    def shifted(self) -> ErasedError:
        """Return the error of positions from before an erasure."""
        return ErasedError("a customer was erased meanwhile", where=self.files.title, hint="Open it again")

    def _columns(self, names: Sequence[str]) -> pa.Table:
        return self._table(CUSTOMERS, (*self.record.customers.names, SEGMENT, WAVE), (*names, SEGMENT, WAVE))

    def _table(self, kind: str, columns: tuple[str, ...], wanted: tuple[str, ...]) -> pa.Table:
        title = self.files.title

        def checked(path: Path) -> pa.Table:
            if tuple(schema_of(path, where=title).names) != columns:
                raise damaged(title)
            if self.files.foreign:
                return read_table(path, where=title).select(list(wanted))
            return read_own(path, where=title, columns=wanted)

        return self.files.read(kind, checked)


def open_period(catalog: Catalog, run_id: str) -> SavedRun:
    """Open a saved period.

    Raises:
        WorkspaceError: There is none of that identifier, or it is damaged.
    """
    entry = catalog.find(run_id)
    if entry is None:
        raise unknown()
    summary = entry[0]

    def known() -> Mapping[str, Stored] | None:
        now = catalog.find(run_id)
        return now and now[1]

    title = f"saved period '{summary.name}'" if summary.listed else "the analysis"
    files = PeriodFiles(catalog.periods, title, known)
    record = files.read(RECORD, lambda path: PeriodRecord.parse(path.read_bytes(), source=files.title))
    return SavedRun(summary, record, files)
