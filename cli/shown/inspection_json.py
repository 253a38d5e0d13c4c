"""An inspection as plain values, for programs; cells that name a person are masked."""

from typing import Any

from cli.shown.setting_names import message
from data_ingestion.formats.column_mapping import ColumnMapping
from data_ingestion.inspection import ActivityFacts, ColumnLook, FileInspection, Inspection
from data_ingestion.recognition.cell_samples import shown_header


def inspection_content(inspection: Inspection) -> dict[str, Any]:
    """Return an inspection as plain values."""
    return {
        "files": [_file(file, inspection.timezone) for file in inspection.files],
        "timezone": inspection.timezone,
        "warnings": list(inspection.warnings),
        "can_be_read": inspection.error is None,
        "error": None if inspection.error is None else message(inspection.error),
    }


def _file(file: FileInspection, timezone: str) -> dict[str, Any]:
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
        **_account(file),
        "span": None if file.span is None else [each.tz_convert(timezone).isoformat() for each in file.span],
        "content": None if file.facts is None else _facts(file.facts),
        "columns": [_column(each) for each in file.columns],
        "mapping": None if file.mapping is None else _mapping(file.mapping),
        "guesses": [{"layout": each.template.name, "confidence": each.confidence} for each in file.guesses],
        "warnings": list(file.warnings),
        "error": None if file.error is None else message(file.error),
    }


def _account(file: FileInspection) -> dict[str, Any]:
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


def _mapping(mapping: ColumnMapping) -> dict[str, Any]:
    return {"format": mapping.format, "columns": dict(mapping.columns), "words": dict(mapping.words)}
