"""Measured lifts in the workspace."""

from pathlib import Path

import pytest

from retention.errors import OptionError, SourceError, WorkspaceError
from retention.scores.measured_lift import lifts_from_json, lifts_to_json
from run_store import Workspace
from run_store.workspace import LIFTS_FILE
from tests.counted import counted

LIFT = counted("VIP", (90, 800), (8, 100))
OLD = (
    '[{"segment": "VIP", "lift": 0.2, "low": -0.1, "high": 0.5, "baseline": 0.1, "customers": 900, '
    '"experiment": "spring", "measured_on": "2025-10-20"}]'
)


def test_what_is_kept_is_found_again_until_it_is_forgotten(tmp_path: Path) -> None:
    assert Workspace(tmp_path / "none").lifts() == ()
    Workspace(tmp_path).keep_lifts([LIFT])
    assert Workspace(tmp_path).lifts() == (LIFT,)
    Workspace(tmp_path).keep_lifts([LIFT.model_copy(update={"converted": 91})])
    assert [lift.converted for lift in Workspace(tmp_path).lifts()] == [91]
    Workspace(tmp_path).forget_lifts()
    Workspace(tmp_path).forget_lifts()
    assert Workspace(tmp_path).lifts() == ()


def test_experiments_stand_beside_each_other_and_are_forgotten_by_name(tmp_path: Path) -> None:
    spring = counted("VIP", (10, 80), (9, 100), experiment="spring")
    Workspace(tmp_path).keep_lifts([LIFT])
    Workspace(tmp_path).keep_lifts([spring])
    assert Workspace(tmp_path).lifts() == (LIFT, spring)
    with pytest.raises(OptionError, match="no lifts of an experiment 'summer'"):
        Workspace(tmp_path).forget_lifts("summer")
    Workspace(tmp_path).forget_lifts("autumn")
    assert Workspace(tmp_path).lifts() == (spring,)
    Workspace(tmp_path).forget_lifts("spring")
    assert not (tmp_path / LIFTS_FILE).exists()


def test_lifts_that_were_kept_as_rates_are_retired_by_name_and_replaced(tmp_path: Path) -> None:
    (tmp_path / LIFTS_FILE).write_text(OLD)
    with pytest.raises(WorkspaceError, match="the lifts of experiment 'spring' were kept as rates without counts"):
        Workspace(tmp_path).lifts()
    with pytest.raises(SourceError, match="'spring'"):
        lifts_from_json(OLD)
    Workspace(tmp_path).keep_lifts([LIFT])
    assert Workspace(tmp_path).lifts() == (LIFT,)


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="more customers converted than there are"):
        counted("VIP", (11, 10), (1, 10))
    twice = lifts_to_json([LIFT, LIFT])
    with pytest.raises(SourceError, match="listed twice"):
        lifts_from_json(twice)


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
