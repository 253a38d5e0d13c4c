"""The assignment table: its columns, its order, its cells."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

from analysis import Run
from outputs.assignments import Assignments
from tests.outputs.runs import run_of, run_of_frame


def records(run: Run, profile: str = "machine") -> list[dict[str, str]]:
    made = Assignments(run, profile)  # type: ignore[arg-type]
    text = (made.header + "".join(made.lines(slice(0, made.rows)).to_pylist()).encode()).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_columns_are_id_segment_wave_then_the_contract_columns_of_the_input(small: Run) -> None:
    assert Assignments(small).names == (
        "user_id",
        "Segment",
        "Wave",
        "cart_abandoned_date",
        "avg_order_value",
        "engagement_score",
        "profitability_score",
        "first_name",
        "email_consent",
        "derived",
    )


def test_rows_stand_in_the_order_of_the_input_and_cells_as_they_came(small: Run) -> None:
    rows = records(small)
    assert [row["user_id"] for row in rows] == [f"{i:05}" for i in range(60)]
    assert rows[1]["first_name"] == '"Bo", the\nSecond'
    assert rows[2]["first_name"] == "=1+1"
    assert (rows[2]["cart_abandoned_date"], rows[2]["avg_order_value"], rows[2]["engagement_score"]) == (
        "2025-09-26",
        "3",
        "0.2",
    )
    assert [row["email_consent"] for row in rows[:3]] == ["yes", "no", ""]
    assert [row["Segment"] for row in rows] == small.segmentation.labels().tolist()


def test_derived_scores_are_named_in_their_row(small: Run) -> None:
    assert {row["derived"] for row in records(small)} == {"profitability_score"}


def test_no_derived_column_where_nothing_was_derived(tmp_path: Path) -> None:
    rows = "".join(f"{i},2025-09-30,{i},0.5,0.5\n" for i in range(30))
    run = run_of(tmp_path, f"user_id,cart_abandoned_date,avg_order_value,engagement_score,profitability_score\n{rows}")
    assert Assignments(run).names[-1] == "profitability_score"


def test_the_spreadsheet_profile_disarms_text_and_leaves_numbers(tmp_path: Path) -> None:
    text = "user_id,cart_abandoned_date,avg_order_value,engagement_score,first_name\n" + "".join(
        f"-{i},2025-09-30,{i},0.5,=x\n" for i in range(30)
    )
    rows = records(run_of(tmp_path, text), "spreadsheet")
    assert rows[1]["user_id"] == "'-1"
    assert rows[1]["first_name"] == "'=x"
    assert rows[1]["avg_order_value"] == "1"


def test_a_column_with_one_time_of_day_has_times_throughout() -> None:
    frame = pd.DataFrame(
        {
            "user_id": ["a", "b"],
            "cart_abandoned_date": pd.to_datetime(["2025-03-30 00:00:00", "2025-03-29 23:00:01"]),
            "last_order_date": pd.to_datetime(pd.Series(["2025-01-01", None], dtype="str")),
            "avg_order_value": [1.0, 2.0],
            "engagement_score": [0.1, 0.2],
        }
    )
    rows = records(run_of_frame(frame))
    assert [row["cart_abandoned_date"] for row in rows] == ["2025-03-30T00:00:00+01:00", "2025-03-29T23:00:01+01:00"]
    assert [row["last_order_date"] for row in rows] == ["2025-01-01", ""]


def test_blocks_hold_all_rows_in_order_or_those_asked_for(synthetic: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outputs.assignments.BLOCK_ROWS", 100)
    made = Assignments(synthetic)
    whole = made.lines(slice(0, made.rows)).to_pylist()
    assert [line for _, lines in made.blocks() for line in lines.to_pylist()] == whole
    few = synthetic.segmentation.codes.nonzero()[0][:5]
    assert [line for _, lines in made.blocks(few) for line in lines.to_pylist()] == [whole[i] for i in few]
