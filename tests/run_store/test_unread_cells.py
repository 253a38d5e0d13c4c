"""Cells that cannot be read are kept with a saved period, and no longer than its customers."""

import io
from pathlib import Path

import pandas as pd

from analysis import Run, Settings, analyze
from data_ingestion import read_customers
from retention.policy.policy import Sizes
from run_store import Workspace, load_policy
from tests.run_store.period_cases import HEADER, assert_equal_runs, row_of, saved


def run_with_unread_cells(folder: Path) -> Run:
    path = folder / "week.csv"
    unread = f"x1,2026-01-02,10,0.5,0.5,x1@example.com,,{'x1@example.com' * 3_000},perhaps"
    path.write_text("\n".join([HEADER, *(row_of(n) for n in range(40)), unread, ""]), encoding="utf-8")
    return analyze(read_customers([path]), load_policy("five-segments"), Settings(sizes=Sizes(min_size=5)))


def test_they_come_back_as_they_were_saved_and_exported(tmp_path: Path) -> None:
    run, workspace = run_with_unread_cells(tmp_path), Workspace(tmp_path / "one")
    run_id = saved(tmp_path / "one", run)
    for back in (workspace.open(run_id).run(), _imported(workspace, run_id, tmp_path / "two")):
        assert_equal_runs(run, back)
        pd.testing.assert_frame_equal(run.cells, back.cells)
    assert run.cells["column"].tolist() == ["region", "email_consent"]


def test_what_they_quote_of_an_erased_customer_goes(tmp_path: Path) -> None:
    run_id = saved(tmp_path, run_with_unread_cells(tmp_path))
    assert Workspace(tmp_path).erase("x1") == 1
    run = Workspace(tmp_path).open(run_id).run()
    assert run.cells["value"].tolist() == ["", "perhaps"]
    assert run.accounting.cells_missing == {"email_consent": 1, "region": 1}


def _imported(workspace: Workspace, run_id: str, folder: Path) -> Run:
    workspace.export(run_id, folder.parent / "week.zip")
    other = Workspace(folder)
    return other.open(other.take_in(io.BytesIO((folder.parent / "week.zip").read_bytes()))).run()
