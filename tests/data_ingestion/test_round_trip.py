"""Whatever way a table is written in, reading gives it back: delimiter, quotes, encoding, line ends, numbers, dates."""

import gzip
import lzma
import math
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, strategies as st

from data_ingestion import Intake, ReadOptions, read_customers
from retention.errors import Setting, SourceError
from tests.data_ingestion.corpus.good import quoted

HEADER = ("user_id", "cart_abandoned_date", "cart_value", "sessions_last_30d", "engagement_score")


@dataclass(frozen=True)
class Row:
    """One customer."""

    user: str
    time: datetime
    value: Decimal | None
    sessions: int | None
    share: Decimal | None


NUMBERS: dict[str, tuple[str, Callable[[Decimal], str]]] = {
    "plain": ("point", lambda number: f"{number:.2f}"),
    "thousands": ("point", lambda number: f"{number:,.2f}"),
    "dollars": ("point", lambda number: f"${number:,.2f}"),
    "code": ("point", lambda number: f"{number:,.2f} USD"),
    "exponent": ("point", lambda number: f"{number:.12e}"),
    "comma": ("comma", lambda number: f"{number:.2f}".replace(".", ",")),
    "European": ("comma", lambda number: f"{number:,.2f}".translate({44: ".", 46: ","})),
    "euros": ("comma", lambda number: f"{number:,.2f} \u20ac".translate({44: ".", 46: ","})),
    "blanks": ("comma", lambda number: f"{number:,.2f}".translate({44: "\u00a0", 46: ","})),
    "Swiss": ("point", lambda number: f"CHF {number:,.2f}".replace(",", "'")),
}
DATES: dict[str, str] = {
    "ISO": "%Y-%m-%d %H:%M:%S",
    "T": "%Y-%m-%dT%H:%M:%S",
    "zone": "%Y-%m-%d %H:%M:%S +0000",
    "UTC": "%Y-%m-%d %H:%M:%S UTC",
    "dmy": "%d.%m.%Y %H:%M:%S",
    "mdy": "%m/%d/%Y %I:%M:%S %p",
    "name": "%d %b %Y %H:%M:%S",
    "English": "%A, %B %d, %Y %I:%M:%S %p",
    "digits": "%Y%m%dT%H%M%SZ",
    "seconds": "",
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "cp1252")
PACKERS: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "gzip": gzip.compress, "xz": lzma.compress}


@dataclass(frozen=True)
class Dialect:
    """How a table is written."""

    delimiter: str
    end: str
    always: bool
    last_end: bool
    encoding: str
    packer: str
    number: str
    date: str

    @property
    def options(self) -> ReadOptions:
        """What a person would say where the table itself leaves it open."""
        order = {"dmy": "dmy", "mdy": "mdy"}.get(self.date, "auto")
        return ReadOptions(date_order=order, decimal=NUMBERS[self.number][0], encoding="cp1252")  # type: ignore[arg-type]

    def written(self, rows: list[Row]) -> bytes:
        """Return the table in this dialect."""
        lines = [list(HEADER), *(self._cells(row) for row in rows)]
        text = "".join(
            self.delimiter.join(quoted(cell, self.delimiter, self.always) for cell in line) + self.end for line in lines
        )
        return PACKERS[self.packer]((text if self.last_end else text.removesuffix(self.end)).encode(self.encoding))

    def _cells(self, row: Row) -> list[str]:
        _, money = NUMBERS[self.number]
        share = "" if row.share is None else f"{row.share:.3f}"
        comma = NUMBERS[self.number][0] == "comma"
        return [
            row.user,
            row.time.strftime(DATES[self.date])
            if DATES[self.date]
            else str(int((row.time - datetime(1970, 1, 1)).total_seconds())),  # noqa: DTZ001 - written without a zone
            "" if row.value is None else money(row.value),
            "" if row.sessions is None else str(row.sessions),
            share.replace(".", ",") if comma else share,
        ]


LETTERS = "abcXYZ019 .,;|\t\"'\n-_@=+\u00e4\u00f6\u00fc\u00df\u00e9"
ROWS = st.lists(
    st.builds(
        Row,
        user=st.text(LETTERS, min_size=1, max_size=8).filter(lambda text: bool(text.strip())),
        time=st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(lambda time: time.replace(microsecond=0)),  # noqa: DTZ001 - written without a zone
        value=st.none() | st.decimals(0, 10**8, places=2),
        sessions=st.none() | st.integers(0, 999),
        share=st.none() | st.decimals(0, 1, places=3),
    ),
    min_size=1,
    max_size=12,
)
DIALECTS = st.builds(
    Dialect,
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    always=st.booleans(),
    last_end=st.booleans(),
    encoding=st.sampled_from(ENCODINGS),
    packer=st.sampled_from(sorted(PACKERS)),
    number=st.sampled_from(sorted(NUMBERS)),
    date=st.sampled_from(sorted(DATES)),
)


def read_bytes(content: bytes, options: ReadOptions) -> Intake:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        path.write_bytes(content)
        return read_customers([path], options=options)


class Asked(Exception):  # noqa: N818 - a question, not a fault
    """The reader asks what the table leaves open."""


def read_or_asked(content: bytes) -> Intake:
    try:
        return read_bytes(content, ReadOptions())
    except SourceError as error:
        if {remedy.setting for remedy in error.remedies} & {Setting.DECIMAL, Setting.DATE_ORDER, Setting.ENCODING}:
            raise Asked from error
        raise


def number(value: Decimal | int | None) -> float:
    return math.nan if value is None else float(value)


@given(ROWS, DIALECTS)
def test_any_table_in_any_dialect_is_given_back(rows: list[Row], dialect: Dialect) -> None:
    intake = read_bytes(dialect.written(rows), dialect.options)
    assert (intake.read, len(intake.quarantine)) == (len(rows), 0)
    read = intake.rows
    assert read["user_id"].tolist() == [row.user for row in rows]
    assert read["cart_abandoned_date"].tolist() == [pd.Timestamp(row.time, tz="UTC") for row in rows]
    for column, values in (
        ("cart_value", [row.value for row in rows]),
        ("sessions_last_30d", [row.sessions for row in rows]),
    ):
        assert np.array_equal(read[column], [number(value) for value in values], equal_nan=True)
    shares = np.array([number(row.share) for row in rows])
    given_shares = ~np.isnan(shares)
    assert np.array_equal(read["engagement_score"][given_shares], shares[given_shares])


@given(ROWS, DIALECTS)
def test_without_being_told_a_table_is_given_back_or_the_question_is_asked(rows: list[Row], dialect: Dialect) -> None:
    with suppress(Asked):
        intake = read_or_asked(dialect.written(rows))
        assert np.array_equal(intake.rows["cart_value"], [number(row.value) for row in rows], equal_nan=True)
        assert intake.rows["cart_abandoned_date"].tolist() == [pd.Timestamp(row.time, tz="UTC") for row in rows]
