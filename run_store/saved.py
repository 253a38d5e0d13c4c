"""A saved period, opened: everything the pages show, without loading the customers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis import Accounting, Run
from data_ingestion import SourceFile
from outputs.durable import Stored
from retention.customers.contracts import COLUMNS
from retention.errors import OptionError, WorkspaceError, did_you_mean
from retention.partition.cube import Cube
from retention.partition.fitted import FittedTree, Segmentation
from retention.partition.grid import Grid
from retention.partition.proof import Proof
from retention.partition.sizing import SizingStep, wave_count
from retention.partition.what_if import WhatIf
from retention.period import Window
from retention.policy.policy import Policy, Weights
from run_store.catalog import Catalog, RunSummary
from run_store.lookup import SEGMENT, WAVE, Lookup, Wanted, look_up
from run_store.period_files import CUBE, CUSTOMERS, QUARANTINE, RECORD, WHAT_IF, PeriodFiles
from run_store.period_record import PeriodRecord
from run_store.tables import damaged, read_cube, read_own, read_table, schema_of
from segment_scorer import SegmentScores

T = TypeVar("T")

FOUND = 50
"""Rows that a search returns at most."""
LONGEST_PAGE = 10_000


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

    @property
    def id(self) -> str:
        """Identifier, for addresses and other calls."""
        return self.summary.id

    @property
    def name(self) -> str:
        """What a person called it."""
        return self.summary.name

    @property
    def saved_at(self) -> datetime:
        """When it was saved."""
        return self.summary.saved_at

    @property
    def erased(self) -> int:
        """Customers erased when it was opened: `rows + erased = universe`."""
        return self.summary.erased

    @property
    def window(self) -> Window:
        """The seven days."""
        return self.summary.window

    @cached_property
    def policy(self) -> Policy:
        """The policy."""
        return self.tree.policy

    @property
    def weights(self) -> Weights:
        """Weights of the total."""
        return self.record.weights

    @property
    def accounting(self) -> Accounting:
        """Where every input row went when the run was made."""
        return self.record.accounting

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know."""
        return self.record.warnings

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """The files it came from."""
        return self.record.sources

    @property
    def currency(self) -> str:
        """Code shown beside money."""
        return self.record.currency

    @property
    def policy_hash(self) -> str:
        """Hash of the policy."""
        return self.record.policy_hash

    @property
    def input_hash(self) -> str:
        """Hash of the input."""
        return self.record.input_hash

    @property
    def proof(self) -> Proof:
        """What the enumeration of the cells found."""
        return self.record.proof

    @property
    def sizing_log(self) -> tuple[SizingStep, ...]:
        """What sizing did, with a line for each segment delivered in waves."""
        return self.record.sizing_log

    @cached_property
    def tree(self) -> FittedTree:
        """The fitted tree."""
        return self.record.fitted_tree()

    @cached_property
    def scores(self) -> SegmentScores:
        """Scores of the segments."""
        return self.record.segment_scores()

    @cached_property
    def cube(self) -> Cube:
        """Sufficient statistics per cell."""
        cells, center = self.tree.grid.cells, np.array(self.record.center)
        return self.files.read(CUBE, lambda path: read_cube(path, cells=cells, center=center, where=self.files.title))

    @cached_property
    def what_if(self) -> WhatIf:
        """The finer cube, for sliders."""
        grid, center = self.record.what_if, np.array(self.record.what_if_center)
        cells = Grid(grid.axes).cells
        cube = self.files.read(
            WHAT_IF, lambda path: read_cube(path, cells=cells, center=center, where=self.files.title)
        )
        return grid.what_if(self.policy, cube)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Customers per segment when the run was made."""
        counts = np.zeros(len(self.tree.segments), dtype=np.int64)
        np.add.at(counts, self.tree.segment_of_cell, self.cube.size)
        return tuple(counts.tolist())

    @property
    def wave_counts(self) -> tuple[int, ...]:
        """Waves per segment."""
        return tuple(wave_count(size, self.tree.limits.maximum) for size in self.sizes)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of a page: user_id, Segment, Wave, then the others as saved."""
        return ("user_id", "Segment", "Wave", *(name for name in self.record.customers.names if name != "user_id"))

    def page(
        self,
        segment: str | None = None,
        *,
        offset: int = 0,
        limit: int = 50,
        search: str = "",
        sort: str = "",
        descending: bool = False,
    ) -> pd.DataFrame:
        """Return some customers, read from the file: user_id, Segment, Wave, then the columns as saved.

        Args:
            segment: Name of a segment; None for all.
            offset: Customers to leave out at the start.
            limit: Customers at most.
            search: Beginning of a user_id or e-mail address; exact matches come first.
            sort: A column to sort by; empty for the order of the input.
            descending: Whether the largest come first; missing values come last either way.

        Raises:
            OptionError: There is no such segment or column, or the page is too long.
            WorkspaceError: The period was deleted, or a file is damaged.
        """
        if not (0 <= offset < 1 << 62 and 0 <= limit <= LONGEST_PAGE):
            raise OptionError(f"a page starts at 0 or later and has at most {LONGEST_PAGE:,} rows")
        return self._rows(self._wanted(segment, search, sort, descending), offset, limit)

    def find(self, text: str, *, limit: int = FOUND) -> pd.DataFrame:
        """Return customers whose user_id or e-mail address is, or begins with, a text; the columns of a page."""
        return self.page(search=text, limit=limit) if text else self.page(limit=0)

    def customer(self, user_id: str) -> pd.DataFrame:
        """Return the row of one customer by the exact identifier, or no row; the columns of a page."""
        return self._rows(Wanted(user_id=user_id), 0, 1) if user_id else self.page(limit=0)

    def count(self, segment: str | None = None, *, search: str = "") -> int:
        """Return how many customers a segment or a search has now."""
        wanted = self._wanted(segment, search, "", False)
        return self._ask(lambda lookup: lookup.count(wanted))

    def quarantine(self) -> pd.DataFrame:
        """Return the rejected rows: file, line, column, value, reason, faults."""
        names = self.record.quarantine.names
        return self.record.quarantine.frame(self._table(QUARANTINE, names, names))

    def customers(self) -> pd.DataFrame:
        """Return all customers that are left, with the columns of the run."""
        return self.record.customers.frame(self._customers())

    def run(self) -> Run:
        """Return the analysis with all customers loaded; equal to the one saved if nobody was erased.

        Where customers were erased, `accounting` moves them from the universe to `erased`; cube and scores
        stay those of the whole universe.

        Raises:
            WorkspaceError: The period was deleted, a file is damaged, or the customers do not add up.
        """
        return self._run(self._customers())

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
        if len(rest) != len(customers):
            return self.run()
        self._check_ids(rest)
        whole = pd.DataFrame({name: (rest if name in rest.columns else customers)[name] for name in names}, copy=False)
        return replace(run, segmentation=replace(run.segmentation, customers=whole))

    def _names_people(self, name: str) -> bool:
        """Return whether a column identifies a customer and the tree does without it."""
        column = COLUMNS.get(name)
        return column is not None and column.personal and name not in {a.feature for a in self.tree.grid.axes}

    def _run(self, table: pa.Table) -> Run:
        customers, quarantine = self.record.customers.frame(table), self.quarantine()
        codes, waves = table[SEGMENT].to_numpy(), table[WAVE].to_numpy()
        segmentation = Segmentation(
            self.tree, self.cube, customers, codes, waves, self.record.scale, self.record.sizing_log
        )
        account, erased = self.accounting, self.accounting.universe - len(customers)
        self._check(segmentation, len(quarantine), erased)
        return Run(
            window=self.window,
            policy=self.policy,
            weights=self.weights,
            accounting=replace(account, universe=len(customers), erased=erased),
            quarantine=quarantine,
            segmentation=segmentation,
            scores=self.scores,
            proof=self.proof,
            sources=self.sources,
            warnings=self.warnings,
            currency=self.currency,
            policy_hash=self.policy_hash,
            input_hash=self.input_hash,
            experiment=self.record.experiment,
        )

    def _check(self, segmentation: Segmentation, quarantined: int, erased: int) -> None:
        """Hold the customers against the tree and the counts; a file from elsewhere may be of another run."""
        tree, codes, waves = segmentation.tree, segmentation.codes, segmentation.waves
        sizes = np.array(self.sizes)
        sound = (
            codes.dtype == tree.segment_of_leaf.dtype
            and waves.dtype == np.int32
            and quarantined == self.accounting.quarantined
            and int(sizes.sum()) == self.accounting.universe
            and erased >= 0
            and bool((codes == tree.grid.look_up(segmentation.customers, tree.segment_of_cell)).all())
            and bool((np.bincount(codes, minlength=len(sizes)) <= sizes).all())
            and bool(((waves >= 1) & (waves <= np.array(self.wave_counts)[codes])).all())
        )
        if not sound:
            raise self._mixed_up()
        if "user_id" in segmentation.customers.columns:
            self._check_ids(segmentation.customers)

    def _check_ids(self, customers: pd.DataFrame) -> None:
        ids = customers["user_id"]
        if ids.hasnans or not (_ascending(ids) or ids.is_unique):
            raise self._mixed_up()

    def _mixed_up(self) -> WorkspaceError:
        return WorkspaceError("customers and counts do not match", where=self.files.title)

    def _wanted(self, segment: str | None, search: str, sort: str, descending: bool) -> Wanted:
        names = [s.name for s in self.record.tree.segments]
        if segment is not None and segment not in names:
            raise OptionError(f"there is no segment '{segment}'", hint=did_you_mean(segment, names))
        if sort and sort not in self.columns:
            raise OptionError(f"there is no column '{sort}'", hint=did_you_mean(sort, self.columns))
        own = {"Segment": SEGMENT, "Wave": WAVE}
        code = None if segment is None else names.index(segment)
        return Wanted(code, search.strip(), sort=own.get(sort, sort), descending=descending)

    def _rows(self, wanted: Wanted, offset: int, limit: int) -> pd.DataFrame:
        def rows(lookup: Lookup) -> pa.Table:
            if wanted.everything:
                return lookup.rows(range(offset, offset + limit))
            return lookup.rows(lookup.positions(wanted, offset, limit))

        return self._shown(self._ask(rows))

    def _ask(self, question: Callable[[Lookup], T]) -> T:
        columns = (*self.record.customers.names, SEGMENT, WAVE)

        def asked(path: Path) -> T:
            with look_up(path, columns) as lookup:
                return question(lookup)

        return self.files.read(CUSTOMERS, asked, whole=False)

    def _shown(self, table: pa.Table) -> pd.DataFrame:
        names = pd.Index([segment.name for segment in self.record.tree.segments], dtype="str")
        frame = self.record.customers.frame(table)
        frame.insert(1, "Segment", pd.Series(pd.Categorical.from_codes(table[SEGMENT].to_numpy(), names)))
        frame.insert(2, "Wave", table[WAVE].to_numpy())
        return frame[list(self.columns)]

    def _customers(self) -> pa.Table:
        return self._columns(self.record.customers.names)

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
    found = catalog.find(run_id)
    if found is None:
        raise unknown()
    summary = found[0]

    def known() -> Mapping[str, Stored] | None:
        now = catalog.find(run_id)
        return now and now[1]

    title = f"saved period '{summary.name}'" if summary.listed else "the analysis"
    files = PeriodFiles(catalog.periods, title, known)
    record = files.read(RECORD, lambda path: PeriodRecord.parse(path.read_bytes(), source=files.title))
    return SavedRun(summary, record, files)


def unknown() -> WorkspaceError:
    """Return the error of an identifier that no period has."""
    return WorkspaceError("there is no such saved period", hint="It may have been deleted; list the saved periods")


def _ascending(ids: pd.Series) -> bool:
    """Return whether each identifier comes after the one before, which is seen faster than that all differ."""
    texts = pa.chunked_array(pa.array(ids, from_pandas=True))
    return bool(pc.all(pc.less(texts[:-1], texts[1:]), min_count=0).as_py())
