"""Typed blocks of a file -> which of its rows are accepted, and an account of them that must balance."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.currencies import header_unit
from data_ingestion.cells.date_order import decide_order, units_of_numbers
from data_ingestion.cells.date_words import PIVOT
from data_ingestion.cells.dates import BUDDHIST, Micros
from data_ingestion.cells.decimal_sign import decide_decimal
from data_ingestion.cells.faulty import cells_after, cells_of_kept, rows_of_cells, set_aside
from data_ingestion.cells.header_zone import HeaderZone, header_zone, only_days
from data_ingestion.cells.rounded_ids import rounded_words
from data_ingestion.cells.typed_blocks import FinishedBlock, Settled, TypedBlock, finish_block
from data_ingestion.files.blocks import Table
from data_ingestion.formats import Format, Normalised, Records
from data_ingestion.formats.base import KEYS, judged, nobody
from data_ingestion.formats.column_mapping import one_line
from data_ingestion.formats.header import Header
from data_ingestion.formats.identifiers import known
from data_ingestion.formats.record_columns import AMOUNTS
from data_ingestion.formats.words import shown_words
from data_ingestion.options import ReadOptions
from data_ingestion.rows.assembly import assemble_part, time_warnings
from data_ingestion.rows.intake import Origin, SourceFile, locate
from retention.activity.activity import Event
from retention.customers.contracts import DERIVED
from retention.customers.keys import Contacts
from retention.customers.normalise import text_column
from retention.customers.reach import CONSENT
from retention.errors import InvariantError, SourceError, ensure
from retention.wording import counted

_ZONES = re.compile(r"(?i)(time|tijd|zeit)[ _-]?zone?([ _-](id|name))?|tz|fuseau horaire|zona horaria|fuso h?or[aá]rio")


@dataclass(frozen=True)
class JudgedFile:
    """One file after judging.

    Args:
        source: What it is.
        blocks: Its accepted rows, before those that its format rejects.
        rejected: Its rejected rows: `line, column, value, reason, faults, suggestion`, by line.
        warnings: What a person should know.
        headers: Its headers as they stand there.
        cells: `CELL_SCHEMA`: cells of its accepted rows that are missing because they cannot be read.
        normalised: What its rows say about customers; None: they are customers.
        layout: The format that has yet to judge its rows, customer by customer; None: all is judged.
    """

    source: SourceFile
    blocks: tuple[FinishedBlock, ...]
    rejected: pa.Table
    warnings: tuple[str, ...]
    headers: tuple[str, ...]
    cells: pa.Table
    normalised: Normalised | None = field(default=None, repr=False)
    layout: Format | None = field(default=None, repr=False)

    def spare(self) -> "JudgedFile":
        """Return the file with blocks of its own, whose values may be used up."""
        return replace(self, blocks=tuple(replace(block, values=dict(block.values)) for block in self.blocks))

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where the rows of the blocks stand."""
        return tuple(Origin(self.source.name, block.rows, block.lines) for block in self.blocks)


def judge(table: Table, blocks: Sequence[TypedBlock], options: ReadOptions) -> JudgedFile:
    """Settle a file's date order and decimal sign, and with them which rows are accepted.

    Args:
        table: The file, its parts used up.
        blocks: Its typed blocks, in order.
        options: The shop's zone, and what a person says about dates and numbers.

    Raises:
        SourceError: It has no rows, or its date order or its decimal sign cannot be told.
    """
    name, header = table.name, table.header
    records = sum(block.rows + len(block.broken) for block in blocks)
    if not records:
        raise SourceError(
            "the file has no rows, only a header", where=name, hint="Check the dates and filters of the export"
        )
    # Both are decided over the whole file: 03/04 or 1,234 in one row can be read both ways, and another row may tell.
    order = decide_order(blocks, options.date_order, name)
    numbers = decide_decimal(blocks, options.decimal, name)
    settled = Settled(order, numbers.decimal, numbers.mixed, units_of_numbers(blocks), _nobody(blocks))
    finished = tuple(options.keep(finish_block(block, settled)) for block in blocks)
    if header.format.normalise is None and "user_id" not in blocks[0].values:
        finished = tuple(_named(block, name, options.country) for block in finished)
    rejected = pa.concat_tables([block.rejected for block in finished])
    ensure(records == rejected.num_rows + sum(block.rows for block in finished), "read = accepted + quarantined")
    source = SourceFile(
        name=name,
        sha256=table.sha256(),
        rows_read=records,
        rows_quarantined=rejected.num_rows,
        format=table.kind,
        encoding=table.encoding,
        delimiter=table.delimiter,
        date_order=order,
        decimal=numbers.decimal,
        columns=tuple(column.name for _, column in header.found),
        ignored=header.ignored,
        layout=header.format.name,
        mapped=header.format.mapped,
    )
    warnings = (*table.warnings, *_reserved(header.ignored, name), *filter(None, [numbers.warning]))
    warnings = (*warnings, *_nothing(finished, name), *_years(blocks, name), *_rounded(blocks, name))
    finished, notes = _as_headers_say(finished, header, name, options.timezone)
    _check_consent(finished, name)
    file = JudgedFile(source, finished, rejected, (*warnings, *notes), header.names, cells_of_blocks(finished))
    if header.format.normalise is None:
        return replace(file, warnings=(*file.warnings, *unread(file)))
    file = replace(file, layout=header.format)
    return file if not options.whole and header.format.by_customer(source.columns) else with_records(file, options)


def with_records(file: JudgedFile, options: ReadOptions) -> JudgedFile:
    """Return a file with what its format makes of all of its rows."""
    file, clock, notes = judged_records(file, options)
    file = replace(file, warnings=(*file.warnings, *time_warnings(clock, options.timezone), *notes))
    return replace(file, warnings=(*file.warnings, *unread(file)))


def judged_records(
    file: JudgedFile, options: ReadOptions, contacts: Contacts | None = None
) -> tuple[JudgedFile, tuple[int, int], tuple[str, ...]]:
    """Return a file with what its format makes of its rows, what the clock did, and what a person should know.

    Args:
        file: It, or the rows of some of its customers, whose format has yet to judge them.
        options: How it was read.
        contacts: As `known` takes it.
    """
    layout = file.layout
    if layout is None or layout.normalise is None:
        raise InvariantError("broken identity: a format judges the rows")
    names = frozenset(name for block in file.blocks for name in block.values)
    rows, clock = assemble_part([_in_utc(block, layout) for block in file.blocks], options.timezone, names)
    named, key_warnings = known(Records(rows, file.source.name), options.country, contacts)
    records = replace(layout.normalise(named), days_only=days_only(file))
    ensure(len(records.verdict.keep) == len(rows), "every record is judged")
    undecided = _undecided(file, records)
    if undecided.num_rows:
        # The rows around them, such as other lines of the order, may mean something else now, so all are judged anew.
        return judged_records(_without(file, undecided), options, contacts)
    out = records.verdict.rejected
    at = locate(file.origins, out["position"].to_numpy())["line"].to_numpy()
    late = set_aside(at, column=out["column"], reason=out["reason"])
    source = replace(
        file.source,
        rows_quarantined=file.source.rows_quarantined + late.num_rows,
        layout=records.layout or file.source.layout,
        noticed={name: count for name, count in records.counts.items() if count},
    )
    rejected = pa.concat_tables([file.rejected, late]).sort_by("line")
    cells = cells_of_kept(file.cells, records.verdict.keep)
    file = replace(file, source=source, rejected=rejected, normalised=records, cells=cells, layout=None)
    return file, clock, (*key_warnings, *records.warnings)


def days_only(file: JudgedFile) -> bool:
    """Return whether the times of a file are days."""
    return only_days(_times(file.blocks, "time"))


def _undecided(file: JudgedFile, records: Normalised) -> pa.Table:
    """Return the amounts that cannot be read and decide: those of purchases, and of rows that are set aside anyway.

    A price or a subtotal decides where nothing else tells the money of a purchase, and a quantity beside a price.
    """
    cells = file.cells.filter(pc.is_in(file.cells["column"], pa.array(sorted(AMOUNTS), pa.large_string())))
    if not cells.num_rows:
        return cells
    bought, unknown = (np.zeros(len(records.verdict.keep), dtype=np.bool_) for _ in range(2))
    purchases = records.entries[records.entries["event"] == Event.PURCHASE]
    bought[purchases["row"]] = True
    unknown[purchases["row"][purchases["value"].isna()]] = True
    at, columns = cells["position"].to_numpy(), cells["column"].to_numpy()
    # Without a price to multiply, a quantity says nothing of money.
    multiplied = columns == "quantity" if "price" in file.source.columns else np.zeros(len(at), dtype=np.bool_)
    decides = np.isin(columns, ("total", "refunded")) | multiplied | (unknown[at] & (columns != "quantity"))
    return cells.filter(pa.array(~records.verdict.keep[at] | (bought[at] & decides)))


def _without(file: JudgedFile, cells: pa.Table) -> JudgedFile:
    """Return a file without the accepted rows of some cells."""
    bad, rejected = rows_of_cells(cells)
    starts = np.cumsum([0, *(block.rows for block in file.blocks)])
    cuts = np.searchsorted(bad, starts)
    blocks = tuple(
        block.without(bad[first:last] - start, rejected.slice(first, last - first))
        for block, start, first, last in zip(file.blocks, starts, cuts, cuts[1:], strict=False)
    )
    source = replace(file.source, rows_quarantined=file.source.rows_quarantined + len(bad))
    table = pa.concat_tables([block.rejected for block in blocks])
    return replace(file, source=source, blocks=blocks, rejected=table, cells=cells_of_blocks(blocks))


def _named(block: FinishedBlock, name: str, region: str) -> FinishedBlock:
    """Return a block of customers without ids that has only those with an address or a number."""
    cells = {each: block.values.get(each) for each in (*KEYS, "country")}
    texts = {each: pd.array(text, dtype="str") for each, text in cells.items() if isinstance(text, pa.Array)}
    records, _ = known(Records(pd.DataFrame(texts), name), region)
    if "phone" in texts:
        block = replace(block, values={**block.values, "phone": text_column(records.frame, "phone")})
    rejected = judged(block.rows, *nobody(records)).rejected
    bad = rejected["position"].to_numpy()
    table = set_aside(block.lines.at(bad), column=rejected["column"], reason=rejected["reason"])
    return block.without(bad, table)


def _nobody(blocks: Sequence[TypedBlock]) -> frozenset[str]:
    """Return the words for nothing that are user ids of several rows."""
    rows = sum((Counter(block.nobodies) for block in blocks), Counter[str]())
    # One such word may be somebody's name; several rows of it would make one customer of many.
    return frozenset(word for word, count in rows.items() if count > 1)


def _nothing(blocks: Sequence[FinishedBlock], name: str) -> tuple[str, ...]:
    """Return a notice of the cells that are missing because of what they hold, by column."""
    counts = sum((Counter(block.nothing) for block in blocks), Counter[str]())
    cells = ", ".join(f"{count:,} of {column}" for column, count in counts.items())
    return (f"{name}: cells that say nothing, such as NULL or 1970-01-01, count as missing: {cells}",) if cells else ()


def cells_of_blocks(blocks: Sequence[FinishedBlock]) -> pa.Table:
    """Return the cells of the accepted rows of all blocks that cannot be read."""
    starts = np.cumsum([0, *(block.rows for block in blocks)])
    return pa.concat_tables([cells_after(block.cells, start) for block, start in zip(blocks, starts, strict=False)])


def unread(file: JudgedFile) -> tuple[str, ...]:
    """Return a notice of the cells that are missing because they cannot be read, by column and reason."""
    cells, lost = file.cells, ", and costs its row only where the policy splits on its column"
    pairs = Counter(zip(cells["column"].to_pylist(), cells["reason"].to_pylist(), strict=True))
    counts = ", ".join(f"{count:,} of {column} ({reason})" for (column, reason), count in pairs.items())
    how = f"each counts as missing (a consent as not given){'' if file.normalised else lost}"
    return (f"{file.source.name}: {counted(cells.num_rows, 'cell')} cannot be read: {counts}; {how}",) if counts else ()


def _check_consent(blocks: Sequence[FinishedBlock], name: str) -> None:
    """Refuse a file none of whose answers about consent is understood."""
    cells = pa.concat_tables([block.cells for block in blocks])
    words = Counter(cells.filter(pc.equal(cells["column"], CONSENT))["value"].to_pylist())
    answers = [block.values.get(CONSENT) for block in blocks]
    count = sum(len(each) - each.null_count for each in answers if isinstance(each, pa.Array))
    # One alone may be a slip; if none of several is understood, the column means something else.
    if 1 < words.total() == count:
        raise SourceError(
            f"none of the {count:,} answers about consent to e-mail is understood: {', '.join(shown_words(words))}",
            where=f"{name}, column '{CONSENT}'",
            hint="Write yes or no, or leave the column out if it is about something else",
        )


def _years(blocks: Sequence[TypedBlock], name: str) -> Iterator[str]:
    """Yield a notice of the dates whose year has two digits, and of those with a year of the calendar of Thailand."""
    dates = [cells for block in blocks for cells in block.dates()]
    if count := sum(cells.short for cells in dates):
        read = f"{PIVOT} to 99 are read as 19{PIVOT} to 1999, others as 2000 to 20{PIVOT - 1}"
        yield f"{name}: {counted(count, 'date', 'has', 'have')} a year of two digits; years {read}"
    if count := sum(cells.buddhist for cells in dates):
        years = f"{counted(count, 'date', 'has', 'have')} a year of the Buddhist era"
        yield f"{name}: {years}; {BUDDHIST} are taken off, so that 2568 is 2025"


def _rounded(blocks: Sequence[TypedBlock], name: str) -> tuple[str, ...]:
    """Return a warning for each column of identifiers that a spreadsheet rounded."""
    columns = dict.fromkeys(column for block in blocks for column in block.rounded)
    joined = {column: sum((block.rounded.get(column, Counter()) for block in blocks), Counter()) for column in columns}
    return tuple(rounded_words(name, column, ids) for column, ids in joined.items())


def _as_headers_say(
    blocks: tuple[FinishedBlock, ...], header: Header, name: str, timezone: str
) -> tuple[tuple[FinishedBlock, ...], tuple[str, ...]]:
    """Return blocks with times in the zone and money in the unit that a header names, and notices of it."""
    warnings = list[str]()
    for place, column in header.found:
        unit, *scale = header_unit(header.names[place]) if column.unit == "money" else ("", 1, 1)
        if unit:
            blocks = tuple(_scaled(block, column.name, *scale) for block in blocks)
            warnings.append(
                f"{name}: amounts of '{one_line(header.names[place])}' are read as {unit}, as the header says"
            )
        stated = header_zone(header.names[place]) if column.kind == "time" else HeaderZone()
        if column.name == "time" and not stated.name:
            stated = next((header_zone(header.names[at]) for at, each in header.found if each.name == "clock"), stated)
        # A day is the same day in any zone.
        if not stated.name or stated.name == timezone or only_days(_times(blocks, column.name)):
            continue
        how = f"are read in {stated.name}, as the header says"
        if stated.known:
            blocks = tuple(_moved(block, column.name, stated) for block in blocks)
        else:
            how = f"are read in {timezone}; the header says {stated.name}, which may be several zones: if it is another"
            how += " than the shop's, write one of its cities there, such as (Europe/Berlin)"
        warnings.append(f"{name}: times of '{one_line(header.names[place])}' {how}")
    own = next(filter(_ZONES.fullmatch, header.ignored), "")
    if own and any(column.kind == "time" for _, column in header.found):
        notice = f"time zones of rows in '{one_line(own)}' are not read; times without an offset are read in {timezone}"
        warnings.append(f"{name}: {notice}, or in the zone of their header")
    return blocks, tuple(warnings)


def _scaled(block: FinishedBlock, column: str, times: int, by: int) -> FinishedBlock:
    return replace(block, values={**block.values, column: np.asarray(block.values[column]) * times / by})


def _times(blocks: Sequence[FinishedBlock], column: str) -> list[tuple[Micros, NDArray[np.bool_] | None]]:
    parts = [block.values.get(column) for block in blocks]
    return [part for part in parts if isinstance(part, tuple)]


def _moved(block: FinishedBlock, column: str, stated: HeaderZone) -> FinishedBlock:
    times = block.values[column]
    return replace(block, values={**block.values, column: stated.in_utc(*times)}) if isinstance(times, tuple) else block


def _in_utc(block: FinishedBlock, layout: Format) -> FinishedBlock:
    """Return a block whose times without an offset are UTC where its format says so."""
    settled = dict(block.values)
    for field_ in layout.fields:
        values = settled.get(field_.column)
        if field_.utc and isinstance(values, tuple):
            settled[field_.column] = (values[0], np.ones(block.rows, dtype=np.bool_))
    return replace(block, values=settled)


def quarantine_of(files: Sequence[JudgedFile]) -> pd.DataFrame:
    """Return the rejected rows of several files, as `Intake` has them."""
    rows = _framed(files, [file.rejected for file in files])
    return rows.assign(original=pd.array([""], dtype="str").repeat(len(rows)))


def cells_of(files: Sequence[JudgedFile]) -> pd.DataFrame:
    """Return the cells that cannot be read of several files, as `Intake` has them."""
    starts = np.cumsum([0, *(sum(block.rows for block in file.blocks) for file in files)])
    return _framed(files, [cells_after(file.cells, start) for file, start in zip(files, starts, strict=False)])


def _framed(files: Sequence[JudgedFile], tables: Sequence[pa.Table]) -> pd.DataFrame:
    """Return one table of each file's, with the names of the files."""
    named = []
    for file, table in zip(files, tables, strict=True):
        names = pa.repeat(pa.scalar(file.source.name, pa.large_string()), table.num_rows)
        named.append(table.add_column(0, "file", names))
    # A column in as many pieces as the file had blocks would go into every part in as many.
    frame: pd.DataFrame = pa.concat_tables(named).combine_chunks().to_pandas()
    return frame


def _reserved(ignored: Sequence[str], name: str) -> tuple[str, ...]:
    """Return a warning if the file brings columns that the analysis computes itself."""
    computed = {column.name for column in DERIVED}
    brought = [column for column in ignored if column.casefold() in computed]
    return (f"{name}: ignored {', '.join(brought)}, which the analysis computes itself",) if brought else ()
