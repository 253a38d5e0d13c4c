"""Periods whose customers are on a cluster: its workers write them into the workspace."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from analysis import Run
from analysis.engines.spark import analyze_spread
from cli.inputs.spark import spark
from data_ingestion import ReadOptions
from data_ingestion.cluster.blobs import Cluster
from data_ingestion.cluster.reading import read_spread
from data_ingestion.cluster.sources import SpreadFiles
from retention.errors import RetentionError
from run_store.workspace import Workspace
from tests.run_store.period_cases import saved
from tests.strategies import cut, policy_of
from tools import java
from workers.room import PREFIX, held, room

NOW = datetime(2025, 9, 22, tzinfo=UTC)
TREE = policy_of(cut("avg_order_value", ["q20", "q80"], {"l": "A", "m": "B", "h": "C"}), sizes={"min_size": 1})
NEEDS_JAVA = pytest.mark.skipif(java.find() is None, reason="Spark needs Java: python -m tools.java")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    path = tmp_path_factory.mktemp("spread") / "carts.csv"
    ids = [f"customer-{number}" for number in range(90)]
    pd.DataFrame({"user_id": ids, "cart_abandoned_date": "2025-09-20", "avg_order_value": range(90)}).to_csv(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        with spark("local[1]") as session, Cluster(session, 3) as cluster:
            yield analyze_spread(cluster, read_spread(cluster, SpreadFiles((path,)), ReadOptions()), TREE)


def files_in(workspace: Path) -> set[str]:
    return {path.name for path in (workspace / "periods").iterdir()}


@pytest.mark.slow
@NEEDS_JAVA
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")
def test_each_part_is_a_file_and_who_is_erased_has_one_written_anew(run: Run, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    period = workspace.open(workspace.save(run, name="Week 1", saved_at=NOW))
    before = {kind: period.files.stored(kind) for kind in period.files.parts()}
    assert len(before) == 3
    assert files_in(tmp_path) == {file.name for file in (period.files.known() or {}).values()}
    customers = pd.concat([part.customers for part in run.segmentation.in_parts()], ignore_index=True)
    pd.testing.assert_frame_equal(period.run().segmentation.customers, customers)
    assert workspace.erase("customer-7") == 1
    assert sum(period.files.stored(kind) == file for kind, file in before.items()) == 2
    assert len(files_in(tmp_path)) == 7
    assert not len(period.customer("customer-7"))
    assert len(period.customer("customer-8"))


@pytest.mark.slow
@NEEDS_JAVA
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")
@pytest.mark.parametrize("fault", ["nowhere", "erased"])
def test_a_save_that_cannot_be_leaves_no_customer(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    workspace = Workspace(tmp_path)
    if fault == "nowhere":
        monkeypatch.setattr("run_store.period_files.room", lambda _: nullcontext(tmp_path / "not on the worker"))
        said = f"{tmp_path}: a worker cannot read or write (no such file or directory)"
    else:
        monkeypatch.setattr("run_store.workspace.fills_of", lambda *_: workspace.erase("customer-7") or ())
        said = "a customer was erased while the period was saved"
    with pytest.raises(RetentionError) as error:
        workspace.save(run, name="Week 1", saved_at=NOW)
    assert str(error.value).startswith(said)
    assert not files_in(tmp_path)


def test_what_a_killed_save_left_goes_and_what_is_being_saved_stays(tmp_path: Path) -> None:
    saved(tmp_path)
    dead = tmp_path / "periods" / f"{PREFIX}dead"
    dead.mkdir()
    (dead / "part").write_bytes(b"customer-7")
    with room(tmp_path / "periods") as living:
        dead.mkdir(exist_ok=True)
        with held(dead):
            Workspace(tmp_path).erase("customer-7")
            assert {living.name, dead.name} < files_in(tmp_path)
        Workspace(tmp_path).erase("customer-7")
        assert living.name in files_in(tmp_path)
        assert dead.name not in files_in(tmp_path)
