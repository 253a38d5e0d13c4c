"""One GROUP BY gives the cube of the engine."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from retention.partition.cube import PAIRS, Cube, build_cube
from retention.policy.policy import Policy
from retention.scores.terms import Scale
from retention.sql.statements import sum_name
from segmentation_engine import fit
from tests.retention.sql.databases import NAMES, answered, warehouse
from tests.retention.sql.shops import shops
from tests.strategies import policies, policy_of

SUMS = ("count", "total", "total_other", "product")


def read(rows: list[tuple[float, ...]], cells: int, center: np.ndarray) -> Cube:
    """Return the cube of a statement's rows, whose columns are in the order of the sums."""
    table = np.zeros((cells, 2 + len(PAIRS) * len(SUMS)))
    for row in rows:
        table[int(row[0])] = row
    sums = table[:, 2:].reshape(cells, len(PAIRS), len(SUMS))
    count, total, other, product = (sums[:, :, place] for place in range(len(SUMS)))
    return Cube(table[:, 1].astype(np.int64), center, count.astype(np.int64), total, other, product)


@pytest.mark.untraced
@pytest.mark.parametrize("name", NAMES)
@given(policy=policies(), frame=shops())
def test_the_cube_is_that_of_the_engine(name: str, policy: Policy, frame: pd.DataFrame) -> None:
    with np.errstate(over="ignore"):
        tree = fit(pd.concat([frame] * 20, ignore_index=True), policy)
        wanted = build_cube(frame, tree.grid, Scale.of(frame))
    statement = replace(
        warehouse(name, tree, frame), scale=Scale.of(frame).aov_q99, center=wanted.center.tolist()
    ).statement("cube")
    names = ["cell", "customers", *(sum_name(kind, pair) for pair in PAIRS for kind in SUMS)]
    assert [each.alias_or_name for each in statement.selects] == names
    rows = answered(name, statement, frame)
    found = read(rows, tree.grid.cells, wanted.center)
    assert len({row[0] for row in rows}) == len(rows) == int((wanted.size > 0).sum())
    np.testing.assert_array_equal(found.size, wanted.size)
    np.testing.assert_array_equal(found.count, wanted.count)
    for kind in SUMS[1:]:
        np.testing.assert_allclose(getattr(found, kind), getattr(wanted, kind), rtol=1e-9, atol=1e-6)


def test_a_shop_without_order_values_has_no_strategic_fit() -> None:
    frame = pd.DataFrame({"user_id": ["a", "b"], "profitability_score": [0.5, np.nan]})
    tree = fit(frame, policy_of("Everybody"))
    for scale, count in ((float("nan"), 0), (0.0, 1)):
        rows = answered("duckdb", replace(warehouse("duckdb", tree, frame), scale=scale).statement("cube"), frame)
        assert read(rows, 1, np.zeros(5)).count[0, PAIRS.index((2, 2))] == count
