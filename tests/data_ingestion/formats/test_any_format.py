"""What holds for every format, whatever stands in its cells."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from data_ingestion.formats import BY_NAME, Format, Records
from data_ingestion.formats.base import ENTRY_COLUMNS
from data_ingestion.formats.record_columns import SCHEMA
from retention.customers.reasons import Reason

PAGE = (Path(__file__).parents[3] / "docs/data.md").read_text(encoding="utf-8")

ACTIVITIES = [each for each in BY_NAME.values() if each.normalise is not None]

CELLS: dict[str, list[Any]] = {
    "time": [pd.NaT, pd.Timestamp("2025-09-01"), pd.Timestamp("2025-09-02 10:00:00.000001")],
    "number": [np.nan, 0.0, -2.0, 1.0, 3.5],
    "flag": [None, True, False],
    "id": [None, "a", "'00123", "gid://shopify/Customer/1", '{"id": 1}', "{", "'"],
    "text": [None, "#a", "a", "view", "paid", "refunded", "purchase", "completed", "[1]", '[{"quantity": null}]', "#1"],
}


@st.composite
def records(draw: st.DrawFn, each: Format) -> Records:
    """Return typed rows of a format; columns that a file may lack may be missing."""
    rows = draw(st.integers(0, 6))
    columns: dict[str, Any] = {}
    for field in each.fields:
        kind = SCHEMA[field.column].kind
        if not (field.required or field.needed) and draw(st.booleans()):
            continue
        cells = draw(st.lists(st.sampled_from(CELLS[kind]), min_size=rows, max_size=rows))
        dtype: Any = {"number": "float64", "flag": "boolean"}.get(kind, "str")
        times = pd.Series(pd.DatetimeIndex(cells).tz_localize("Europe/Berlin")) if kind == "time" else None
        columns[field.column] = pd.Series(cells, dtype=dtype) if times is None else times
    return Records(pd.DataFrame(columns, index=range(rows)), "x.csv")


@pytest.mark.parametrize("each", ACTIVITIES, ids=lambda each: each.name)
@settings(max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_every_row_is_kept_or_rejected_and_only_kept_rows_say_something(each: Format, data: st.DataObject) -> None:
    given_records = data.draw(records(each))
    before = given_records.frame.copy(deep=True)
    assert each.normalise is not None
    made = each.normalise(given_records)
    rows = np.arange(len(before))
    assert made.verdict.keep.shape == rows.shape
    assert made.verdict.rejected["position"].tolist() == rows[~made.verdict.keep].tolist()
    assert set(made.verdict.rejected["reason"]) <= {reason.value for reason in Reason}
    assert set(ENTRY_COLUMNS) - set(made.entries.columns) <= {"email"}
    assert made.verdict.keep[made.entries["row"].to_numpy(dtype=np.int64)].all()
    emails = made.entries["email"] if "email" in made.entries else pd.Series(None, index=made.entries.index)
    assert (made.entries["customer"].notna() | emails.notna()).all()
    assert (made.entries["time"] > pd.Timestamp("1900-01-01").value // 1000).all()
    assert made.entries["event"].isin(range(5)).all()
    assert len(made.people) <= made.verdict.keep.sum()
    assert all(0 <= count <= len(before) for count in made.counts.values())
    pd.testing.assert_frame_equal(given_records.frame, before)


@pytest.mark.parametrize("each", BY_NAME.values(), ids=lambda each: each.name)
def test_a_format_names_each_of_its_columns_once(each: Format) -> None:
    columns = [field.column for field in each.fields]
    assert set(columns) <= SCHEMA.keys()
    assert len(set(columns)) == len(columns)
    assert each.required


@pytest.mark.parametrize("each", ACTIVITIES, ids=lambda each: each.name)
def test_what_a_format_counts_is_documented(each: Format) -> None:
    columns: dict[str, Any] = {}
    for field in each.fields:
        kind = SCHEMA[field.column].kind
        times = pd.Series(pd.DatetimeIndex([], tz="UTC"))
        dtype: Any = {"number": "float64", "flag": "boolean"}.get(kind, "str")
        columns[field.column] = times if kind == "time" else pd.Series([], dtype=dtype)
    assert each.normalise is not None
    counts = each.normalise(Records(pd.DataFrame(columns), "x.csv")).counts
    assert [name for name in counts if f"`{name}`" not in PAGE] == []
