"""Judged event logs and orders -> activity in parts; a part has all that some customers did, and few are in memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Self, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.typed_blocks import FinishedBlock
from data_ingestion.files.blocks import LineMap
from data_ingestion.formats import Normalised
from data_ingestion.formats.base import KEYS, Verdict
from data_ingestion.formats.identifiers import ADDRESSES
from data_ingestion.options import ReadOptions
from data_ingestion.rows.account import accounted, check_distinct, currencies, signs_of
from data_ingestion.rows.activity_join import PLACE, Hits, join_words, joined
from data_ingestion.rows.assembly import check_currency, joined_cells, joined_times, time_warnings
from data_ingestion.rows.intake import Intake
from data_ingestion.rows.judged_file import JudgedFile, cells_of_blocks, days_only, judged_records, unread
from data_ingestion.rows.links import sure_ids
from data_ingestion.rows.parts import PART_ROWS, ReadOriginals, groups_of
from data_ingestion.rows.spool import Spool, StoredFrames
from retention.activity.activity import Activity, Span, Trait
from retention.customers.keys import NOBODY, Contacts, contacts_of, cut_counts, is_cut
from retention.customers.normalise import TEXT, text_column
from retention.hashing import hash_ids

SALT = "part"
ENTRIES = 8
"""A part has so many times the entries that it may have customers: several entries become one customer."""
ROUTED = 8 * PART_ROWS
"""Rows that are put into parts at once: they are one mapped file, in the order of the parts."""
COLUMNS = ("customer", "time", "event", "value", "items", "visit", "order")
S = TypeVar("S")


def part_of(ids: pa.Array, parts: int) -> NDArray[np.int64]:
    """Return the part of each customer, by a hash of the id; rows without one are in one part, too."""
    encoded = ids.fill_null("").dictionary_encode()
    hashes = hash_ids(pd.Series(pd.array(encoded.dictionary, dtype="str")), SALT)[encoded.indices.to_numpy()]
    return np.asarray(hashes % parts)


class StoredActivity:
    """Activity of some customers after that of others, on the disk; one is in memory at a time."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self.entries, self.people = spool, spool.frames(), spool.frames()
        self.traits = dict[str, StoredFrames]()

    def append(self, activity: Activity) -> None:
        """Add the activity of more customers."""
        self.entries.append(pd.DataFrame({name: getattr(activity, name) for name in COLUMNS}))
        self.people.append(activity.people)
        for name, trait in activity.traits.items():
            known = pd.DataFrame({"customer": trait.customer, "time": trait.time, "value": trait.value})
            self.traits.setdefault(name, self._spool.frames()).append(known)

    def read(self, of_all: Span) -> Iterator[Activity]:
        """Yield the activity in order, with the span of all."""
        traits = {name: iter(frames) for name, frames in self.traits.items()}
        for entries, people in zip(self.entries, self.people, strict=True):
            parts = {name: next(frames) for name, frames in traits.items()}
            yield Activity(
                **{name: entries[name].to_numpy() for name in COLUMNS},
                people=people,
                traits={
                    name: Trait(each["customer"].to_numpy(), each["time"].to_numpy(), each["value"])
                    for name, each in parts.items()
                },
                of_all=of_all,
            )


@dataclass(frozen=True)
class PartedActivity:
    """What customers did, read and checked, in parts; each has all of some customers, whose `people` have a `PLACE`.

    Args:
        whole: What holds for all; its activity is that of nobody.
        nobody: The activity of nobody, with the span of all.
        spool: Where the parts are.
        parts: The activity.
        originals: As `PartedIntake` has it.
    """

    whole: Intake
    nobody: Activity = field(repr=False)
    spool: Spool = field(repr=False)
    parts: StoredActivity = field(repr=False)
    originals: ReadOriginals = field(repr=False)

    def __iter__(self) -> Iterator[Activity]:
        """Yield the parts in order."""
        return self.parts.read(self.nobody.span)

    def fold(self, of: Callable[[Activity], S], add: Callable[[S, S], S]) -> S:
        """Return what a function makes of all parts, added up."""
        return reduce(add, map(of, self))


def by_customer(
    files: Sequence[JudgedFile],
    options: ReadOptions,
    spool: Spool,
    originals: ReadOriginals,
    check: Callable[[JudgedFile], None],
    rows: int = PART_ROWS,
) -> PartedActivity | None:
    """Return event logs, orders and what goes with them in parts; None where ids alone don't say whose rows are.

    Args:
        files: The files; some have rows that their formats have yet to judge.
        options: How they were read; `keep` is the spool.
        spool: Where the parts go.
        originals: As `PartedIntake` has it.
        check: Called with each file once it is judged.
        rows: Customers of a part, at most; about.

    Raises:
        SourceError: No row of any of them can be used.
        ContractError: Their money is in several currencies.
    """
    check_distinct(files)
    parts = 1 + sum(file.source.rows_read for file in files) // (ENTRIES * rows)
    routes = [route_of(file, options, spool) for file in files]
    if not all(route.put(parts) for route in routes):
        return None
    stored, facts = StoredActivity(spool), JoinFacts.of(len(files))
    for normalised in zip(*(route.told() for route in routes), strict=True):
        activity = facts.joined(routes, normalised, options)
        if len(activity.people):
            stored.append(activity)
    if facts.rounded:
        return None
    whole, nobody = facts.whole(routes, activity, check)
    return PartedActivity(whole, nobody, spool, stored, originals)


@dataclass
class JoinFacts:
    """What the activity of some customers tells beside itself; that of others adds.

    Args:
        tally: What files say of each other.
        span: Of the activity.
        named: Currencies.
        cut: Long ids of each file, and those of them that end in zeros.
    """

    tally: Hits
    span: Span
    named: frozenset[str]
    cut: NDArray[np.int64]

    @classmethod
    def of(cls, files: int) -> "JoinFacts":
        """Return what nobody tells."""
        return cls(Hits(), Span(), frozenset(), np.zeros((files, 2), dtype=np.int64))

    @property
    def rounded(self) -> bool:
        """Whether a spreadsheet rounded the ids of a file."""
        return any(map(is_cut, self.cut))

    def add(self, other: "JoinFacts") -> None:
        """Take what other customers tell into account, too."""
        self.tally.update(other.tally)
        self.span, self.named, self.cut = self.span + other.span, self.named | other.named, self.cut + other.cut

    def joined(self, routes: "Sequence[RecordRoute]", parts: Sequence[Normalised], options: ReadOptions) -> Activity:
        """Return the activity of the customers of a part, which is taken into account."""
        files = [(route.file.source, each) for route, each in zip(routes, parts, strict=True)]
        activity, tally, _ = joined(files, options, sure=True)
        cut = np.array([cut_counts(text_column(each.entries, "customer")) for each in parts])
        self.add(JoinFacts(tally, activity.span, frozenset(currencies(parts)), cut))
        return activity

    def whole(
        self, routes: "Sequence[RecordRoute]", some: Activity, check: Callable[[JudgedFile], None]
    ) -> tuple[Intake, Activity]:
        """Return what holds for all, and the activity of nobody; arguments and errors as `by_customer`."""
        judged = [route.judged() for route in routes]
        for file in judged:
            check(file)
        whole, sources = accounted(judged), [file.source for file in judged]
        check_currency(pd.DataFrame({"currency": sorted(self.named)}), signs_of(judged))
        warnings = (*whole.warnings, *join_words(self.tally, sources, self.span))
        nobody = some.where(np.zeros(len(some), dtype=np.bool_))
        nobody = replace(nobody, people=some.people[:0], traits={}, of_all=self.span)
        return replace(whole, activity=nobody, warnings=warnings), nobody


class Verdicts:
    """What became of the rows of a file whose customers are judged part by part; that of other parts adds."""

    def __init__(self) -> None:
        self.rejected, self.cells = list[pa.Table](), list[pa.Table]()
        self.clock, self.noticed = np.zeros(2, dtype=np.int64), Counter[str]()

    def add(self, other: "Verdicts") -> None:
        """Take other parts into account, too."""
        self.rejected += other.rejected
        self.cells += other.cells
        self.clock += other.clock
        self.noticed.update(other.noticed)


def route_of(file: JudgedFile, options: ReadOptions, spool: Spool | None = None) -> "RecordRoute":
    """Return how what a file says comes to the parts of its customers; without a spool memory holds these."""
    return (RowRoute if file.layout else RecordRoute)(file, options, spool)


class RecordRoute:
    """A file that was judged whole: what its records say goes to the parts."""

    def __init__(self, file: JudgedFile, options: ReadOptions, spool: Spool | None = None) -> None:
        self.file, self.options, self.spool, self.said = file, options, spool, Verdicts()
        self.pieces: Iterable[Any] = ()

    def put(self, parts: int) -> bool:
        """Put what the records say into the parts; return whether ids alone say whose they are."""
        if self.file.normalised is None:
            return False
        stored = list[Iterable[pd.DataFrame]]()
        for frame in (self.file.normalised.people, self.file.normalised.entries):
            ids = text_column(frame, "customer")
            if not sure_ids(ids) or is_cut(cut_counts(ids)):
                return False
            codes, placed = part_of(ids, parts), frame.assign(**{PLACE: np.arange(len(frame))})
            split = (placed[codes == part] for part in range(parts))
            stored.append(self.spool.kept(split) if self.spool else list(split))
        self.pieces = zip(*stored, strict=True)
        return True

    def told(self) -> Iterator[Normalised]:
        """Yield what the records of each part say."""
        for people, entries in self.pieces:
            if self.file.normalised is not None:
                yield replace(self.file.normalised, people=people, entries=entries)

    def of(self, file: JudgedFile, piece: Any) -> Self:
        """Return the same way for one piece, with what else is known of the file."""
        other = copy(self)
        other.file, other.pieces, other.said = file, [piece], Verdicts()
        return other

    def judged(self) -> JudgedFile:
        """Return the file."""
        return self.file


class RowRoute(RecordRoute):
    """A file whose rows go to the parts before its format judges them."""

    def put(self, parts: int) -> bool:
        """Put the rows into the parts; return whether ids alone say whose they are."""
        stored = list[tuple[FinishedBlock, NDArray[np.intp]]]()
        self.contacts, counts, self.days = Contacts(), np.zeros(2, dtype=np.int64), days_only(self.file)
        for group in groups_of([self.file], ROUTED):
            blocks = [block for _, block in group]
            ids = [_ids(block) for block in blocks]
            every = pa.concat_arrays(ids)
            counts += cut_counts(every.drop_null())
            if not sure_ids(every.drop_null()) or any(map(_known_otherwise, blocks, ids)):
                return False
            self.contacts |= contacts_of(pd.DataFrame({"customer": pd.array(every, dtype="str")}), "customer")
            codes = part_of(every, parts)
            order = np.argsort(codes, kind="stable")
            ends = np.searchsorted(codes[order], np.arange(parts + 1))
            stored.append((self.options.keep(_joined(blocks).take(order)), ends))
        # A file of whose rows none can be used has empty blocks. A part's pieces are made when it is its turn: those of
        # all would take memory for each piece of each part.
        none = [] if stored else list(self.file.blocks[:1])
        self.pieces = (
            none or [block.between(*ends[part : part + 2].tolist()) for block, ends in stored] for part in range(parts)
        )
        return not is_cut(counts)

    def told(self) -> Iterator[Normalised]:
        """Yield what the rows of each part say; what becomes of them is added up."""
        none = self.file.rejected[:0]
        for blocks in self.pieces:
            piece = replace(self.file, blocks=tuple(blocks), rejected=none, cells=cells_of_blocks(blocks))
            piece, clock, _ = judged_records(piece, self.options, self.contacts)
            records = piece.normalised
            if records is None:
                continue
            self.said.rejected.append(piece.rejected)
            self.said.cells.append(piece.cells)
            self.said.clock += clock
            self.said.noticed.update(records.counts)
            self.none = without_rows(records)
            lines = np.concatenate([block.lines.at(np.arange(block.rows)) for block in piece.blocks])
            entries = records.entries.assign(**{PLACE: lines[records.entries["row"]]})
            kept = lines[records.verdict.keep] if len(records.people) else lines[:0]
            people = records.people.assign(**{PLACE: kept})
            yield replace(records, entries=entries, people=people, days_only=self.days)

    def judged(self) -> JudgedFile:
        """Return the file; what its parts say is told."""
        rejected = pa.concat_tables([self.file.rejected, *self.said.rejected]).sort_by("line")
        cells = pa.concat_tables(self.said.cells)
        source = replace(
            self.file.source,
            rows_quarantined=rejected.num_rows,
            noticed={name: count for name, count in self.said.noticed.items() if count},
        )
        file = replace(
            self.file,
            source=source,
            rejected=rejected,
            cells=cells.take(pa.array(np.argsort(cells["line"].to_numpy(), kind="stable"))),
            normalised=self.none,
            layout=None,
        )
        skipped, twice = map(int, self.said.clock)
        file = replace(file, warnings=(*file.warnings, *time_warnings((skipped, twice), self.options.timezone)))
        return replace(file, warnings=(*file.warnings, *unread(file)))


def without_rows(records: Normalised) -> Normalised:
    """Return what no row says."""
    verdict = Verdict(records.verdict.keep[:0], records.verdict.rejected[:0])
    return replace(records, entries=records.entries[:0], people=records.people[:0], verdict=verdict)


def _ids(block: FinishedBlock) -> pa.Array:
    ids = block.values.get("customer")
    return ids if isinstance(ids, pa.Array) else pa.nulls(block.rows, TEXT)


def _known_otherwise(block: FinishedBlock, ids: pa.Array) -> bool:
    """Return whether a row without an id that is sure has an address or a number."""
    open_ = pc.fill_null(pc.match_substring_regex(ids, NOBODY), True)
    names = (*KEYS[1:], *ADDRESSES["phone"])
    contacts = [each for name in names if isinstance(each := block.values.get(name), pa.Array)]
    return any(pc.any(pc.and_(open_, each.is_valid()), min_count=0).as_py() for each in contacts)


def _joined(blocks: Sequence[FinishedBlock]) -> FinishedBlock:
    """Return blocks of one file, at least one, as one."""
    parts = {name: [block.values[name] for block in blocks] for name in blocks[0].values}
    values = {name: joined_times(p) if isinstance(p[0], tuple) else joined_cells(p) for name, p in parts.items()}
    lines = np.concatenate([block.lines.at(np.arange(block.rows)) for block in blocks])
    rows, cells, none = sum(block.rows for block in blocks), cells_of_blocks(blocks), blocks[0].rejected[:0]
    return replace(blocks[0], values=values, rows=rows, lines=LineMap(0, lines), cells=cells, rejected=none)
