"""docs/data.md says what the code does."""

import csv
import re
from dataclasses import fields
from pathlib import Path

import pytest

from data_ingestion import SAMPLE, ReadLimits
from data_ingestion.options import RATIO_FROM
from retention.activity.features import CAME_BACK
from retention.customers.contracts import CONTRACT, DERIVED
from retention.customers.derive import FORMULAS
from retention.customers.reasons import Reason

PAGE = (Path(__file__).parents[2] / "docs/data.md").read_text(encoding="utf-8")


def cells_of(first: str) -> list[str]:
    """Return the cells of the table row that starts with a code word."""
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{first}` |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("column", CONTRACT, ids=lambda column: column.name)
def test_a_contract_column_is_documented_as_it_is(column: object) -> None:
    known = next(one for one in CONTRACT if one is column)
    _, description, _, values, unit, needed = cells_of(known.name)
    assert (description, unit, needed == "yes") == (known.description, known.unit, known.required)
    if known.high is not None:
        assert values == f"{known.low:g} to {known.high:g}"
    elif known.low is not None:
        assert values.startswith(f"{known.low:g} or more")


def test_columns_of_the_analysis_are_documented() -> None:
    for column in DERIVED:
        assert cells_of(column.name)[1:] == [column.description, column.unit]


def test_no_table_row_is_about_something_that_does_not_exist() -> None:
    documented = set(re.findall(r"^\| `([a-z_0-9]+)` \|", PAGE, flags=re.MULTILINE))
    columns = {column.name for column in (*CONTRACT, *DERIVED)} | {CAME_BACK}
    assert documented == columns | {reason.value for reason in Reason}


@pytest.mark.parametrize("reason", list(Reason))
def test_a_reason_is_documented_with_its_sentence(reason: Reason) -> None:
    assert cells_of(reason.value)[1] == reason.sentence


@pytest.mark.parametrize("score", FORMULAS)
def test_a_formula_is_documented(score: str) -> None:
    assert f"| `{score}` | `{FORMULAS[score]}` |" in PAGE


def test_the_limits_are_documented() -> None:
    limits = ReadLimits()
    assert (limits.decoded_bytes, limits.rows, limits.columns, limits.record_bytes) == (
        8 << 30,
        50_000_000,
        2_000,
        4 << 20,
    )
    assert "8 GiB decoded, 50 million rows, 2,000 columns, 4 MiB for one row" in PAGE
    assert f"{limits.field_length:,} bytes long" in PAGE
    assert f"From {RATIO_FROM >> 20} MiB on, a\nfile may decode to {limits.ratio} times its own size" in PAGE
    assert all(f"`{each.name}`" in PAGE for each in fields(ReadLimits))


def test_the_sample_has_contract_columns_only_and_some_empty_cells() -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as handle:
        header, *rows = csv.reader(handle)
    assert set(header) <= {column.name for column in CONTRACT}
    assert len(rows) == 24
    assert 3 <= sum(cell == "" for row in rows for cell in row) <= 30
