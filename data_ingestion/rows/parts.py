"""Judged customer tables -> an intake in parts, each of them an intake; what holds for all is found in one pass."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from data_ingestion.cells.typed_blocks import FinishedBlock
from data_ingestion.options import ReadOptions
from data_ingestion.rows.account import accounted, derived_warnings, signs_of
from data_ingestion.rows.assembly import assemble_part, check_currency, time_warnings
from data_ingestion.rows.intake import Intake, Origin
from data_ingestion.rows.judged_file import JudgedFile
from data_ingestion.rows.links import marked_words
from data_ingestion.rows.spool import MappedFrames, Spool
from retention.customers.derive import FORMULAS, Derivation, derive_scores
from retention.customers.keys import Contacts, contacts_of, with_contacts
from retention.customers.normalise import ascending, text_column
from retention.errors import ensure

PART_ROWS = 65_536
"""Rows of a part: a whole block of the cube, few enough for a part and what is made of it to take some 60 MB."""

ReadOriginals = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class PartedIntake:
    """Customers that are read and checked, and of whose rows one part is in memory at a time.

    Args:
        whole: What holds for all; it has all columns and no row.
        spool: Where the parts are, and what is made of them.
        times: The first and the last abandonment.
        known: The columns of which somebody has a value.
        ascending: Whether each id is above the one before, so that none comes twice.
        frames: The rows, before scores are derived.
        origins: Where the rows of each part stand.
        contacts: What the ids are besides ids.
        originals: Returns `file, line, original` of rows `file, line`, as they stand in the files.
    """

    whole: Intake
    spool: Spool = field(repr=False)
    times: tuple[pd.Timestamp, pd.Timestamp]
    known: frozenset[str]
    ascending: bool
    frames: MappedFrames = field(repr=False)
    origins: tuple[tuple[Origin, ...], ...] = field(repr=False)
    contacts: Contacts
    originals: ReadOriginals = field(repr=False)

    def __iter__(self) -> Iterator[Intake]:
        """Yield the parts in order, each as an intake of its rows alone."""
        start, places = 0, self.whole.cells["position"].to_numpy(dtype=np.int64)
        derived = [each.column for each in self.whole.derived]
        for rows, origins in zip(self.frames, self.origins, strict=True):
            cells = self.whole.cells[(places >= start) & (places < start + len(rows))]
            yield replace(
                self.whole,
                rows=derive_scores(with_contacts(rows, "user_id", self.contacts), derived)[0],
                quarantine=self.whole.quarantine.iloc[:0],
                cells=cells.assign(position=cells["position"] - start),
                origins=origins,
                read=len(rows),
                folded=0,
            )
            start += len(rows)


def in_parts(
    files: Sequence[JudgedFile], options: ReadOptions, spool: Spool, originals: ReadOriginals, rows: int = PART_ROWS
) -> PartedIntake:
    """Return customer tables, each with a user id in every row, as an intake in parts.

    Args:
        files: The tables, judged.
        options: How they were read.
        spool: Where the parts go.
        originals: As `PartedIntake` has it.
        rows: How many rows a part has, about.

    Raises:
        SourceError: No row of any of them can be used.
        ContractError: Their money is in several currencies.
    """
    frames, facts = spool.kept(), RowFacts()
    names = frozenset(name for file in files for block in file.blocks for name in block.values)
    origins = list[tuple[Origin, ...]]()
    for group in groups_of(files, rows):
        part, clock = assemble_part([block for _, block in group], options.timezone, names)
        facts.add(part, clock)
        frames.append(part)
        origins.append(tuple(Origin(name, block.rows, block.lines) for name, block in group))
    return PartedIntake(
        whole=told_of_all(files, facts, frames.none, options),
        spool=spool,
        times=(min(facts.times), max(facts.times)),
        known=frozenset(facts.known),
        ascending=facts.ascending,
        frames=frames,
        origins=tuple(origins),
        contacts=facts.contacts,
        originals=originals,
    )


def told_of_all(files: Sequence[JudgedFile], facts: "RowFacts", none: pd.DataFrame, options: ReadOptions) -> Intake:
    """Return what holds for all rows of some files: an intake with all columns and no row; errors as `in_parts`.

    Args:
        files: The files, whose values are not looked at.
        facts: What their rows tell together.
        none: No row, with all columns before scores are derived.
        options: How they were read.
    """
    whole = accounted(files)
    ensure(facts.rows == whole.folded, "rows of all parts = accepted")
    check_currency(pd.DataFrame({"currency": pd.Series(sorted(facts.currencies), dtype="str")}), signs_of(files))
    marked = (marked_words("user_id", facts.marked),) if facts.marked else ()
    derived = facts.derivations()
    warnings = (*whole.warnings, *time_warnings(facts.clock, options.timezone), *marked, *derived_warnings(derived))
    columns, _ = derive_scores(_filled_out(none, facts.contacts), [each.column for each in derived])
    return replace(whole, rows=columns, derived=derived, warnings=warnings)


def _filled_out(none: pd.DataFrame, contacts: Contacts) -> pd.DataFrame:
    """Return no row with the columns that ids fill."""
    added = [name for name in ("email", "phone") if name in contacts.found and contacts.whole and name not in none]
    return none.assign(**{name: pd.array([], dtype="str") for name in added})


def groups_of(files: Sequence[JudgedFile], rows: int) -> Iterator[list[tuple[str, FinishedBlock]]]:
    """Yield blocks that follow each other, with the names of their files, as many as have so many rows."""
    group, count = list[tuple[str, FinishedBlock]](), 0
    for name, block in ((file.source.name, block) for file in files for block in file.blocks if block.rows):
        if count and count + block.rows > rows:
            yield group
            group, count = [], 0
        group, count = [*group, (name, block)], count + block.rows
    # Where no row can be used there is none; the account of the files says so.
    if group:
        yield group


class RowFacts:
    """What all rows have to tell together."""

    def __init__(self) -> None:
        self.rows, self.clock = 0, (0, 0)
        self.marked, self.currencies, self.contacts = 0, set[str](), Contacts()
        self.derived, self.times = Counter[str](), list[pd.Timestamp]()
        self.known, self.ascending, self._last = set[str](), True, ""

    def add(self, part: pd.DataFrame, clock: tuple[int, int]) -> None:
        """Take a part into account."""
        self.rows += len(part)
        self.clock = (self.clock[0] + clock[0], self.clock[1] + clock[1])
        self.marked += int(part["user_id"].str.startswith("'").sum())
        self.contacts |= contacts_of(part, "user_id")
        ids = text_column(part, "user_id")
        self.ascending &= self._last < ids[0].as_py() and ascending(ids)
        self._last = ids[-1].as_py()
        times = part["cart_abandoned_date"]
        self.times += [times.min(), times.max()]
        if "currency" in part:
            self.currencies.update(part["currency"].dropna().unique())
        part, derived = derive_scores(part)
        self.known.update(str(name) for name in part if name not in self.known and part[name].notna().any())
        for each in derived:
            self.derived[each.column] += each.rows

    def join(self, other: "RowFacts") -> None:
        """Take what other rows tell into account, too."""
        self.rows, self.marked = self.rows + other.rows, self.marked + other.marked
        self.clock = (self.clock[0] + other.clock[0], self.clock[1] + other.clock[1])
        self.currencies |= other.currencies
        self.contacts |= other.contacts
        self.derived, self.times = self.derived + other.derived, [*self.times, *other.times]
        self.known, self.ascending = self.known | other.known, False

    def derivations(self) -> tuple[Derivation, ...]:
        """Return what was derived, in the order of the formulas."""
        return tuple(Derivation(name, self.derived[name], FORMULAS[name]) for name in FORMULAS if self.derived[name])
