"""A workspace as one file and back: weeks under their identifiers, with their states, and what the shop keeps."""

import shutil
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from main import app
from retention.errors import WorkspaceError
from run_store import Weeks, Workspace
from run_store.backup import back_up, is_backup, restore
from tests.run_store.period_cases import assert_equal_runs


@pytest.fixture
def old(tmp_path: Path) -> Workspace:
    """A workspace as an earlier program wrote it, one of whose weeks has no customers any more."""
    shutil.copytree("tests/data/workspace-3", tmp_path / "old")
    workspace = Workspace(tmp_path / "old")
    plain = next(each for each in workspace.periods() if each.name == "Plain week")
    Weeks(workspace).forget_people(plain.id)
    return workspace


def test_a_restored_workspace_is_the_one_that_was_backed_up(old: Workspace, tmp_path: Path) -> None:
    assert back_up(old, tmp_path / "all.zip") == 2
    new = Workspace(tmp_path / "new")
    assert (is_backup(tmp_path / "all.zip"), restore(new, tmp_path / "all.zip")) == (True, 2)
    assert set(new.periods()) == set(old.periods())
    for each in old.periods():
        assert_equal_runs(new.open(each.id).run(), old.open(each.id).run())
    assert (new.preferences(), new.lifts()) == (old.preferences(), old.lifts())
    assert new.policy("own-buckets") == old.policy("own-buckets")


def test_restoring_adds_what_is_missing_and_replaces_nothing(old: Workspace, tmp_path: Path) -> None:
    back_up(old, tmp_path / "all.zip")
    gone, stays = old.periods()
    old.delete(gone.id)
    old.rename(stays.id, "another name")
    assert restore(old, tmp_path / "all.zip") == 1
    assert {each.name for each in old.periods()} == {gone.name, "another name"}


@pytest.mark.parametrize("change", ["cut", "other", "more"])
def test_a_file_that_is_no_whole_backup_is_refused(old: Workspace, tmp_path: Path, change: str) -> None:
    path = tmp_path / "all.zip"
    back_up(old, path)
    if change == "cut":
        path.write_bytes(path.read_bytes()[:-500])
    elif change == "other":
        path.write_bytes(old.exported(old.periods()[0].id))
    else:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("../evil", "x")
    with pytest.raises(WorkspaceError):
        restore(Workspace(tmp_path / "new"), path)
    assert Workspace(tmp_path / "new").periods() == ()


def test_one_command_each(old: Workspace, tmp_path: Path) -> None:
    for given, told in (
        (["backup", str(tmp_path / "all.zip"), "--workspace", str(old.folder)], "Backed up 2 saved periods"),
        (["restore", str(tmp_path / "all.zip"), "--workspace", str(tmp_path / "new")], "Restored 2 saved periods"),
    ):
        result = CliRunner().invoke(app, ["runs", *given])
        assert (result.exit_code, told in result.output) == (0, True), result.output
