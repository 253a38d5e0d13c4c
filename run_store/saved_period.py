"""A saved period, opened: everything the pages show, without loading the customers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain
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
from retention.customers.normalise import ascending, text_column
from retention.customers.reach import CONSENT, CONTACTS, Reach
from retention.errors import ErasedError, InvariantError, WorkspaceError
from retention.partition.cube import Cube
from retention.partition.fitted import FittedTree, PartedSegmentation, Partition, Segmentation
from retention.partition.grid import Grid
from retention.partition.parts import PartedRows
from retention.partition.what_if import WhatIf
from retention.scores.table import PROFITS, in_people
from run_store.catalog import Catalog, RunSummary, unknown
from run_store.period_files import CUBE, CUSTOMERS, QUARANTINE, RECORD, SEGMENT, WAVE, WHAT_IF, PeriodFiles
from run_store.period_record import AS_IN_RUN, PeriodRecord
from run_store.tables import ROWS_PER_WRITE, damaged, own_batches, read_cube, read_own, read_table, schema_of
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
        return reach_of(self.record.experiment, self._segmentation(self._columns(wanted)))

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
        counts = dict(zip(self.tree.names, self.reach.reachable, strict=True))
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

    def rows(self, positions: Iterable[int]) -> Segmentation:
        """Return some customers with the columns of the run, in the order of the positions; errors as `search`."""
        return self._segmentation(self._ask(lambda lookup: self._unchanged(lookup).rows(positions)))

    def customer(self, user_id: str) -> pd.DataFrame:
        """Return the row of one customer by the exact identifier, or no row."""
        # Both steps ask the same files, so no position from before an erasure can slip in.
        return self.record.customers.frame(self._ask(lambda lookup: lookup.rows(lookup.position(user_id))))

    def file_of(self, user_id: str) -> str | None:
        """Return the name of the file that holds a customer; None where none does."""
        return self._ask(lambda lookup: lookup.file_of(user_id))

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
        segmentation = self._segmentation(self._columns(self.record.customers.names))
        return self._run(segmentation, len(segmentation.customers))

    def run_in_parts(self) -> Run:
        """Return the analysis as `run` does, but for the customers, of whom a part at a time is read when it is needed.

        Raises:
            WorkspaceError: The period was deleted, or a file is damaged.
        """
        rows = SavedRows(self.record, self.files, self.summary.rows)
        nobody = self.tree.segment_of_cell[:0], np.ones(0, dtype=np.int32)
        own = self.tree, self.cube, rows.none, *nobody, self.record.scale, self.record.sizing_log
        one, erased = Segmentation(*own), self.summary.erased > 0
        return self._run(PartedSegmentation(*own, rows, partial(_segmented, one), erased), rows.size)

    def _segmentation(self, table: pa.Table) -> Segmentation:
        customers, codes, waves = self.record.customers.frame(table), table[SEGMENT].to_numpy(), table[WAVE].to_numpy()
        return Segmentation(self.tree, self.cube, customers, codes, waves, self.record.scale, self.record.sizing_log)

    def _run(self, segmentation: Segmentation, rows: int) -> Run:
        rejected = self.quarantine()
        of_row = rejected["faults"] > 0
        quarantine, cells = rejected[of_row], rejected.loc[~of_row, list(CELLS)].reset_index(drop=True)
        record, account = self.record, self.record.accounting
        erased = account.universe - rows
        self._check(segmentation, (len(quarantine), len(cells)), erased)
        return Run(
            **{name: getattr(record, name) for name in AS_IN_RUN},
            window=self.summary.window,
            policy=self.tree.policy,
            accounting=replace(account, universe=rows, erased=erased),
            quarantine=quarantine,
            cells=cells,
            segmentation=segmentation,
            scores=self.scores,
            reach=self.reach,
            # A period of an older program keeps none.
            stories=stories_of(segmentation) if record.stories is None else record.stories,
            kept=record.overview,
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
            and in_their_segments(segmentation)
            # Erasing only takes away, so counts may be lower, never higher.
            and bool((np.bincount(codes, minlength=len(sizes)) <= sizes).all())
            and bool(((waves >= 1) & (waves <= np.array(self.partition.wave_counts)[codes])).all())
        )
        if not sound or not are_identifiers(segmentation.customers["user_id"]):
            raise WorkspaceError("customers and counts do not match", where=self.files.title)

    def _ask(self, question: "Callable[[Lookup], T]") -> T:
        return self.files.ask(lambda paths: self._answer(paths, question))

    def _answer(self, paths: Sequence[Path], question: "Callable[[Lookup], T]") -> T:
        # Imported here: an analysis that is not saved looks nobody up.
        import duckdb  # noqa: PLC0415

        from run_store.lookup import look_up  # noqa: PLC0415

        try:
            with look_up(paths, (*self.record.customers.names, SEGMENT, WAVE)) as lookup:
                return question(lookup)
        except FileNotFoundError:
            raise
        except (duckdb.Error, pa.ArrowException, OSError, KeyError) as error:
            # DuckDB's own words can hold values of customers, so they are not passed on.
            raise damaged(self.files.title) from error

    def _unchanged(self, lookup: "Lookup") -> "Lookup":
        """Return the look-up, as long as positions in it mean what they meant: an erasure moves those behind."""
        if lookup.count() != self.summary.rows:
            raise self.shifted()
        return lookup

    def shifted(self) -> ErasedError:
        """Return the error of positions from before an erasure."""
        return shifted(self.files.title)

    def _columns(self, names: Sequence[str]) -> pa.Table:
        own, wanted = (*self.record.customers.names, SEGMENT, WAVE), (*names, SEGMENT, WAVE)
        return pa.concat_tables([self._table(kind, own, wanted) for kind in self.files.parts()])

    def _table(self, kind: str, columns: Sequence[str], wanted: Sequence[str]) -> pa.Table:
        title = self.files.title

        def checked(path: Path) -> pa.Table:
            if tuple(schema_of(path, where=title).names) != columns:
                raise damaged(title)
            if self.files.foreign:
                return read_table(path, where=title).select(list(wanted))
            return read_own(path, where=title, columns=wanted)

        return self.files.read(kind, checked)


class SavedRows(PartedRows):
    """The customers of a saved period with their segments and waves, a part at a time out of its files."""

    def __init__(self, record: PeriodRecord, files: PeriodFiles, size: int) -> None:
        self._record, self._files, self._size = record, files, size
        schema = files.read(CUSTOMERS, lambda path: schema_of(path, where=files.title), whole=False)
        self.none = record.customers.frame(schema.empty_table())

    @property
    def size(self) -> int:
        """How many customers there are."""
        return self._size

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield the parts in order."""
        return self.read()

    def read(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield the parts in order; one without rows where everybody was erased.

        Raises:
            ErasedError: A customer was erased since the period was opened.
        """
        own, rows = self._record.customers.names, 0
        names = [*(name for name in own if columns is None or name in columns), SEGMENT, WAVE]
        batches = partial(own_batches, where=self._files.title, rows=ROWS_PER_WRITE, columns=names)
        try:
            for batch in chain.from_iterable(self._files.read(kind, batches) for kind in self._files.parts()):
                rows += len(batch)
                yield self._frame(batch)
        # An erasure put another file in the place of one.
        except FileNotFoundError as error:
            raise shifted(self._files.title) from error
        if rows != self._size:
            raise shifted(self._files.title)
        if not rows:
            codes = {SEGMENT: pd.Series(dtype=np.uint8), WAVE: pd.Series(dtype=np.int32)}
            yield self.none[names[:-2]].assign(**codes)

    def _frame(self, batch: pa.RecordBatch) -> pd.DataFrame:
        table = pa.Table.from_batches([batch])
        codes = {name: table[name].to_numpy() for name in (SEGMENT, WAVE)}
        return self._record.customers.frame(table).assign(**codes)

    def kept(self, of: Callable[[pd.DataFrame], pd.DataFrame]) -> PartedRows:
        """Raise: a saved period keeps nothing beside its files."""
        raise InvariantError(f"broken identity: {of} is kept beside a saved period")


def _segmented(none: Segmentation, part: pd.DataFrame) -> Segmentation:
    """Return the segmentation of a part, given that of no customer."""
    codes, waves = part[SEGMENT].to_numpy(), part[WAVE].to_numpy()
    return replace(none, customers=part.drop(columns=[SEGMENT, WAVE]), codes=codes, waves=waves)


def in_their_segments(part: Segmentation) -> bool:
    """Return whether every customer goes down the tree to the segment again."""
    return bool((part.codes == part.tree.grid.look_up(part.customers, part.tree.segment_of_cell)).all())


def shifted(title: str) -> ErasedError:
    """Return the error of customers who are not where they were when the period was opened."""
    return ErasedError("a customer was erased meanwhile", where=title, hint="Open it again")


def are_identifiers(ids: pd.Series) -> bool:
    """Return whether each is there, and once."""
    return not ids.hasnans and (ascending(text_column(ids.to_frame("user_id"), "user_id")) or ids.is_unique)


def open_period(catalog: Catalog, run_id: str) -> SavedRun:
    """Open a saved period.

    Raises:
        WorkspaceError: There is none of that identifier, or it is damaged.
    """
    entry = catalog.find(run_id)
    if entry is None:
        raise unknown()
    summary = entry[0]
    title = f"saved period '{summary.name}'" if summary.listed else "the analysis"
    files = PeriodFiles(catalog.periods, title, partial(_known, catalog, run_id))
    record = files.read(RECORD, lambda path: PeriodRecord.parse(path.read_bytes(), source=files.title))
    return SavedRun(summary, record, files)


def _known(catalog: Catalog, run_id: str) -> Mapping[str, Stored] | None:
    # Of the module, so that a period in parts can go to a worker.
    now = catalog.find(run_id)
    return now and now[1]
