"""Mutations of one cell of the good table: what stands there, and what becomes of its row."""

from collections.abc import Iterator
from functools import partial

from tests.data_ingestion.corpus.case import Accounted, Case, Refused
from tests.data_ingestion.corpus.good import TOUCHED, Table, changed, csv, excel, parquet

MONEY, DATE, ORDERED, SESSIONS, SHARE, CONSENT = (
    "cart_value",
    "cart_abandoned_date",
    "last_order_date",
    "sessions_last_30d",
    "engagement_score",
    "email_consent",
)

UNUSABLE: tuple[tuple[str, str, str], ...] = (
    # column, cell, reason
    ("user_id", "", "missing_user_id"),
    ("user_id", "   ", "missing_user_id"),
    ("user_id", "\u00a0", "missing_user_id"),
    ("user_id", "x" * 40_000, "too_long"),
    (DATE, "", "missing_date"),
    (DATE, "NaT", "missing_date"),
    (DATE, "null", "missing_date"),
    (DATE, "yesterday", "not_a_date"),
    (DATE, "2025-02-29", "not_a_date"),
    (DATE, "2025-09-31", "not_a_date"),
    (DATE, "2025-13-01", "not_a_date"),
    (DATE, "2025-09-01 24:00", "not_a_date"),
    (DATE, "2025-09-01 10:61", "not_a_date"),
    (DATE, "2025-09-01 13:00 PM", "not_a_date"),
    (DATE, "2025-09-01T10:00+25:00", "not_a_date"),
    (DATE, "01/02/255", "not_a_date"),
    (DATE, "03/09/2025 Wed", "not_a_date"),
    (DATE, "Sep 2025", "not_a_date"),
    (DATE, "31 Sep 2025", "not_a_date"),
    (DATE, "Tue, 1 Sep 2025", "not_a_date"),
    (DATE, "45901", "not_a_date"),
    (DATE, "45901.4375", "not_a_date"),
    (DATE, "1756684800", "not_a_date"),
    (DATE, "20251301", "not_a_date"),
    (DATE, "0000-00-00", "not_a_date"),
    (DATE, "1899-12-30", "out_of_bounds"),
    (DATE, "9999-12-31", "out_of_bounds"),
    (DATE, "#VALUE!", "not_a_date"),
    (DATE, "=TODAY()", "not_a_date"),
    (ORDERED, "yesterday", "not_a_date"),
    (ORDERED, "2025-02-30", "not_a_date"),
    (ORDERED, "0002-01-01", "out_of_bounds"),
    (DATE, "1970-01-01", "missing_date"),
    (MONEY, "lots", "not_a_number"),
    (MONEY, "1.2.3", "not_a_number"),
    (MONEY, "12 34", "not_a_number"),
    (MONEY, "0x1F", "not_a_number"),
    (MONEY, "1_000", "not_a_number"),
    (MONEY, "--1", "not_a_number"),
    (MONEY, "1e", "not_a_number"),
    (MONEY, "12%", "not_a_number"),
    (MONEY, "12 pieces", "not_a_number"),
    (MONEY, "12\u00a2", "not_a_number"),
    (MONEY, "$5 \u20ac", "not_a_number"),
    (MONEY, "#DIV/0!", "not_a_number"),
    (MONEY, "=1+1", "not_a_number"),
    (MONEY, "(5", "not_a_number"),
    (MONEY, "\u06633", "not_a_number"),
    (MONEY, "nan(1)", "not_a_number"),
    (MONEY, "10-20", "not_a_number"),
    (MONEY, "inf", "infinite"),
    (MONEY, "-Infinity", "infinite"),
    (MONEY, "1e999", "infinite"),
    (MONEY, "-0.01", "out_of_bounds"),
    (MONEY, "(1,234.50)", "out_of_bounds"),
    (MONEY, "\u22125", "out_of_bounds"),
    (MONEY, "5.00-", "out_of_bounds"),
    (SESSIONS, "2.5", "not_an_integer"),
    (SESSIONS, "-1", "out_of_bounds"),
    (SESSIONS, "$3", "not_a_number"),
    (SESSIONS, "three", "not_a_number"),
    (SHARE, "1.01", "out_of_bounds"),
    (SHARE, "75", "out_of_bounds"),
    (SHARE, "101%", "out_of_bounds"),
    (SHARE, "50%%", "not_a_number"),
    (CONSENT, "maybe", "not_a_flag"),
    (CONSENT, "2", "not_a_flag"),
    ("region", "x" * 40_000, "too_long"),
)

ACCEPTED: tuple[tuple[str, str, object], ...] = (
    # column, cell, value
    (MONEY, "1,234.50", 1234.5),
    (MONEY, "1,234", 1234.0),
    (MONEY, "12,34,567.50", 1_234_567.5),
    (MONEY, "1 234.50", 1234.5),
    (MONEY, "1\u202f234", 1234.0),
    (MONEY, "1'234.50", 1234.5),
    (MONEY, "$1,234.50", 1234.5),
    (MONEY, "\u09f32,999", 2999.0),
    (MONEY, "12.50 kr", 12.5),
    (MONEY, "EUR 12.50", 12.5),
    (MONEY, "kr 499,-", 499.0),
    (MONEY, " 12.5 ", 12.5),
    (MONEY, "\u0661\u0662\u066b\u0665", 12.5),
    (MONEY, "1.5E+2", 150.0),
    (MONEY, "-0", 0.0),
    (MONEY, "n/a", None),
    (MONEY, "\\N", None),
    (MONEY, "#N/A", None),
    (MONEY, "-", None),
    (ORDERED, "never", None),
    (ORDERED, "0001-01-01T00:00:00", None),
    (ORDERED, "0000-00-00 00:00:00", None),
    (ORDERED, "9999-12-31", None),
    (ORDERED, "1970-01-01 01:00:00", None),
    (ORDERED, "1899-12-30", None),
    (CONSENT, "\\N", None),
    ("region", "NULL", None),
    ("region", "(null)", None),
    (SHARE, "45%", 0.45),
    (SESSIONS, "3.0", 3.0),
    (DATE, "20250903", "2025-09-03 00:00:00"),
    (DATE, "3 Sep 2025", "2025-09-03 00:00:00"),
    (DATE, "September 3, 2025 at 9:05\u202fPM", "2025-09-03 21:05:00"),
    (DATE, "Wed, 03 Sep 2025 10:20:30 +0200", "2025-09-03 08:20:30"),
    (DATE, "2025-09-03 17:09:33 -0300", "2025-09-03 20:09:33"),
    (DATE, "2025-09-03 00:00:00 UTC", "2025-09-03 00:00:00"),
    (DATE, "2025-09-03T10:00:00.123456789Z", "2025-09-03 10:00:00.123456"),
    (DATE, "23.09.2025", "2025-09-23 00:00:00"),
    (CONSENT, "Subscribed", True),
    ("zip", "'00501", "'00501"),
    ("region", " NA ", " NA "),
)

CONTRADICTING: tuple[tuple[str, str], ...] = (
    (MONEY, "12,50"),
    (MONEY, "1.234,56"),
    (MONEY, "\u20ac1,5"),
    (SHARE, "0,5"),
)
"""Numbers with a decimal comma in a file with decimal points."""


def cases() -> Iterator[Case]:
    """Yield a file for each mutation; those of short cells as Excel and Parquet, too."""
    for column, text, reason in UNUSABLE:
        yield from _written(column, text, _outcome(column, reason))
    for column, text, value in ACCEPTED:
        yield from _written(column, text, Accounted(cell=(TOUCHED, column, value)))
    for column, text in CONTRADICTING:
        content = csv(changed(column, text)).encode()
        name = f"{column} {text!r} among points"
        outcome = _outcome(column, "not_a_number")
        yield Case(name, partial(bytes, content), outcome)
        yield Case(f"{name}, asked", partial(bytes, content), outcome, {"decimal": "point"})
    ambiguous = csv(changed(DATE, "03/09/2025")).encode()
    yield Case("date both ways", partial(bytes, ambiguous), Refused("can be read day first or month first", "line 4"))


def _outcome(column: str, reason: str) -> Accounted:
    """Return what becomes of a cell that cannot be read: its row is set aside only where its column decides."""
    if column in ("user_id", DATE, ORDERED, SHARE):
        return Accounted((reason,), without=(TOUCHED,))
    value = False if column == CONSENT else None
    return Accounted(cell=(TOUCHED, column, value), unread=(reason,), warning=f"1 of {column} ({reason})")


def _written(column: str, text: str, outcome: Accounted) -> Iterator[Case]:
    table, name = changed(column, text), f"{column} {text[:30]!r}"
    yield Case(f"csv {name}", partial(_as_csv, table), outcome)
    if column in (MONEY, DATE):
        yield Case(f"parquet {name}", partial(parquet, table), outcome)
    if column in (SHARE, ORDERED, CONSENT, SESSIONS):
        yield Case(f"xlsx {name}", partial(excel, table), outcome)


def _as_csv(table: Table) -> bytes:
    return csv(table).encode()
