"""The command inspect: what files are taken for and why, as text or JSON, without running anything."""

import sys
from collections.abc import Iterator
from pathlib import Path

from cli.inputs.intake import over_files
from cli.inputs.read_options import read_options
from cli.options.analyses import InspectOptions
from cli.shown.console import json_text, say
from cli.shown.files import check_there, write_at
from cli.shown.inspection import inspection_content, lines
from cli.shown.progress import progress_bar
from data_ingestion.formats.column_mapping import MEANINGS, ColumnMapping, mappings_to_yaml, one_line
from data_ingestion.formats.header import rather_data
from data_ingestion.formats.words import shown_words
from data_ingestion.inspection import FileInspection, Inspection, inspect_files
from data_ingestion.recognition.guess import NO_SALE
from outputs import check_file
from retention.errors import OptionError
from retention.wording import percent

DRAFT = """# Nobody could guess what the columns hold. The file has: {names}
# Put the header of each behind its name in quotes, and delete the lines that are left. A row is a person;
# for orders, checkouts or events write that instead of people, and add the time (time: 'header').
format: people
columns:
  customer:
  email:
  phone:
"""


def inspect_command(options: InspectOptions) -> None:
    """Print what files are taken for; write the likeliest mapping where asked.

    Raises:
        InputError: The files cannot be analysed as they are; what is known of them is printed before.
    """
    paths, target = options.files, options.write_mapping
    for path in paths:
        check_there(path, str(path))
    if target is not None:
        # Not over another mapping either: somebody may have corrected it.
        check_file("--write-mapping", target, inputs=paths)
    reading = read_options(options.reading)
    with progress_bar() as advance:
        inspection = inspect_files(paths, reading, over_files(len(paths), advance))
    say(json_text(inspection_content(inspection)) if options.shown == "json" else "\n".join(lines(inspection)))
    if target is not None:
        say(_write(inspection, target), sys.stderr)
        if all(file.error is None or file.mapping is not None for file in inspection.files):
            return
    if inspection.error is not None:
        raise inspection.error


def _write(inspection: Inspection, target: Path) -> str:
    """Write the mappings of the files, each once; return a line that says so."""
    mappings = list[ColumnMapping]()
    for file in inspection.files:
        if file.mapping is not None and file.mapping not in mappings:
            mappings.append(file.mapping)
    unclear = [file for file in inspection.files if file.error is not None and file.start is not None]
    if not mappings and unclear:
        headers = unclear[0].start.names if unclear[0].start else ()
        # What stands in the place of headers may be a customer's.
        names = "" if rather_data(headers) else ", ".join(map(one_line, headers))
        write_at("--write-mapping", target, DRAFT.format(names=names))
        return f"What the columns hold could not be guessed; {target} is a draft for a list of people, to be filled in"
    if not mappings:
        raise OptionError(
            "there is no mapping to write",
            where=f"--write-mapping {target}",
            hint="The files are of known layouts, which need none, or it is not clear what their columns hold",
        )
    text = "".join(f"# {line}\n" for file in inspection.files for line in _doubts(file)) + mappings_to_yaml(mappings)
    write_at("--write-mapping", target, text)
    return f"The mapping is in {target}. Check it, then read the files with --mapping {target}"


def _doubts(file: FileInspection) -> Iterator[str]:
    """Yield what a person should check in a guessed mapping; no cell of the file is in it."""
    if not file.guesses:
        return
    best = file.guesses[0]
    sure = ", ".join(f"{each.column} {percent(each.confidence)}" for each in best.columns)
    yield f"Guessed from one file's columns; check every line. How sure: {sure}"
    if best.unsure:
        kind = best.template.name
        yield f"{len(best.unsure)} words are not known and count as {NO_SALE[kind]} until you say otherwise:"
        yield ", ".join(shown_words(dict.fromkeys(best.unsure, 1)))
        yield f"each word is one of {', '.join(MEANINGS[kind])}"
