"""A saved period opened, its customers in one file or in many."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from analysis import Run
from outputs.durable import HashingWriter
from retention.errors import ErasedError, WorkspaceError
from retention.partition import cube as cubes
from retention.partition.what_if import build_what_if
from run_store import Weeks, Workspace, lookup, period_files, saved_period, tables
from run_store.lookup import search_frame
from run_store.saved_period import SavedRun
from run_store.tables import read_cube, write_cube
from tests.run_store.period_cases import run_of
from workers.messages import receive, send

AT = datetime(2025, 10, 1, tzinfo=UTC)


@pytest.fixture
def saved(tmp_path: Path, synthetic: Run) -> SavedRun:
    return Workspace(tmp_path).open(Workspace(tmp_path).save(synthetic, name="week", saved_at=AT))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few customers fill many files, of several row groups."""
    monkeypatch.setattr(period_files, "ROWS_PER_PART", 200)
    monkeypatch.setattr(tables, "ROWS_PER_WRITE", 100)
    monkeypatch.setattr(tables, "ROWS_PER_GROUP", 50)
    monkeypatch.setattr(saved_period, "ROWS_PER_WRITE", 100)
    monkeypatch.setattr(cubes, "BLOCK", 100)


def customers_of(run: Run) -> pd.DataFrame:
    return pd.concat([part.segmentation.customers for part in run.in_parts()], ignore_index=True)


@pytest.mark.usefixtures("small")
def test_customers_in_many_files_are_those_of_one(saved: SavedRun, synthetic: Run, tmp_path: Path) -> None:
    assert len(saved.files.parts()) == -(-synthetic.accounting.universe // 200) > 2
    whole, parts = saved.run(), saved.run_in_parts()
    assert parts.segmentation.customers.empty
    for customers in (whole.segmentation.customers, customers_of(parts)):
        pd.testing.assert_frame_equal(customers, synthetic.segmentation.customers)
    pipe = BytesIO()
    send(pipe, parts, tmp_path / "arrays")
    assert str(synthetic.segmentation.customers["user_id"][0]).encode() not in pipe.getvalue()
    assert not (tmp_path / "arrays").exists()
    pipe.seek(0)
    pd.testing.assert_frame_equal(customers_of(receive(pipe)), synthetic.segmentation.customers)
    assert parts.accounting == whole.accounting
    assert parts.segmentation.sizes == synthetic.segmentation.sizes
    pd.testing.assert_frame_equal(parts.scores.table, synthetic.scores.table)
    for name in ("codes", "waves"):
        joined = np.concatenate([getattr(part, name) for part in parts.segmentation.in_parts([])])
        np.testing.assert_array_equal(joined, getattr(synthetic.segmentation, name))


@pytest.mark.usefixtures("small")
def test_a_search_and_rows_go_over_many_files(saved: SavedRun, synthetic: Run) -> None:
    customers = synthetic.segmentation.customers
    for text in ("", "1", "@", str(customers["user_id"].iloc[450])):
        assert saved.search(text).tolist() == search_frame(customers, text).tolist()
    places = [450, 0, 199, 200, 399, 2]
    expected = customers.iloc[places].reset_index(drop=True)
    found = saved.rows(places)
    pd.testing.assert_frame_equal(found.customers, expected)
    np.testing.assert_array_equal(found.codes, synthetic.segmentation.codes[places])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("few", [0, 2_000])
def test_a_customer_is_found_in_one_of_many_files(
    saved: SavedRun, synthetic: Run, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(lookup, "FEW", few)
    row = synthetic.segmentation.customers.iloc[[450]].reset_index(drop=True)
    pd.testing.assert_frame_equal(saved.customer(str(row["user_id"][0])), row)
    assert saved.file_of(str(row["user_id"][0])) == saved.files.stored("customers-2").name
    assert saved.customer("nobody").empty


@pytest.mark.usefixtures("small")
def test_erasing_writes_one_file_anew(saved: SavedRun, tmp_path: Path, synthetic: Run) -> None:
    before = {kind: saved.files.stored(kind) for kind in saved.files.parts()}
    opened, gone = saved.run_in_parts(), str(synthetic.segmentation.customers["user_id"].iloc[450])
    assert Workspace(tmp_path).erase(gone) == 1
    assert [kind for kind, file in before.items() if saved.files.stored(kind) != file] == ["customers-2"]
    with pytest.raises(ErasedError):
        customers_of(opened)
    now = Workspace(tmp_path).open(saved.summary.id).run_in_parts()
    assert now.accounting.erased == 1
    left = synthetic.segmentation.customers.drop(index=450).reset_index(drop=True)
    pd.testing.assert_frame_equal(customers_of(now), left)
    assert sum(now.segmentation.sizes) == len(left)


@pytest.mark.usefixtures("small")
def test_a_week_in_many_files_goes_elsewhere_and_back_and_is_emptied(saved: SavedRun, tmp_path: Path) -> None:
    target = tmp_path / "week.zip"
    workspace = Workspace(tmp_path)
    workspace.export(saved.summary.id, target)
    other = workspace.open(workspace.take_in(target))
    assert [other.files.stored(kind).sha256 for kind in other.files.parts()] == [
        saved.files.stored(kind).sha256 for kind in saved.files.parts()
    ]
    assert Weeks(workspace).forget_people(saved.summary.id)
    emptied = workspace.open(saved.summary.id)
    assert emptied.files.parts() == ("customers",)
    assert customers_of(emptied.run_in_parts()).empty
    assert emptied.search("").tolist() == []


@pytest.mark.usefixtures("small")
def test_a_run_in_parts_is_saved_as_it_is(saved: SavedRun, tmp_path: Path) -> None:
    again = Workspace(tmp_path).save(saved.run_in_parts(), name="again", saved_at=AT)
    other = Workspace(tmp_path).open(again)
    for kind in (*saved.files.parts(), "what_if", "cube", "quarantine", "record"):
        assert other.files.stored(kind).sha256 == saved.files.stored(kind).sha256, kind


@pytest.mark.parametrize("ids", [["b", "a", "b"], ["a", None, "b"], ["a", "a", "b"]])
def test_customers_are_there_once_and_have_an_identifier(ids: list[str | None]) -> None:
    assert not saved_period.are_identifiers(pd.Series(ids, dtype="str"))


@pytest.mark.parametrize("ids", [["a", "b", "c"], ["c", "a", "b"], []])
def test_identifiers_that_differ_are_sound_in_any_order(ids: list[str]) -> None:
    assert saved_period.are_identifiers(pd.Series(ids, dtype="str"))


@pytest.mark.parametrize("cells", [[-1, 2], [2, 2], [3, 2], [1.5, 2.0], [None, 2], [0, 10**9]])
def test_the_cells_of_a_cube_are_those_of_its_grid_once_each(tmp_path: Path, cells: list[Any]) -> None:
    cube, path = run_of().segmentation.cube, tmp_path / "cube.parquet"
    with path.open("wb", buffering=0) as stream:
        write_cube(cube, HashingWriter(stream))
    table = parquet.read_table(path)
    parquet.write_table(table.slice(0, 2).set_column(0, "cell", pa.array(cells)), path)
    with pytest.raises(WorkspaceError, match="damaged"):
        read_cube(path, cells=len(cube.size), center=cube.center, where="an import")


@pytest.mark.usefixtures("small")
def test_the_cube_of_a_week_is_made_of_the_columns_of_its_terms(
    saved: SavedRun, synthetic: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, batches = set[str](), tables.own_batches

    def watched(path: Path, *, where: str, rows: int, columns: list[str]) -> Iterator[pa.RecordBatch]:
        read.update(columns)
        return batches(path, where=where, rows=rows, columns=columns)

    monkeypatch.setattr(saved_period, "own_batches", watched)
    scale = synthetic.segmentation.scale
    found = build_what_if(saved.run_in_parts().segmentation, synthetic.policy, scale)
    whole = build_what_if(synthetic.segmentation, synthetic.policy, scale)
    np.testing.assert_array_equal(found.cube.product, whole.cube.product)
    np.testing.assert_array_equal(found.cube.center, whole.cube.center)
    assert "avg_order_value" in read
    assert not read & {"user_id", "last_order_date", "region"}
