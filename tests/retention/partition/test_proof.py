from dataclasses import replace
from math import inf

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.partition.grid import Axis, Grid, grid_of, leaf_table
from retention.partition.proof import Proof, partition_faults, prove
from retention.partition.tree import Condition, FittedLeaf, leaves
from tests.strategies import Nested, fitted, nested_trees

AOV = "avg_order_value"
LOW = Condition(AOV, "low", interval=(-inf, 20.0), missing=True)
HIGH = Condition(AOV, "high", interval=(20.0, inf))
GRID = Grid((Axis(AOV, cuts=(20.0,)),))
TABLE = np.array([0, 0, 1], dtype=np.uint8)


def proof_of(*conditions: Condition, grid: Grid = GRID, table: np.ndarray = TABLE) -> Proof:
    return prove([FittedLeaf(i, f"L{i}", (c,)) for i, c in enumerate(conditions)], grid, table)


def counts(proof: Proof) -> tuple[int, int, int]:
    return proof.gaps, proof.overlaps, proof.disagreements


def test_a_sound_table_is_proven() -> None:
    proof = proof_of(LOW, HIGH)
    assert (proof.exclusive, proof.exhaustive, proof.cells, proof.leaves) == (True, True, 3, 2)
    assert counts(proof) == (0, 0, 0)


@given(nested=nested_trees())
def test_every_tree_is_proven(nested: Nested) -> None:
    root = fitted(nested)
    grid = grid_of(root)
    assert counts(prove(tuple(leaves(root)), grid, leaf_table(root, grid))) == (0, 0, 0)


@given(nested=nested_trees(), cell=st.integers(0, 10**6), shift=st.integers(1, 10**6))
def test_one_wrong_entry_of_a_table_is_found(nested: Nested, cell: int, shift: int) -> None:
    root = fitted(nested)
    grid = grid_of(root)
    table = leaf_table(root, grid)
    count = len(tuple(leaves(root)))
    wrong = table.copy()
    # `count` itself stands for a cell that no leaf claims, so there always is a wrong value.
    wrong[cell % grid.cells] = (int(table[cell % grid.cells]) + 1 + shift % count) % (count + 1)
    proof = prove(tuple(leaves(root)), grid, wrong)
    assert counts(proof) == (0, 0, 1)
    assert not proof.exclusive
    assert not proof.exhaustive


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (replace(LOW, missing=False), HIGH, (1, 0, 0)),
        (LOW, replace(HIGH, interval=(21.0, inf)), (1, 0, 0)),
        (replace(LOW, interval=(-inf, 19.0)), HIGH, (1, 0, 0)),
        (LOW, replace(HIGH, missing=True), (0, 1, 0)),
        (LOW, replace(HIGH, interval=(19.0, inf)), (0, 1, 0)),
        (replace(LOW, interval=(-inf, 21.0)), HIGH, (0, 1, 0)),
        (replace(LOW, interval=(0.0, 20.0)), HIGH, (1, 0, 0)),
        (LOW, replace(HIGH, interval=(20.0, 1e6)), (1, 0, 0)),
        (replace(HIGH, missing=True), replace(LOW, missing=False), (0, 0, 2)),
    ],
)
def test_a_rule_with_a_gap_an_overlap_or_the_wrong_side_is_found(
    low: Condition, high: Condition, expected: tuple[int, int, int]
) -> None:
    assert counts(proof_of(low, high)) == expected


@pytest.mark.parametrize("cut", [19.0, 21.0, float(np.nextafter(20, 0)), float(np.nextafter(20, 99))])
def test_an_axis_with_another_cut_than_the_rules_is_found(cut: float) -> None:
    proof = proof_of(LOW, HIGH, grid=Grid((Axis(AOV, cuts=(cut,)),)))
    assert not (proof.exclusive and proof.exhaustive)


def test_a_category_that_the_axis_does_not_know_or_the_rules_list_twice_is_found() -> None:
    north = Condition("region", "north", values=("n",))
    rest = Condition("region", "rest", excluded=("n",), missing=True)
    grid = Grid((Axis("region", categories=("n",)),))
    table = np.array([1, 0, 1], dtype=np.uint8)
    assert counts(proof_of(north, rest, grid=grid, table=table)) == (0, 0, 0)
    assert counts(proof_of(north, replace(rest, excluded=()), grid=grid, table=table)) == (0, 1, 0)
    assert counts(proof_of(north, replace(rest, excluded=("n", "m")), grid=grid, table=table)) == (0, 0, 0)
    assert counts(proof_of(north, replace(rest, excluded=None), grid=grid, table=table)) == (1, 0, 0)
    other = Grid((Axis("region", categories=("m",)),))
    assert counts(proof_of(north, rest, grid=other, table=table)) == (0, 0, 1)


def ids(*values: str) -> pd.Series:
    return pd.Series(values, dtype="str")


@pytest.mark.parametrize(
    ("parts", "faults"),
    [
        ([ids("a", "b"), ids("c")], []),
        ([ids("c"), ids(), ids("b", "a")], []),
        ([ids("a", "b"), ids()], ["1 unassigned"]),
        ([], ["3 unassigned"]),
        ([ids("a", "b"), ids("c", "a")], ["1 assigned twice"]),
        ([ids("a", "a", "b"), ids("c", "a")], ["2 assigned twice"]),
        ([ids("a", "b", "c", "d")], ["1 not in the universe"]),
        ([ids("a", "b", "C")], ["1 unassigned", "1 not in the universe"]),
        ([ids("a", "b", "b")], ["1 assigned twice", "1 unassigned"]),
        ([ids("a", "b", "d", "d")], ["1 assigned twice", "1 unassigned", "1 not in the universe"]),
        ([ids("a", "b", "0c")], ["1 unassigned", "1 not in the universe"]),
    ],
)
def test_a_dropped_a_doubled_and_a_foreign_identifier_are_counted(parts: list[pd.Series], faults: list[str]) -> None:
    assert [str(fault) for fault in partition_faults(ids("a", "b", "c"), parts)] == faults


@given(
    codes=st.lists(st.integers(0, 3), min_size=1, max_size=30),
    broken=st.sampled_from(["dropped", "doubled", "foreign"]),
    place=st.integers(0, 100),
)
def test_any_partition_passes_and_no_broken_one_does(codes: list[int], broken: str, place: int) -> None:
    universe = ids(*(f"u{i}" for i in range(len(codes))))
    parts = [universe[np.array(codes) == code] for code in range(4)]
    assert partition_faults(universe, parts) == ()
    name = f"u{place % len(codes)}"
    if broken == "dropped":
        wrong = [part[part != name] for part in parts]
    else:
        wrong = [*parts, ids(name if broken == "doubled" else "stranger")]
    expected = {"dropped": "unassigned", "doubled": "assigned twice", "foreign": "not in the universe"}
    assert [fault.kind for fault in partition_faults(universe, wrong)] == [expected[broken]]
