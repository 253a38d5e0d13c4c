"""A saved period opened without the columns that identify customers, and completed later."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from analysis import Run
from outputs.durable import HashingWriter
from retention.customers.contracts import COLUMNS
from retention.errors import WorkspaceError
from run_store import Workspace
from run_store.saved_period import SavedRun
from run_store.tables import read_cube, write_cube
from tests.run_store.period_cases import run_of

AT = datetime(2025, 10, 1, tzinfo=UTC)


@pytest.fixture
def saved(tmp_path: Path, synthetic: Run) -> SavedRun:
    return Workspace(tmp_path).open(Workspace(tmp_path).save(synthetic, name="week", saved_at=AT))


def test_an_anonymous_run_has_every_column_but_those_of_persons(saved: SavedRun, synthetic: Run) -> None:
    left = set(synthetic.segmentation.customers.columns) - set(saved.anonymous_run().segmentation.customers.columns)
    assert left == {"user_id", "email", "phone", "first_name", "last_name", "zip"}
    assert all(COLUMNS[name].personal for name in left)


def test_an_anonymous_run_says_the_same_of_segments(saved: SavedRun, synthetic: Run) -> None:
    run = saved.anonymous_run()
    pd.testing.assert_frame_equal(run.scores.table, synthetic.scores.table)
    assert run.accounting == synthetic.accounting
    assert run.segmentation.sizes == synthetic.segmentation.sizes
    np.testing.assert_array_equal(run.segmentation.codes, synthetic.segmentation.codes)
    np.testing.assert_array_equal(run.segmentation.waves, synthetic.segmentation.waves)


def test_a_named_run_is_the_run(saved: SavedRun, synthetic: Run) -> None:
    named = saved.named(saved.anonymous_run())
    pd.testing.assert_frame_equal(named.segmentation.customers, synthetic.segmentation.customers)
    pd.testing.assert_frame_equal(named.segmentation.customers, saved.run().segmentation.customers)


def test_who_was_erased_meanwhile_is_not_in_the_named_run(saved: SavedRun, tmp_path: Path, synthetic: Run) -> None:
    anonymous = saved.anonymous_run()
    gone = synthetic.segmentation.customers["user_id"].iloc[3]
    assert Workspace(tmp_path).erase(gone) == 1
    named = saved.named(anonymous)
    assert named.accounting.erased == 1
    assert gone not in set(named.segmentation.customers["user_id"])
    assert len(named.segmentation.customers) == len(named.segmentation.codes) == synthetic.accounting.universe - 1


@pytest.mark.parametrize("ids", [["b", "a", "b"], ["a", None, "b"], ["a", "a", "b"]])
def test_customers_are_there_once_and_have_an_identifier(saved: SavedRun, ids: list[str | None]) -> None:
    with pytest.raises(WorkspaceError, match="do not match"):
        saved._check_ids(pd.DataFrame({"user_id": pd.Series(ids, dtype="str")}))


@pytest.mark.parametrize("ids", [["a", "b", "c"], ["c", "a", "b"], []])
def test_identifiers_that_differ_are_sound_in_any_order(saved: SavedRun, ids: list[str]) -> None:
    saved._check_ids(pd.DataFrame({"user_id": pd.Series(ids, dtype="str")}))


@pytest.mark.parametrize("cells", [[-1, 2], [2, 2], [3, 2], [1.5, 2.0], [None, 2], [0, 10**9]])
def test_the_cells_of_a_cube_are_those_of_its_grid_once_each(tmp_path: Path, cells: list[Any]) -> None:
    cube, path = run_of().segmentation.cube, tmp_path / "cube.parquet"
    with path.open("wb", buffering=0) as stream:
        write_cube(cube, HashingWriter(stream))
    table = parquet.read_table(path)
    parquet.write_table(table.slice(0, 2).set_column(0, "cell", pa.array(cells)), path)
    with pytest.raises(WorkspaceError, match="damaged"):
        read_cube(path, cells=len(cube.size), center=cube.center, where="an import")
