"""An inspection as text for a terminal, and as plain values for programs; cells that name a person are masked."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from cli.shown.console import listed, quarantined_words, table_text
from cli.shown.setting_names import message
from data_ingestion import SourceFile
from data_ingestion.files.peek import Peek
from data_ingestion.inspection import ActivityFacts, ColumnLook, FileInspection, Inspection
from data_ingestion.recognition.cell_samples import shown_header
from retention.wording import counted, percent

HOW = {
    "mapping": "by the mapping",
    "columns": "recognised by its columns",
    "guess": "guessed from its columns and cells",
    "unknown": "not recognised",
}
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}


def lines(inspection: Inspection) -> Iterator[str]:
    """Yield an inspection as text."""
    for file in inspection.files:
        yield from _file_lines(file, inspection.timezone)
        yield ""
    yield from listed("Together", inspection.warnings, apart=False)
    yield ("These files can be read." if inspection.error is None else "These files cannot be read as they are.")


def _file_lines(file: FileInspection, timezone: str) -> Iterator[str]:
    yield f"{file.name}: {file.title or 'no known layout'}, {HOW[file.how]} (confidence {percent(file.confidence)})"
    if file.start is not None:
        yield f"  File: {_written(file.start)}"
    if file.source is not None:
        yield f"  Rows: {_account(file.source, file.reasons)}"
        yield f"  Dates: {_dates(file, file.source, timezone)}; decimal {file.source.decimal}"
        yield from (f"  Noticed: {counted(count, 'row')}: {name}" for name, count in file.source.noticed.items())
    if file.facts is not None:
        yield f"  Content: {_content(file.facts)}"
    if file.columns:
        yield _table(file)
    if len(file.guesses) > 1:
        others = ", ".join(f"{each.template.title} ({percent(each.confidence)})" for each in file.guesses[1:])
        yield f"  It may also be: {others}"
    yield from listed("  Please note", file.warnings, apart=False)
    if file.error is not None:
        yield f"  Problem: {message(file.error)}"


def _written(start: Peek) -> str:
    parts = [start.kind, start.encoding]
    if start.delimiter:
        parts.append(f"separated by {DELIMITERS.get(start.delimiter, start.delimiter)}")
    return ", ".join(part for part in parts if part) + f", {counted(len(start.names), 'column')}"


def _account(source: SourceFile, reasons: Mapping[str, int]) -> str:
    ranked = dict(sorted(reasons.items(), key=lambda each: -each[1]))
    accepted, quarantined = source.rows_read - source.rows_quarantined, source.rows_quarantined
    return f"{source.rows_read:,} read = {accepted:,} accepted + {quarantined_words(quarantined, ranked)}"


def _dates(file: FileInspection, source: SourceFile, timezone: str) -> str:
    span = "" if file.span is None else f", from {_moment(file.span[0], timezone)} to {_moment(file.span[1], timezone)}"
    return f"order {source.date_order}{span}; times without a zone are of {timezone}"


def _moment(time: pd.Timestamp, timezone: str) -> str:
    return time.tz_convert(timezone).strftime("%Y-%m-%d %H:%M")


def _content(facts: ActivityFacts) -> str:
    events = ", ".join(f"{count:,} {name}" for name, count in facts.events.items())
    gross = "" if facts.gross is None else f", {facts.gross:,.2f} before rows were set aside"
    money = "unknown money" if facts.cleaned is None else f"{facts.cleaned:,.2f}"
    orders = f"; {counted(facts.orders, 'order')} of {money}{gross}" if facts.orders else ""
    # Some customers have nothing but rows that are set aside.
    more = facts.named is not None and facts.named > facts.customers
    named = f" of {facts.named:,} named in its rows" if more else ""
    return f"{counted(facts.customers, 'customer')}{named}; entries: {events or 'none'}{orders}"


def _table(file: FileInspection) -> str:
    rows = [
        (
            shown_header(look.header),
            look.column or "-",
            percent(look.confidence) if look.column else "",
            " | ".join(look.samples),
        )
        for look in file.columns
    ]
    names = ("Header", "Read as", "Sure", "Samples")
    return "\n".join(f"  {line.rstrip()}" for line in table_text(names, rows, left=names).splitlines())


def inspection_content(inspection: Inspection) -> dict[str, Any]:
    """Return an inspection as plain values."""
    return {
        "files": [_file_content(file, inspection.timezone) for file in inspection.files],
        "timezone": inspection.timezone,
        "warnings": list(inspection.warnings),
        "can_be_read": inspection.error is None,
        "error": None if inspection.error is None else message(inspection.error),
    }


def _file_content(file: FileInspection, timezone: str) -> dict[str, Any]:
    start = file.start
    return {
        "name": file.name,
        "layout": file.layout or None,
        "title": file.title or None,
        "recognised": file.how,
        "confidence": file.confidence,
        "format": None if start is None else start.kind,
        "encoding": None if start is None else start.encoding or None,
        "delimiter": None if start is None else start.delimiter or None,
        **_account_content(file),
        "span": None if file.span is None else [each.tz_convert(timezone).isoformat() for each in file.span],
        "content": None if file.facts is None else _facts(file.facts),
        "columns": [_column(each) for each in file.columns],
        "mapping": None if file.mapping is None else asdict(file.mapping),
        "guesses": [{"layout": each.template.name, "confidence": each.confidence} for each in file.guesses],
        "warnings": list(file.warnings),
        "error": None if file.error is None else message(file.error),
    }


def _account_content(file: FileInspection) -> dict[str, Any]:
    source = file.source
    if source is None:
        return {"rows": None, "date_order": None, "decimal": None, "noticed": {}}
    rows = {
        "read": source.rows_read,
        "accepted": source.rows_read - source.rows_quarantined,
        "quarantined": source.rows_quarantined,
        "reasons": dict(sorted(file.reasons.items())),
    }
    return {
        "rows": rows,
        "date_order": source.date_order,
        "decimal": source.decimal,
        "noticed": dict(source.noticed),
    }


def _facts(facts: ActivityFacts) -> dict[str, Any]:
    return {
        "customers": facts.customers,
        "entries": dict(facts.events),
        "orders": facts.orders,
        "money": None if facts.cleaned is None else round(facts.cleaned, 2),
        "gross": None if facts.gross is None else round(facts.gross, 2),
        "customers_named": facts.named,
    }


def _column(column: ColumnLook) -> dict[str, Any]:
    return {
        "header": shown_header(column.header),
        "read_as": column.column or None,
        "confidence": column.confidence,
        "samples": list(column.samples),
    }
