"""Files are read by a cluster's workers with the reader of this machine, and rows are put into parts by customer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from data_ingestion.cells.typed_blocks import FinishedBlock
from data_ingestion.cluster.activity import SpreadActivity, routed, spread_activity
from data_ingestion.cluster.blobs import BATCH, FRAMES, ROWS, Blob, Cluster, answer, answers, frame_of, packed
from data_ingestion.cluster.sources import IN_MEMORY, SpreadFile, SpreadFiles, SpreadSource, over_files
from data_ingestion.files.blocks import LineMap
from data_ingestion.files.byte_source import Meter
from data_ingestion.files.table import check_readable
from data_ingestion.formats.record_columns import ALL_COLUMNS
from data_ingestion.options import ReadOptions
from data_ingestion.originals import read_originals
from data_ingestion.reading import read_file
from data_ingestion.rows.account import mixed
from data_ingestion.rows.assembly import assemble_part
from data_ingestion.rows.by_customer import RecordRoute, part_of
from data_ingestion.rows.intake import Intake, Origin
from data_ingestion.rows.judged_file import JudgedFile
from data_ingestion.rows.parts import PART_ROWS, RowFacts, groups_of, told_of_all
from retention.customers.derive import derive_scores
from retention.customers.keys import Contacts, with_contacts
from retention.customers.normalise import text_column
from retention.errors import SourceError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FILE, AT, LINE = PLACE = ("_file", "_at", "_line")
"""Columns of a row beside its own: its file, its place among the accepted rows of that, and its line."""
_FILE_BITS = 40


class _ReadFile(NamedTuple):
    """What the driver has to know of a file: everything but its rows."""

    number: int
    file: JudgedFile
    facts: RowFacts
    none: pd.DataFrame
    route: RecordRoute | None = None


@dataclass(frozen=True)
class SpreadLayout:
    """What a worker has to know of all files to see the rows of a part as an intake.

    Args:
        whole: What holds for all rows; it has none.
        none: No row as the files have them, with all columns.
        names: The names of the files, by number.
        starts: How many accepted rows stand in the files before, by number.
        contacts: What the ids are besides ids.
    """

    whole: Intake
    none: pd.DataFrame = field(repr=False)
    names: Mapping[int, str]
    starts: Mapping[int, int]
    contacts: Contacts

    def intake(self, blobs: list[Blob]) -> Intake:
        """Return the rows of a part as an intake of them alone, in the order of the files."""
        rows = pd.concat([self._filled(frame_of(blob)) for blob in blobs], ignore_index=True)
        places, rows = rows[list(PLACE)], rows.drop(columns=list(PLACE))
        positions = places[FILE].map(self.starts).to_numpy() + places[AT].to_numpy()
        rows_of = pd.Index(positions).get_indexer(pd.Index(self.whole.cells["position"].to_numpy(dtype=np.int64)))
        cells = self.whole.cells[rows_of >= 0].assign(position=rows_of[rows_of >= 0])
        derived = [each.column for each in self.whole.derived]
        return replace(
            self.whole,
            rows=derive_scores(with_contacts(rows, "user_id", self.contacts), derived)[0],
            quarantine=self.whole.quarantine.iloc[:0],
            cells=cells,
            origins=tuple(self._origins(places)),
            read=len(rows),
            folded=0,
        )

    def _origins(self, places: pd.DataFrame) -> Iterator[Origin]:
        for number in places[FILE].unique().tolist():
            lines = places[LINE][places[FILE] == number].to_numpy(dtype=np.int64)
            yield Origin(self.names[number], len(lines), LineMap(0, lines))

    def _filled(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return rows of a file with the columns that only others have."""
        kinds = self.none.dtypes
        lacking = {str(name): pd.Series(None, frame.index, kind) for name, kind in kinds.items() if name not in frame}
        return frame.assign(**lacking)[[*self.none, *PLACE]].astype(kinds.to_dict())


@dataclass(frozen=True)
class SpreadIntake:
    """Customers that are read and checked, whose rows are on a cluster.

    Args:
        layout: What holds for all.
        facts: What their rows tell together.
        blobs: Rows of each part, those of a customer all in one.
        files: The files without their rows, by name.
        source: Where they are.
        options: How they were read.
    """

    layout: SpreadLayout
    facts: RowFacts
    blobs: "DataFrame" = field(repr=False)
    files: Mapping[str, JudgedFile] = field(repr=False)
    source: SpreadSource
    options: ReadOptions

    def originals(self, cluster: Cluster, wanted: pd.DataFrame) -> pd.DataFrame:
        """Return `file, line, original` of rows `file, line`, as they stand in the files."""
        source = self.source
        files = {name: self.files[name] for name in wanted["file"].unique()}
        work = partial(_shown, files, wanted, self.options)
        tables = answers(over_files(cluster, source, work, 0))
        originals: pd.DataFrame = pd.concat(tables, ignore_index=True)
        return originals


def read_spread(cluster: Cluster, source: SpreadSource, options: ReadOptions) -> SpreadIntake | SpreadActivity:
    """Return the customers of files or of a table, or what they did in files, read by the workers.

    Raises:
        InputError: As `read_customers`, of the first file that cannot be used; or somebody in them has no id.
    """
    options = replace(options, repairs={}, lists=(), whole=False)
    count, paths = cluster.parts, source.paths if isinstance(source, SpreadFiles) else ()
    blobs = over_files(cluster, source, partial(_spread, count, len(paths), options), count)
    kept = cluster.kept(blobs.repartitionById(cluster.tasks, "part").sortWithinPartitions("part", "place"))
    cluster.session.conf.set(BATCH, ROWS)
    read: list[_ReadFile] = answers(kept.where(f"part = {count}"))
    cluster.session.conf.set(BATCH, FRAMES)
    if not read:
        raise SourceError("the table has no rows", where=str(getattr(source, "name", "")))
    files, facts = [each.file for each in read], RowFacts()
    rows, routes = kept.where(f"part < {count}"), [each.route for each in read if each.route]
    if routes:
        if len(routes) < len(read):
            raise mixed(files)
        return spread_activity(cluster, rows, routes, source, options)
    none = _every_column([each.none for each in read])
    starts = dict[int, int]()
    for each in read:
        starts[each.number] = facts.rows
        facts.join(each.facts)
    names = {each.number: each.file.source.name for each in read}
    whole = told_of_all(files, facts, none, options)
    layout = SpreadLayout(whole, none, names, starts, facts.contacts)
    by_name = dict(zip(names.values(), files, strict=True))
    return SpreadIntake(layout, facts, rows, by_name, source, options)


def _every_column(nones: list[pd.DataFrame]) -> pd.DataFrame:
    """Return no row with the columns of all files, in the order of the contract."""
    columns = {name: none[name] for none in nones for name in none}
    return pd.DataFrame({column.name: columns[column.name] for column in ALL_COLUMNS if column.name in columns})


def _spread(parts: int, in_files: int, options: ReadOptions, file: SpreadFile) -> Iterator[Blob]:
    """Yield the rows of a file, of so many, by part, and what there is to know of it."""
    check_readable(file.path, file.name)
    meter = Meter(options.limits)
    read = read_file(file.path, file.name, options, meter, progress=None, alone=in_files == 1)
    facts, at, known = RowFacts(), 0, replace(read, blocks=tuple(map(_known, read.blocks)))
    if read.normalised is not None or read.layout is not None:
        if not in_files:
            what = "a table of the catalog holds events or orders, which are read from files"
            raise SourceError(what, where=file.name, hint="Write the table as Parquet files, and give those")
        for part, piece in routed(parts, options, read, known):
            message = piece if part < parts else _ReadFile(file.number, known, facts, pd.DataFrame(), piece)
            yield answer(part, file.number, message)
        return
    if "user_id" not in read.source.columns:
        what, hint = "holds customers without ids, which a cluster cannot read yet", "Give tables with a user_id"
        raise SourceError(what, where=file.name, hint=hint, remedies=(IN_MEMORY,))
    names = frozenset(name for block in read.blocks for name in block.values)
    empty = [block.take(np.empty(0, dtype=np.int64)) for block in read.blocks[:1]]
    none = assemble_part(empty, options.timezone, names)[0] if empty else pd.DataFrame()
    for group in groups_of([read], PART_ROWS) if any(block.rows for block in read.blocks) else ():
        blocks = [block for _, block in group]
        lines = np.concatenate([block.lines.at(np.arange(block.rows)) for block in blocks])
        rows, clock = assemble_part(blocks, options.timezone, names)
        facts.add(rows, clock)
        places: dict[str, Any] = {FILE: file.number, AT: np.arange(at, at + len(rows)), LINE: lines}
        rows = rows.assign(**places)
        codes = part_of(text_column(rows, "user_id"), parts)
        for part in np.unique(codes).tolist():
            yield packed(part, (file.number << _FILE_BITS) + at, rows[codes == part])
        at += len(rows)
    yield answer(parts, file.number, _ReadFile(file.number, known, facts, none))


def _known(block: FinishedBlock) -> FinishedBlock:
    """Return a block without what takes memory; where it begins is still known."""
    lines = LineMap(0, block.lines.at(np.zeros(min(1, block.rows), dtype=np.int64)))
    first = pa.array(range(min(1, block.rejected.num_rows)), pa.int64())
    return replace(block, values={}, lines=lines, rejected=block.rejected.take(first), cells=block.cells.slice(0, 0))


def _shown(
    files: Mapping[str, JudgedFile], wanted: pd.DataFrame, options: ReadOptions, file: SpreadFile
) -> Iterator[Blob]:
    """Yield the rows of a file that are wanted, as they stand there."""
    if file.name in files:
        own = wanted[wanted["file"] == file.name]
        yield answer(0, file.number, read_originals(own, [files[file.name]], [file.path], options))
