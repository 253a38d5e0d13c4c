"""Rows that belong together, by what stands above them."""

import numpy as np
import pandas as pd
from hypothesis import given, strategies as st

from data_ingestion.formats.lines import group_lines


def test_a_row_belongs_to_the_last_first_row_of_its_name() -> None:
    frame = pd.DataFrame({"order": ["a", "a", "b", "a", None, "c"], "total": [1.0, np.nan, 2.0, np.nan, 3.0, np.nan]})
    lines = group_lines(frame, "order", frame["total"].notna().to_numpy(), ["total"])
    assert lines.head.tolist() == [0, 0, 2, 0, 4, -1]
    assert lines.is_head.tolist() == [True, False, True, False, True, False]
    assert not lines.repeated.any()


def test_an_order_that_comes_again_is_repeated_with_its_lines() -> None:
    frame = pd.DataFrame({"order": list("abaa"), "total": [1.0, 2.0, 9.0, np.nan], "title": list("wxyz")})
    lines = group_lines(frame, "order", frame["total"].notna().to_numpy(), ["total"])
    assert lines.repeated.tolist() == [False, False, True, True]


def test_values_filled_down_make_no_new_order() -> None:
    frame = pd.DataFrame({"order": ["a", "a", "b"], "total": [1.0, 1.0, 1.0], "title": ["x", "y", "x"]})
    lines = group_lines(frame, "order", np.ones(3, dtype=np.bool_), ["total"])
    assert lines.filled.tolist() == [False, True, False]
    assert lines.head.tolist() == [0, 0, 2]


def test_sums_leave_out_what_is_not_known() -> None:
    frame = pd.DataFrame({"order": ["a", "a", "b", "z"], "total": [1.0, np.nan, 1.0, np.nan]})
    lines = group_lines(frame, "order", frame["total"].notna().to_numpy(), ["total"])
    sums = lines.sums(np.array([2.0, 3.0, np.nan, 7.0]))
    assert np.isnan(sums).tolist() == [False, True, True, True]
    assert sums[0] == 5


def test_nothing_makes_no_lines() -> None:
    frame = pd.DataFrame({"order": pd.Series([], dtype="str"), "total": pd.Series([], dtype="float64")})
    assert group_lines(frame, "order", np.empty(0, dtype=np.bool_), ["total"]).head.tolist() == []


@given(st.lists(st.tuples(st.sampled_from([None, "a", "b", "c"]), st.booleans()), max_size=30))
def test_grouping_agrees_with_reading_from_top_to_bottom(rows: list[tuple[str | None, bool]]) -> None:
    last: dict[str, int] = {}
    seen: dict[str, int] = {}
    heads, repeated = [], []
    for place, (name, starts) in enumerate(rows):
        key = f"{place}" if name is None else name
        if starts:
            last[key] = place
            seen.setdefault(key, place)
        heads.append(last.get(key, -1))
        repeated.append(key in last and last[key] != seen[key])
    frame = pd.DataFrame({"order": pd.array([name for name, _ in rows], dtype="str")})
    # A value of its own in every row, so that no row looks filled down.
    frame["total"] = np.arange(len(rows), dtype=np.float64)
    lines = group_lines(frame, "order", np.array([starts for _, starts in rows], dtype=np.bool_), ["total"])
    assert lines.head.tolist() == heads
    assert lines.repeated.tolist() == repeated
