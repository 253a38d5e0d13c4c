"""Measured lifts in the workspace."""

from datetime import date
from pathlib import Path

import pytest

from retention.errors import WorkspaceError
from retention.scores.measured_lift import MeasuredLift
from run_store import Workspace
from run_store.workspace import LIFTS_FILE

LIFT = MeasuredLift(
    segment="VIP",
    lift=0.2,
    low=-0.1,
    high=0.5,
    baseline=0.1,
    customers=900,
    experiment="autumn",
    measured_on=date(2025, 10, 20),
)


def test_what_is_kept_is_found_again_until_it_is_forgotten(tmp_path: Path) -> None:
    assert Workspace(tmp_path / "none").lifts() == ()
    Workspace(tmp_path).keep_lifts([LIFT])
    assert Workspace(tmp_path).lifts() == (LIFT,)
    Workspace(tmp_path).keep_lifts([LIFT.model_copy(update={"lift": 0.3})])
    assert [lift.lift for lift in Workspace(tmp_path).lifts()] == [0.3]
    Workspace(tmp_path).forget_lifts()
    Workspace(tmp_path).forget_lifts()
    assert Workspace(tmp_path).lifts() == ()


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'[{"segment": "VIP"}]'])
def test_a_damaged_file_is_told_and_can_be_forgotten(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LIFTS_FILE).write_bytes(content)
    with pytest.raises(WorkspaceError, match="not as they were saved"):
        Workspace(tmp_path).lifts()
    Workspace(tmp_path).forget_lifts()
    assert Workspace(tmp_path).lifts() == ()


def test_a_workspace_that_cannot_be_written_leaves_the_lifts_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError):
        Workspace(tmp_path / "file").keep_lifts([LIFT])
