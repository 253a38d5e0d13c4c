"""Fuzzed rows by the million: each is accepted or set aside exactly once, with the right values or the right reason.

`python -m tests.soak.fuzz_rows --rows 100000000 --seed 1` writes files in random dialects with planted faults, reads
them, and compares every row with what was written. It stops at the first difference and keeps that file.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data_ingestion import Intake, ReadOptions, read_customers
from tests.soak.dialects import Dialect, draw

ROWS_OF_A_FILE = 200_000
SHARE_OF_FAULTS = 0.03
HEADER = ("user_id", "cart_abandoned_date", "avg_order_value", "sessions_last_30d", "region")
START = 1_735_689_600
"""First second that is written: 2025-01-01 UTC."""
REGIONS = ("North", "S\u00fcd", "East, far", 'the "West"', "two\nlines", "", "NA", " blanks ")

FAULTS: dict[str, Callable[[list[str]], list[str]]] = {
    "too_few_fields": lambda cells: cells[:-1],
    "too_many_fields": lambda cells: [*cells, "more"],
    "missing_user_id": lambda cells: ["", *cells[1:]],
    "missing_date": lambda cells: [cells[0], "", *cells[2:]],
    "not_a_date": lambda cells: [cells[0], "2025-02-30", *cells[2:]],
    "not_a_number": lambda cells: [*cells[:2], "lots", *cells[3:]],
    "out_of_bounds": lambda cells: [*cells[:2], "-1", *cells[3:]],
    "infinite": lambda cells: [*cells[:2], "inf", *cells[3:]],
    "broken_quoting": lambda cells: [*cells[:4], '"x"y'],
}
"""Reason -> what makes a row that has it."""


@dataclass(frozen=True)
class Written:
    """A file and what must come of its rows.

    Args:
        content: Its bytes.
        ids: Identifier of each row.
        seconds: Time of each row, since 1970 UTC.
        cents: Value of each row; -1 for missing.
        sessions: Sessions of each row.
        lines: Line that each row starts on.
        reasons: Why a row is set aside, `""` for the others.
        dialect: How it is written.
    """

    content: bytes
    ids: list[str]
    seconds: NDArray[np.int64]
    cents: NDArray[np.int64]
    sessions: NDArray[np.int64]
    lines: NDArray[np.int64]
    reasons: NDArray[np.str_]
    dialect: Dialect


def write(rows: int, rng: np.random.Generator) -> Written:
    """Return a file of so many rows in a random dialect."""
    dialect = draw(rng)
    seconds = START + rng.integers(0, 365 * 86_400, rows)
    cents = np.where(rng.random(rows) < 0.05, -1, rng.integers(0, 10**8, rows))
    sessions = rng.integers(0, 100, rows)
    ids = [f"{place:0{2 + place % 7}d}" for place in range(rows)]
    regions = [REGIONS[place] for place in rng.integers(0, len(REGIONS), rows)]
    reasons = np.where(rng.random(rows) < SHARE_OF_FAULTS, rng.choice(list(FAULTS), rows), "")
    dates, money = dialect.dates(seconds), dialect.money(cents)
    lines, texts, line = np.empty(rows, dtype=np.int64), [dialect.row(list(HEADER))], 2
    for place, (user, day, value, count, region, reason) in enumerate(
        zip(ids, dates, money, sessions.tolist(), regions, reasons.tolist(), strict=True)
    ):
        cells = [user, day, value, str(count), region]
        text = dialect.row(FAULTS[reason](cells) if reason else cells, raw=reason == "broken_quoting")
        lines[place] = line
        line += text.count("\n")
        texts.append(text)
    content = dialect.packed(texts)
    return Written(content, ids, seconds, cents, sessions, lines, reasons, dialect)


def difference(written: Written, intake: Intake) -> str:
    """Return the first way in which what was read is not what was written, or `""`."""
    bad = written.reasons != ""
    good = np.flatnonzero(~bad)
    checks: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("rows read", lambda: intake.read == len(bad)),
        ("accepted + quarantined", lambda: len(intake.rows) + len(intake.quarantine) == len(bad)),
        ("lines of the quarantine", lambda: _equal(intake.quarantine["line"], written.lines[bad])),
        ("reasons", lambda: intake.quarantine["reason"].tolist() == written.reasons[bad].tolist()),
        ("identifiers", lambda: intake.rows["user_id"].tolist() == [written.ids[place] for place in good]),
        (
            "times",
            lambda: _equal(intake.rows["cart_abandoned_date"].astype("int64"), written.seconds[good] * 1_000_000),
        ),
        ("values", lambda: _equal(intake.rows["avg_order_value"].fillna(-0.01), written.cents[good] / 100)),
        ("sessions", lambda: _equal(intake.rows["sessions_last_30d"], written.sessions[good])),
        ("lines", lambda: _equal(intake.locate(np.arange(len(good)))["line"], written.lines[good])),
    )
    return next((name for name, holds in checks if not holds()), "")


def _equal(first: object, second: object) -> bool:
    return bool(np.array_equal(np.asarray(first), np.asarray(second)))


@dataclass(frozen=True)
class Progress:
    """What has been done."""

    files: int
    rows: int
    quarantined: int


def soak(rows: int, seed: int, folder: Path, size: int = ROWS_OF_A_FILE) -> Iterator[Progress]:
    """Yield what has been done after every file.

    Raises:
        AssertionError: A row was lost, taken twice, or read wrongly; names the file that shows it.
    """
    done = quarantined = files = 0
    path = folder / "rows"
    while done < rows:
        written = write(min(size, rows - done), np.random.default_rng([seed, files]))
        path.write_bytes(written.content)
        intake = read_customers([path], options=ReadOptions())
        wrong = difference(written, intake)
        if wrong:
            raise AssertionError(f"{wrong} differ: seed {seed}, file {files}, {written.dialect}, kept as {path}")
        files, done, quarantined = files + 1, done + len(written.ids), quarantined + len(intake.quarantine)
        yield Progress(files, done, quarantined)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder, begun = Path(tempfile.mkdtemp(prefix="fuzz-rows-")), time.monotonic()
    for progress in soak(asked.rows, asked.seed, folder):
        rate = progress.rows / (time.monotonic() - begun) * 60
        print(f"{progress.rows:,} rows, {progress.quarantined:,} set aside, {rate:,.0f} rows a minute", flush=True)  # noqa: T201 - its output is its product
    print(f"{asked.rows:,} rows with seed {asked.seed}: none lost, none taken twice, none read wrongly")  # noqa: T201 - its output is its product


if __name__ == "__main__":
    main()
