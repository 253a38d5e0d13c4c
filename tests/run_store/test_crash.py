"""A saved period is there whole or not at all, whatever is killed and whatever the disk refuses."""

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from outputs.durable import HashingWriter
from retention.errors import WorkspaceError
from run_store import Workspace
from run_store.trail import add_entry
from tests.run_store.period_cases import SAVED_AT, assert_equal_cubes, assert_equal_runs, run_of, saved, what_if_of_run

WRITES = 12
"""Of the many writes to a file, every so many-th is made to fail."""


def child(root: Path, *arguments: str) -> list[str]:
    """Run the program beside this file and return the saves that it acknowledged."""
    command = [sys.executable, "-m", "tests.run_store.killing", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def assert_whole(workspace: Path, run_id: str) -> None:
    """Open a period and read every byte of it."""
    opened = Workspace(workspace).open(run_id)
    assert_equal_runs(opened.run(), run_of())
    assert_equal_cubes(opened.what_if.cube, what_if_of_run().cube)


def killed(root: Path, workspace: Path, kills: int, seed: int) -> None:
    acknowledged = child(root, "kill", str(workspace), str(kills), str(seed))
    listed = [summary.id for summary in Workspace(workspace).periods()]
    # One save before the first kill, and one before each; a killed save may have told it already.
    assert 1 + kills <= len(acknowledged) <= len(listed) <= 1 + 2 * kills
    assert set(acknowledged) <= set(listed)
    for run_id in listed:
        assert_whole(workspace, run_id)
    assert_whole(workspace, saved(workspace))


@pytest.mark.slow
def test_no_acknowledged_period_is_lost_when_savers_are_killed(root: Path, tmp_path: Path) -> None:
    killed(root, tmp_path, kills=15, seed=1)


@pytest.mark.proof
def test_no_acknowledged_period_is_lost_when_many_savers_are_killed(root: Path, tmp_path: Path) -> None:
    killed(root, tmp_path, kills=400, seed=2)


@pytest.mark.slow
def test_eight_processes_save_at_once_without_a_lock_error(root: Path, tmp_path: Path) -> None:
    acknowledged = child(root, "together", str(tmp_path), "8", "2")
    assert len(acknowledged) == 16
    assert {summary.id for summary in Workspace(tmp_path).periods()} == set(acknowledged)
    for summary in Workspace(tmp_path).periods():
        opened = Workspace(tmp_path).open(summary.id)
        assert opened.summary.rows == opened.run().accounting.universe == 120 - opened.summary.erased


class Faults:
    """Counts the steps that reach the disk, and lets one of them fail.

    Args:
        monkeypatch: Puts the failing steps in place.
        fail_at: Number of the step that fails; -1 for none.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fail_at: int = -1) -> None:
        self.fail_at, self.steps, self.writes = fail_at, 0, 0
        monkeypatch.setattr(os, "fsync", self._before(os.fsync))
        monkeypatch.setattr(Path, "replace", self._before(Path.replace))
        monkeypatch.setattr(Path, "open", self._before(Path.open))
        monkeypatch.setattr(Path, "mkdir", self._before(Path.mkdir))
        monkeypatch.setattr(Path, "unlink", self._before(Path.unlink))
        monkeypatch.setattr(HashingWriter, "write", self._write(HashingWriter.write))
        monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=self._connection()))

    def step(self) -> None:
        self.steps += 1
        if self.steps - 1 == self.fail_at:
            raise OSError(errno.ENOSPC, "No space left on device")

    def _before(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def replaced(*args: Any, **kwargs: Any) -> Any:
            self.step()
            return real(*args, **kwargs)

        return replaced

    def _write(self, real: Callable[..., int]) -> Callable[..., int]:
        def replaced(writer: HashingWriter, data: Any, /) -> int:
            self.writes += 1
            if self.writes % WRITES == 0:
                self.step()
            return real(writer, data)

        return replaced

    def _connection(self) -> type[sqlite3.Connection]:
        def failing() -> None:
            try:
                self.step()
            except OSError as error:
                raise sqlite3.OperationalError("disk I/O error") from error

        class Connection(sqlite3.Connection):
            """Fails before a statement, or after it took effect."""

            def execute(self, *args: Any) -> sqlite3.Cursor:
                failing()
                done = super().execute(*args)
                failing()
                return done

        return Connection


def save(workspace: Path) -> str:
    return Workspace(workspace).save(run_of(), name="x", saved_at=SAVED_AT, what_if=what_if_of_run())


def steps_of(action: Callable[[], object]) -> int:
    with pytest.MonkeyPatch.context() as patch:
        faults = Faults(patch)
        action()
        return faults.steps


def fails_at(step: int, action: Callable[[], object]) -> bool:
    """Run an action with one failing step; return whether it was told to have failed."""
    with pytest.MonkeyPatch.context() as patch:
        Faults(patch, step)
        try:
            action()
        except WorkspaceError:
            return True
        return False


every_step = pytest.mark.parametrize(
    "stride", [pytest.param(17, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
every_step_of_many = pytest.mark.parametrize(
    "stride", [pytest.param(41, id="some"), pytest.param(1, id="all", marks=pytest.mark.proof)]
)


@every_step
def test_a_save_whose_disk_fails_at_a_step_loses_and_tears_nothing(tmp_path: Path, stride: int) -> None:
    steps = steps_of(partial(save, tmp_path))
    assert steps > 40
    (kept,) = (summary.id for summary in Workspace(tmp_path).periods())
    failures = 0
    for step in range(0, steps, stride):
        before = {summary.id for summary in Workspace(tmp_path).periods()}
        failed = fails_at(step, partial(save, tmp_path))
        failures += failed
        after = {summary.id for summary in Workspace(tmp_path).periods()}
        assert before <= after
        assert failed or len(after) == len(before) + 1
        for run_id in after - before:
            assert_equal_runs(Workspace(tmp_path).open(run_id).run(), run_of())
            Workspace(tmp_path).delete(run_id)
    # What fails while old files are collected is left to the next save, and nobody is told.
    assert failures > steps // stride // 3
    assert_whole(tmp_path, kept)
    assert_whole(tmp_path, save(tmp_path))


@every_step
def test_a_deletion_whose_disk_fails_at_a_step_can_be_repeated(tmp_path: Path, stride: int) -> None:
    kept, first = save(tmp_path), save(tmp_path)
    steps = steps_of(lambda: Workspace(tmp_path).delete(first))
    for step in range(0, steps, stride):
        run_id = save(tmp_path)
        fails_at(step, partial(Workspace(tmp_path).delete, run_id))
        if run_id in {summary.id for summary in Workspace(tmp_path).periods()}:
            assert_equal_runs(Workspace(tmp_path).open(run_id).run(), run_of())
            Workspace(tmp_path).delete(run_id)
    Workspace(tmp_path).delete(save(tmp_path))
    assert [summary.id for summary in Workspace(tmp_path).periods()] == [kept]
    assert {path.name.split(".")[0] for path in (tmp_path / "periods").iterdir()} == {kept}


@every_step_of_many
def test_an_erasure_whose_disk_fails_at_a_step_is_completed_by_the_next(tmp_path: Path, stride: int) -> None:
    run_id = save(tmp_path)
    steps = steps_of(lambda: Workspace(tmp_path).erase("u003"))
    for step in range(0, steps, stride):
        Workspace(tmp_path).delete(run_id)
        run_id = save(tmp_path)
        fails_at(step, lambda: Workspace(tmp_path).erase("u003"))
        opened = Workspace(tmp_path).open(run_id)
        assert len(opened.run().segmentation.customers) == 120 - opened.summary.erased
        Workspace(tmp_path).erase("u003")
        assert Workspace(tmp_path).open(run_id).summary.erased == 1
        assert Workspace(tmp_path).open(run_id).customer("u003").empty
        versions = [path.name.split(".")[1] for path in (tmp_path / "periods").glob(f"{run_id}.*")]
        assert sorted(versions) == ["cube", "customers", "quarantine", "record", "what_if"]


@pytest.fixture
def little_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of one megabyte; skipped where none can be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this user may mount no disk")
    yield place
    unmount = ["umount", str(place)]
    subprocess.run(unmount, check=True)


def test_a_full_disk_can_still_delete(little_disk: Path) -> None:
    workspace = Workspace(little_disk / "workspace")
    run_id = saved(workspace.folder)
    with (little_disk / "other").open("wb", buffering=0) as other, suppress(OSError):
        while True:
            other.write(bytes(4096))
    with pytest.raises(WorkspaceError, match="Free some space"):
        workspace.rename(run_id, "no room for this")
    workspace.delete(run_id)
    assert (workspace.periods(), list((workspace.folder / "periods").iterdir())) == ((), [])
    assert [entry.action for entry in workspace.trail()] == ["deleted", "analysed"]


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_IOERR_WRITE"])
def test_so_can_a_quota_that_is_used_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The same without a disk of its own: SQLite finds no room as long as the files of the period are there."""
    run_id, true = saved(tmp_path), add_entry

    def full(*given: Any) -> None:
        if list((tmp_path / "periods").iterdir()):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorname = name
            raise error
        true(*given)

    monkeypatch.setattr("run_store.catalog.add_entry", full)
    Workspace(tmp_path).delete(run_id)
    assert Workspace(tmp_path).periods() == ()
