"""Files -> what they are taken for and why, before anything is analysed; a file that cannot be read says so."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from data_ingestion.files.byte_source import Meter
from data_ingestion.files.peek import Peek, peek
from data_ingestion.files.table import distinct_names
from data_ingestion.formats import BY_NAME, Format
from data_ingestion.formats.base import folded
from data_ingestion.formats.column_mapping import TEMPLATES, ColumnMapping, fitting, needed
from data_ingestion.formats.header import best_format, recognise
from data_ingestion.options import ReadOptions
from data_ingestion.reading import Progress, read_file
from data_ingestion.recognition.cell_samples import samples
from data_ingestion.recognition.choice import MisfitError, UndatedError, check_mappings
from data_ingestion.recognition.guess import LayoutGuess, guess_layouts
from data_ingestion.rows.account import make_intake
from data_ingestion.rows.intake import Intake, SourceFile
from data_ingestion.rows.judged_file import JudgedFile
from retention.activity.activity import NONE, Activity, Event
from retention.errors import InputError

How = Literal["mapping", "columns", "guess", "unknown"]


@dataclass(frozen=True)
class ColumnLook:
    """One header of a file.

    Args:
        column: What it is read as; `""`: it is not read.
        confidence: How sure that is, from 0 to 1.
        samples: Up to three of its cells; what names a person is masked.
    """

    header: str
    column: str
    confidence: float
    samples: tuple[str, ...]


@dataclass(frozen=True)
class ActivityFacts:
    """What the accepted rows of a file say.

    Args:
        events: Name of an event, in lower case -> how many entries.
        cleaned: Money of the orders; None: no row says any.
        gross: Money of all order lines, the rejected ones included; None: the rows are no order lines.
        named: Customers whom the rows name, the rejected ones included; None: it is not counted.
    """

    customers: int
    events: Mapping[str, int]
    orders: int
    cleaned: float | None
    gross: float | None
    named: int | None


@dataclass(frozen=True)
class FileInspection:
    """What is known of one file; an empty text or None is what is not known, and an error why it cannot be used.

    The span is of what was accepted: of activity in UTC, of customers in the shop's zone.
    """

    name: str
    how: How = "unknown"
    layout: str = ""
    title: str = ""
    confidence: float = 0.0
    start: Peek | None = field(default=None, repr=False)
    columns: tuple[ColumnLook, ...] = ()
    mapping: ColumnMapping | None = None
    guesses: tuple[LayoutGuess, ...] = ()
    source: SourceFile | None = None
    reasons: Mapping[str, int] = field(default_factory=dict)
    span: tuple[pd.Timestamp, pd.Timestamp] | None = None
    facts: ActivityFacts | None = None
    warnings: tuple[str, ...] = ()
    error: InputError | None = None


@dataclass(frozen=True)
class Inspection:
    """What is known of the files of one analysis; an error says why they cannot be analysed."""

    files: tuple[FileInspection, ...]
    timezone: str
    warnings: tuple[str, ...]
    error: InputError | None


def inspect_files(
    paths: Sequence[Path], options: ReadOptions | None = None, progress: Progress | None = None
) -> Inspection:
    """Return what files are taken for, with samples, problems and an account of their rows."""
    options = options or ReadOptions()
    names = distinct_names(paths)
    meter, looks, judged = Meter(options.limits), list[FileInspection](), list[JudgedFile]()
    for path, name in zip(paths, names, strict=True):
        read = partial(read_file, path, name, options, meter, progress=progress, alone=len(paths) == 1)
        look, file = _inspect(path, name, options, read)
        looks.append(look)
        judged += [] if file is None else [file]
    error = next((look.error for look in looks if look.error), None)
    warnings: tuple[str, ...] = ()
    if error is None:
        try:
            check_mappings(paths, names, options)
            own = {warning for look in looks for warning in look.warnings}
            together = make_intake(judged, options).warnings
            warnings = (*(each for each in together if each not in own), *_without_carts(looks))
        except InputError as problem:
            error = problem
    return Inspection(tuple(looks), options.timezone, warnings, error)


def _without_carts(looks: Sequence[FileInspection]) -> tuple[str, ...]:
    """Return a warning where the files tell of purchases and of no cart, so that nobody can have left one."""
    facts = [look.facts for look in looks]
    if any(fact is None or {"cart", "checkout"} & set(fact.events) for fact in facts):
        return ()
    return ("none of these files has carts or checkouts; add one that does, to find abandoned carts",)


def _inspect(
    path: Path, name: str, options: ReadOptions, read: Callable[[], JudgedFile]
) -> tuple[FileInspection, JudgedFile | None]:
    """Return what is known of a file, and the file as it was read."""
    try:
        start = peek(path, name, options)
    except InputError as error:
        return FileInspection(name, error=error), None
    look = _recognised(name, start, options)
    try:
        file = read()
    except (MisfitError, UndatedError) as error:
        # Its headers promise a layout that its cells do not keep, so a mapping may read it.
        return replace(look, mapping=look.mapping or _alike(look), error=error), None
    except InputError as error:
        return replace(look, error=error), None
    look = _with_account(look, file)
    try:
        intake = make_intake([file.spare()], options)
    except InputError as error:
        return replace(look, error=error), None
    facts = None if intake.activity is None else _facts(intake.activity, file)
    return replace(look, span=_span(intake, file), facts=facts, warnings=intake.warnings), file


def _recognised(name: str, start: Peek, options: ReadOptions) -> FileInspection:
    """Return what a file's headers and first cells tell."""
    mapping = fitting(options.mappings, start.names)
    if mapping is not None:
        return _look(name, start, "mapping", mapping.as_format(), mapping)
    known = options.formats.get(name) or best_format(start.names)
    if known is not None:
        return _look(name, start, "columns", known, _own_mapping(known, start))
    guesses = guess_layouts(start)
    if not guesses:
        return FileInspection(name, start=start, columns=_columns(start, {}))
    best = guesses[0]
    sure = {each.header: (each.column, each.confidence) for each in best.columns}
    return FileInspection(
        name,
        how="guess",
        layout=best.template.name,
        title=best.template.title,
        confidence=best.confidence,
        start=start,
        columns=_columns(start, sure),
        mapping=best.mapping(),
        guesses=guesses,
    )


def _look(name: str, start: Peek, how: How, layout: Format, mapping: ColumnMapping | None) -> FileInspection:
    try:
        header = recognise(start.names, name, layout)
    except InputError:
        # The reading says what is wrong with the header.
        read: dict[str, tuple[str, float]] = {}
    else:
        read = {start.names[place]: (column.name, 1.0) for place, column in header.found}
    columns = _columns(start, read)
    return FileInspection(name, how, layout.name, layout.title, 1.0, start=start, columns=columns, mapping=mapping)


def _own_mapping(known: Format, start: Peek) -> ColumnMapping | None:
    """Return a customer table's mapping of its own headers; vendors' layouts need none."""
    if known.name not in TEMPLATES:
        return None
    headers = {folded(header): header for header in start.names}
    columns = {each.column: headers[each.column] for each in known.fields if each.column in headers}
    return None if needed(known.name, columns) else ColumnMapping(known.name, columns)


def _alike(look: FileInspection) -> ColumnMapping | None:
    """Return the mapping that reads the columns of a vendor's layout as a file of no known layout."""
    kind = BY_NAME[look.layout].kind.removesuffix(" line")
    for name, template in TEMPLATES.items():
        known = {field.column for field in template.fields}
        columns = {each.column: each.header for each in look.columns if each.column in known}
        if template.kind == kind and not needed(name, columns):
            return ColumnMapping(name, columns)
    return None


def _columns(start: Peek, read: Mapping[str, tuple[str, float]]) -> tuple[ColumnLook, ...]:
    looks = []
    for place, header in enumerate(start.names):
        column, confidence = read.get(header, ("", 0.0))
        cells = start.cells.get(place)
        looks.append(ColumnLook(header, column, confidence, () if cells is None else samples(header, column, cells)))
    return tuple(looks)


def _with_account(look: FileInspection, file: JudgedFile) -> FileInspection:
    """Return what is known of a file, with where its rows went."""
    reasons = Counter(file.rejected.column("reason").to_pylist())
    layout = file.source.layout
    title = BY_NAME[layout].title if layout in BY_NAME else look.title
    # A guess that was sure leaves out what it is not sure of.
    read = file.source.columns
    columns = tuple(one if one.column in read else replace(one, column="", confidence=0.0) for one in look.columns)
    settled = replace(look, source=file.source, layout=layout, title=title, columns=columns)
    return replace(settled, reasons=dict(reasons), warnings=file.warnings)


def _span(intake: Intake, file: JudgedFile) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    if file.normalised is None:
        times = intake.rows["cart_abandoned_date"]
    else:
        times = pd.to_datetime(file.normalised.entries["time"], unit="us", utc=True)
    return (times.min(), times.max()) if len(times) else None


def _facts(activity: Activity, file: JudgedFile) -> ActivityFacts:
    counts = np.bincount(activity.event, minlength=len(Event))
    bought = activity.event == Event.PURCHASE
    orders, money = activity.order[bought], activity.value[bought]
    return ActivityFacts(
        customers=len(activity.people),
        events={event.name.lower(): int(counts[event]) for event in Event if counts[event]},
        orders=len(np.unique(orders[orders != NONE])) + int((orders == NONE).sum()),
        cleaned=None if np.isnan(money).all() else float(np.nansum(money)),
        gross=None if file.normalised is None else file.normalised.gross,
        named=None if file.normalised is None else file.normalised.named,
    )
