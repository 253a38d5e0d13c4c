"""A quote inside a cell that is not quoted: text where no cell is quoted, else a row that may be shifted."""

import csv
import io
import random
from collections.abc import Sequence

import pytest

from tests.data_ingestion.conftest import Read

HEADER = ["user_id", "cart_abandoned_date", "first_name", "region", "avg_order_value"]


def written(rows: Sequence[Sequence[str]], delimiter: str = ",") -> list[str]:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([HEADER, *rows])
    return out.getvalue().splitlines()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_separator_lost_before_a_quoted_cell_never_shifts_a_row(delimiter: str, read: Read) -> None:
    rng = random.Random(5)  # noqa: S311 - it picks rows, no secrets
    places = ["Berlin", f"Berlin{delimiter} Mitte", f'the "far"{delimiter} North', f"a{delimiter}b{delimiter}c", ""]
    rows = [
        [f"u{number}", "2025-09-01", rng.choice(["Ann", f"Lee{delimiter} Jr."]), rng.choice(places), str(number)]
        for number in range(700)
    ]
    head, *lines = written(rows, delimiter)
    hit = [place for place, line in enumerate(lines) if delimiter + '"' in line][::2]
    for place in hit:
        lines[place] = lines[place].replace(delimiter + '"', rng.choice(["", " "]) + '"', 1)
    intake = read("\n".join([head, *lines]))
    assert len(hit) > 200
    assert set(intake.quarantine["reason"]) <= {"broken_quoting", "too_few_fields", "too_many_fields"}
    whole = [row for place, row in enumerate(rows) if place not in set(hit)]
    assert intake.rows["user_id"].tolist() == [row[0] for row in whole]
    assert intake.rows["region"].fillna("").tolist() == [row[3] for row in whole]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('u2,2025-09-02 "Lee, Jr.",Berlin,5', "broken_quoting"),
        ('u2,2025-09-02,Ann"Berlin, Mitte",5', "broken_quoting"),
        ('u2,2025-09-02,Ann "the ""far"", North",5', "broken_quoting"),
        ('u2 "2025-09-02, 10:00",Ann,Berlin,5', "broken_quoting"),
        ('u2,2025-09-02,5" Ann,Berlin,5', "broken_quoting"),
        ('u2,2025-09-02,"Lee, Jr."Berlin,5', "broken_quoting"),
        ('u2,2025-09-02 "Lee Jr.",Berlin,5', "too_few_fields"),
    ],
)
def test_a_stray_quote_sets_its_row_aside_where_cells_are_quoted(row: str, reason: str, read: Read) -> None:
    intake = read("\n".join([*written([["u1", "2025-09-01", "Lee, Jr.", "x", "1"]]), row, "u3,2025-09-03,,,3"]))
    assert intake.rows["user_id"].tolist() == ["u1", "u3"]
    assert intake.quarantine[["line", "reason"]].values.tolist() == [[3, reason]]


@pytest.mark.parametrize("cell", ['5" pipe', '3" x 5"', 'the "far" North', 'O"Neil', 'x""y'])
def test_a_quote_is_text_where_no_cell_is_quoted(cell: str, read: Read) -> None:
    intake = read("\n".join([",".join(HEADER), f"u1,2025-09-01,Ann,{cell},1", "u2,2025-09-02,Ann,x,2"]))
    assert intake.rows["region"].tolist() == [cell, "x"]
