"""What a file is read as: by a mapping, by its columns, or by a guess that is sure; anything less asks."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from data_ingestion.cells.faulty import rows_of_cells
from data_ingestion.files.peek import peek
from data_ingestion.formats import Format
from data_ingestion.formats.base import folded
from data_ingestion.formats.column_mapping import fitting, one_line
from data_ingestion.formats.header import UnknownLayout, known_columns
from data_ingestion.formats.words import counts_of, shown_words
from data_ingestion.options import ReadOptions
from data_ingestion.recognition.guess import SURE, LayoutGuess, guess_layouts, without_time
from data_ingestion.rows.judged_file import JudgedFile
from retention.customers.reasons import Reason
from retention.errors import ContractError, OptionError, Setting, SourceError, UnsureLayoutError
from retention.wording import counted, percent

UNDATED = (
    "A time is a date, such as 2025-09-24 10:30, or counts the seconds, milliseconds or microseconds since 1970; "
    "export it in one of these forms"
)
MISFITS = frozenset({Reason.UNKNOWN_EVENT, Reason.NOT_A_DATE, Reason.NOT_A_NUMBER})
MOST_MISFITS = 0.5
"""Share of rows with cells of another kind from which a file only looks like the layout that it was taken for."""


class MisfitError(UnsureLayoutError):
    """A file has the columns of a known layout, but most of its rows hold something else."""


class UndatedError(SourceError):
    """A file has the columns of a known layout, but most of its times are none."""


def asked_format(path: Path, name: str, options: ReadOptions) -> Format | None:
    """Return the format that a mapping or the options ask for; None: the columns tell."""
    if name in options.formats:
        return options.formats[name]
    if not options.mappings:
        return None
    mapping = fitting(options.mappings, peek(path, name, options).names)
    return None if mapping is None else mapping.as_format()


def check_mappings(paths: Sequence[Path], names: Sequence[str], options: ReadOptions) -> None:
    """Check that each mapping fits a file.

    Raises:
        OptionError: One fits none; names the headers that the files lack.
    """
    if not options.mappings:
        return
    named = [*zip(paths, names, strict=True), *((path, path.name) for path in options.lists if path.is_file())]
    headers = [peek(path, name, options).names for path, name in named]
    used = [fitting(options.mappings, each) for each in headers]
    for mapping in options.mappings:
        if mapping not in used and not any(mapping.fits(each) for each in headers):
            present = {folded(header) for each in headers for header in each}
            lacking = [header for header in mapping.columns.values() if folded(header) not in present]
            raise OptionError(
                f"a mapping of {mapping.format} fits none of the files",
                where=Setting.MAPPING,
                hint=f"It names headers that no file has: {', '.join(lacking)}"
                if lacking
                else "Its headers are spread over several files",
            )


def guessed(path: Path, name: str, options: ReadOptions, unknown: UnknownLayout, *, alone: bool) -> tuple[Format, str]:
    """Return what a file of unknown columns is taken for, and a warning that says so.

    Raises:
        UnsureLayoutError: The guess is not sure; says what it is.
        ContractError: There is no time. Or the columns of a customer table are nearer, and `unknown` is raised again.
    """
    start = peek(path, name, options)
    guess = next(iter(guess_layouts(start)), None)
    timeless = without_time(start) if guess is None else None
    if timeless is not None:
        raise _without_time(name, *timeless)
    if guess is None and start.broken and not start.rows and known_columns(start.names):
        what = f"no row has as many cells as the header, which has {len(start.names)}"
        hint = "The separator is also inside or after cells, as in 20,50: export it with quotes, or with semicolons"
        raise SourceError(what, where=name, hint=hint)
    if guess is None or guess.template.name == "customers":
        raise unknown
    if guess.template.name == "people" and alone:
        what = "the file is a list of people, and says nothing of carts or orders"
        hint = (
            "Give it together with the abandoned checkouts or the event log; who agreed or left is a list for audiences"
        )
        raise UnknownLayout(what, where=name, hint=hint)
    if guess.confidence < SURE or guess.unsure or guess.open_state:
        raise _unsure(name, guess)
    mapping = guess.mapping(at_least=SURE)
    warning = f"{name}: no known layout; each row was read as one {guess.template.kind}, with {mapping.told()}"
    return mapping.as_format(), warning


def check_content(options: ReadOptions, file: JudgedFile) -> None:
    """Check that a file that was recognised by its columns also holds what such a file holds.

    Raises:
        MisfitError: Most of its rows hold cells of another kind.
        UndatedError: So they do, and most of these cells should be times.
    """
    chosen = file.source.name in options.formats or file.source.mapped
    if chosen or file.normalised is None:
        return
    faulty = pa.concat_tables([file.rejected, rows_of_cells(file.cells)[1]])
    reasons = counts_of(faulty.column("reason").combine_chunks())
    misfits = {reason: rows for reason, rows in reasons.items() if reason in MISFITS}
    count = sum(misfits.values())
    if count > MOST_MISFITS * file.source.rows_read:
        parts = ", ".join(f"{rows:,} {reason.replace('_', ' ')}" for reason, rows in misfits.items())
        what = (
            f"the file has the columns of the layout '{file.source.layout}', but {count:,} of its "
            f"{counted(file.source.rows_read, 'row', 'does', 'do')} not fit it: {parts}"
        )
        if max(misfits, key=misfits.__getitem__) == Reason.NOT_A_DATE:
            raise UndatedError(what, where=file.source.name, hint=UNDATED)
        raise MisfitError(what, name=file.source.name)


def _unsure(name: str, guess: LayoutGuess) -> UnsureLayoutError:
    columns = ", ".join(
        f"{each.column} = '{one_line(each.header)}' ({percent(each.confidence)})" for each in guess.columns
    )
    shown = ", ".join(shown_words(dict.fromkeys(guess.unsure, 1)))
    count = counted(len(guess.unsure), "unknown word")
    words = f"; {count} for what happened: {shown}" if guess.unsure else ""
    return UnsureLayoutError(
        f"the file has no known layout; a row may be one {guess.template.kind}, with {columns}{words}", name=name
    )


def _without_time(name: str, template: Format, header: str) -> ContractError:
    if header:
        what = f"the file looks like an {template.title}, but the cells of '{one_line(header)}' are not times"
        return ContractError(what, where=name, hint=UNDATED)
    return ContractError(
        f"the file looks like an {template.title}, but no column says when each {template.kind} was",
        where=name,
        hint=f"Add the time of each {template.kind}, such as '{template.kind}_date': without it nobody can tell what "
        "came before an abandonment and what after it",
    )
