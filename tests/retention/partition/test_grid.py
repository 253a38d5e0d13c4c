from math import inf, nan, nextafter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from retention.errors import PolicyError
from retention.partition.grid import BLOCK, Axis, Grid, grid_of, leaf_table
from retention.partition.tree import Condition, FittedLeaf, FittedSplit, leaves
from tests.strategies import Nested, fitted, nested_trees

AOV, ENGAGEMENT, REGION = "avg_order_value", "engagement_score", "region"
MONEY = Axis(AOV, cuts=(20.0, 90.0))
PLACE = Axis(REGION, categories=("north", "s\u00fcd"))


def table_of(**columns: Any) -> pd.DataFrame:
    kinds = {REGION: "str"}
    return pd.DataFrame({name: pd.Series(values, dtype=kinds.get(name, "float64")) for name, values in columns.items()})


def codes(axis: Axis, values: list[Any]) -> list[int]:
    return [int(cell) for cell in Grid((axis,)).cells_of(table_of(**{axis.feature: values}))]


def test_a_number_is_coded_by_the_cuts_below_it_and_missing_is_0() -> None:
    values = [nan, -inf, 0, nextafter(20, 0), 20, nextafter(20, 99), 90, nextafter(90, 99), inf]
    assert codes(MONEY, values) == [0, 1, 1, 1, 1, 2, 2, 3, 3]


def test_a_category_is_coded_without_case_and_blanks_and_blank_is_missing() -> None:
    values = ["north", " NORTH ", "S\u00dcD", "west", "", "  ", None]
    assert codes(PLACE, values) == [1, 1, 2, 3, 0, 0, 0]


@pytest.mark.parametrize("kind", ["str", "object", "category", "string"])
def test_categories_are_coded_alike_in_every_kind_of_column(kind: Any) -> None:
    frame = pd.DataFrame({REGION: pd.Series(["north", None, "x"]).astype(kind)})
    assert Grid((PLACE,)).cells_of(frame).tolist() == [1, 0, 3]


@pytest.mark.parametrize("kind", ["float64", "Float64", "int64", "Int64", "float32", "double[pyarrow]"])
def test_numbers_are_coded_alike_in_every_kind_of_column(kind: Any) -> None:
    frame = pd.DataFrame({AOV: pd.Series([20, 21, 91]).astype(kind)})
    assert Grid((MONEY,)).cells_of(frame).tolist() == [1, 2, 3]


def test_the_last_axis_runs_fastest() -> None:
    grid = Grid((MONEY, PLACE))
    cells = grid.cells_of(table_of(**{AOV: [nan, 20, 91], REGION: ["north", None, "west"]}))
    assert (grid.cells, grid.strides, cells.tolist()) == (16, (4, 1), [1, 4, 15])
    assert grid.axis_codes(0).tolist() == [code for code in range(4) for _ in range(4)]
    assert grid.axis_codes(1).tolist() == [0, 1, 2, 3] * 4


def test_a_grid_without_an_axis_is_one_cell() -> None:
    grid = grid_of(FittedLeaf(0, "Everyone", ()))
    frame = table_of(**{AOV: [1, nan]})
    assert (grid.cells, grid.cells_of(frame).tolist()) == (1, [0, 0])


@pytest.mark.parametrize("cuts", [200, 254, 255, 256, 600])
def test_an_axis_may_have_more_codes_than_a_byte_holds(cuts: int) -> None:
    axis = Axis(AOV, cuts=tuple(float(cut) for cut in range(cuts)))
    values = [nan, *np.arange(cuts + 1) - 0.5]
    assert codes(axis, values) == list(range(cuts + 2))
    pair = Grid((Axis(ENGAGEMENT, cuts=(0.5,)), axis))
    frame = table_of(**{AOV: values, ENGAGEMENT: [1.0] * len(values)})
    assert pair.cells_of(frame).tolist() == [2 * (cuts + 2) + code for code in range(cuts + 2)]


def test_rows_of_several_blocks_are_coded_as_each_row_alone() -> None:
    rng = np.random.default_rng(3)
    rows = 2 * BLOCK + 17
    frame = pd.DataFrame(
        {AOV: rng.choice([nan, 5.0, 20.0, 50.0, 95.0], rows), REGION: rng.choice(["north", "x"], rows)}
    )
    grid = Grid((MONEY, PLACE))
    expected = {nan: 0, 5.0: 1, 20.0: 1, 50.0: 2, 95.0: 3}
    money = frame[AOV].map(expected).fillna(0).to_numpy()
    place = np.where(frame[REGION] == "north", 1, 3)
    cells = grid.cells_of(frame)
    assert (cells == money * 4 + place).all()
    table = np.arange(grid.cells, dtype=np.uint8)[::-1].copy()
    assert (grid.look_up(frame, table) == table[cells]).all()


def test_a_frame_is_not_changed_and_an_empty_one_has_no_cells() -> None:
    frame = table_of(**{AOV: [nan, 20.0]})
    before = frame.copy(deep=True)
    Grid((MONEY,)).cells_of(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert len(Grid((MONEY,)).cells_of(frame.iloc[:0])) == 0


def test_too_many_cells_are_refused() -> None:
    axis = Axis(AOV, cuts=tuple(map(float, range(998))))
    assert Grid((axis, axis)).cells == 1_000_000
    with pytest.raises(PolicyError, match=r"the policy has 1,001,000 cells, above 1,000,000. Use fewer cuts"):
        Grid((axis, Axis(AOV, cuts=tuple(map(float, range(999))))))


@pytest.mark.parametrize(
    ("axis", "condition", "expected"),
    [
        (MONEY, Condition(AOV, "c", interval=(-inf, 20.0)), [0, 1, 0, 0]),
        (MONEY, Condition(AOV, "c", interval=(20.0, inf), missing=True), [1, 0, 1, 1]),
        (MONEY, Condition(AOV, "c", interval=(20.0, 20.0)), [0, 0, 0, 0]),
        (MONEY, Condition(AOV, "c", missing=True), [1, 0, 0, 0]),
        (PLACE, Condition(REGION, "c", values=("north",)), [0, 1, 0, 0]),
        (PLACE, Condition(REGION, "c", values=("north",), excluded=("s\u00fcd",)), [0, 1, 0, 1]),
        (PLACE, Condition(REGION, "c", excluded=("north", "s\u00fcd"), missing=True), [1, 0, 0, 1]),
        (PLACE, Condition(REGION, "c", missing=True), [1, 0, 0, 0]),
    ],
)
def test_an_axis_says_which_codes_satisfy_a_condition(axis: Axis, condition: Condition, expected: list[int]) -> None:
    assert axis.codes_of(condition).astype(int).tolist() == expected


def test_the_cuts_of_one_feature_from_several_splits_make_one_axis() -> None:
    low, high = Condition(AOV, "low", interval=(-inf, 20.0), missing=True), Condition(AOV, "high", interval=(20.0, inf))
    under, over = Condition(AOV, "u", interval=(-inf, 5.0), missing=True), Condition(AOV, "o", interval=(5.0, inf))
    inner = FittedSplit(
        AOV, ((under, FittedLeaf(0, "A", (low, under))), (over, FittedLeaf(1, "B", (low, over)))), (low,)
    )
    root = FittedSplit(AOV, ((low, inner), (high, FittedLeaf(2, "C", (high,)))), ())
    grid = grid_of(root)
    assert grid.axes == (Axis(AOV, cuts=(5.0, 20.0)),)
    assert leaf_table(root, grid).tolist() == [0, 0, 1, 2]


def test_a_cell_that_no_leaf_claims_has_the_number_of_leaves_in_the_table() -> None:
    low, high = Condition(AOV, "low", interval=(-inf, 20.0)), Condition(AOV, "high", interval=(20.0, inf))
    root = FittedSplit(AOV, ((low, FittedLeaf(0, "A", (low,))), (high, FittedLeaf(1, "B", (high,)))), ())
    assert leaf_table(root, grid_of(root)).tolist() == [2, 0, 1]


@given(nested=nested_trees())
def test_each_cell_of_a_tree_has_a_leaf_and_each_leaf_a_cell(nested: Nested) -> None:
    root = fitted(nested)
    grid = grid_of(root)
    table = leaf_table(root, grid)
    assert len(table) == grid.cells
    reached = {leaf.index for leaf in leaves(root) if not _contradicts_itself(leaf)}
    assert set(table.tolist()) == reached


def _contradicts_itself(leaf: FittedLeaf) -> bool:
    for feature in {condition.feature for condition in leaf.path}:
        own = [c for c in leaf.path if c.feature == feature]
        low = max(c.interval[0] for c in own if c.interval)
        if low >= min(c.interval[1] for c in own if c.interval) and not all(c.missing for c in own):
            return True
    return False
