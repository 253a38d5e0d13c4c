"""What was read, in short, before anything is analysed: what happened, from when to when, and what is missing."""

from collections.abc import Hashable
from datetime import date, timedelta
from functools import partial

from data_ingestion import IntakeSummary, ReadOptions, SourceFile, intake_summary
from data_ingestion.formats import BY_NAME
from data_ingestion.formats.column_mapping import TEMPLATES
from frontend.state import Upload
from frontend.utils import format as fmt, pieces, runs
from frontend.utils.store import Store, key_of
from retention.activity.activity import Event
from retention.activity.features import FeatureRules
from retention.period import Window
from workers import job

EVENTS = {
    Event.VIEW: "view",
    Event.CART: "cart item",
    Event.REMOVE: "removed item",
    Event.CHECKOUT: "checkout",
    Event.PURCHASE: "purchase line",
}

SUMMARIES = Store[IntakeSummary](entries=64)


def summary(source: Upload, rules: FeatureRules) -> IntakeSummary:
    """Return what the rows of an upload or a query tell, before anything is analysed."""
    key = key_of(source.intake.input_hash, *reading_key(source.options), rules)
    work = partial(job.silently, partial(intake_summary, source.intake, source.options.timezone, rules))
    return SUMMARIES.get(key, lambda: runs.apart(key, work, source.intake.accepted, pieces.stoppable()))


def sentence(summary: IntakeSummary) -> str:
    """Return what the rows of an intake tell in words."""
    span = fmt.days(summary.first, summary.last) if summary.first and summary.last else ""
    counts = [fmt.counted(number, EVENTS[event]) for event, number in summary.events.items()]
    return ", ".join([fmt.counted(summary.customers, "customer"), *counts, *([span] if span else [])])


def deciding_day(summary: IntakeSummary, window: Window, rules: FeatureRules) -> date | None:
    """Return the last day whose events decide which carts of a window were abandoned; None: the window's own.

    That is as far as the log reaches, at most the day on which the recovery window of the last cart closes.
    """
    if summary.last is None:
        return None
    # Rounded up to whole days: with a recovery of one hour, a cart of 23:30 may still be bought on the next day.
    closed = window.end + -(-rules.recovery // timedelta(days=1)) * timedelta(days=1)
    day = min(summary.last, closed)
    return day if day > window.end else None


def title_of(source: SourceFile) -> str:
    """Return what a file was taken for, in words."""
    known = BY_NAME.get(source.layout) or TEMPLATES.get(source.layout)
    return known.title if known else source.layout


def noticed_words(source: SourceFile) -> str:
    """Return what was noticed in rows that were kept; empty where there was nothing.

    >>> noticed_words(SourceFile("a.csv", "", 9, 0, "csv", noticed={"zero_amount": 2, "line_rows": 1200}))
    'zero amount: 2, line rows: 1,200'
    """
    counts = ((name.replace("_", " "), number) for name, number in source.noticed.items() if number)
    return ", ".join(f"{name}: {fmt.count(number)}" for name, number in counts)


def reading_key(options: ReadOptions) -> tuple[Hashable, ...]:
    """Return what of the options changes what is read."""
    return (
        options.timezone,
        options.date_order,
        options.decimal,
        options.encoding,
        options.country,
        options.repairs_text,
        *map(repr, options.mappings),
    )
