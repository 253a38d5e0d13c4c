"""A folder is published whole or not at all, whatever fails and whenever."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from outputs import ownership, publishing
from outputs.publishing import check_place, publish, recover
from retention.errors import OptionError
from tests.outputs.folders import content
from tests.outputs.kill_points import FOREIGN, fill_with, start_over

Break = Callable[[pytest.MonkeyPatch], None]

needs_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="renameat2 is a call of Linux")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with an earlier output and files of a person in it."""
    target = tmp_path / "parent" / "out"
    start_over(target)
    return target


def new(folder: Path) -> str:
    fill_with("new", folder)
    return "done"


def word_of(folder: Path) -> str:
    return (folder / "run.json").read_text(encoding="utf-8")[:3]


def test_a_new_folder_appears_with_its_parents(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b"
    assert publish(target, new) == "done"
    assert word_of(target) == "new"


@pytest.mark.parametrize("exchange", [pytest.param(True, marks=needs_linux), False])
def test_an_earlier_output_is_replaced_and_foreign_files_are_kept(
    exchange: bool, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchange:
        monkeypatch.setattr(publishing, "_exchange", lambda _a, _b: False)
    place.chmod(0o750)
    publish(place, new)
    assert set(content(place)) == {
        "segment_assignments.csv",
        "mece_report.json",
        "segments/01_a.csv",
        "run.json",
        *FOREIGN,
    }
    assert word_of(place) == "new"
    assert place.stat().st_mode & 0o777 == 0o750
    assert [path.name for path in place.parent.iterdir()] == ["out"]


@needs_linux
def test_this_system_exchanges_two_names_in_one_step(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_a: Path, _b: Path) -> Path:
        raise AssertionError

    monkeypatch.setattr(publishing, "_two_renames", never)
    publish(place, new)
    assert word_of(place) == "new"


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    publish(tmp_path / "out", new)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    publish(tmp_path / "out", new)
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "real" / "run.json").exists()


def test_the_segment_files_of_the_earlier_output_are_those_its_report_lists(place: Path) -> None:
    (place / "segments" / "02_mine.csv").write_text("keep", encoding="utf-8")
    publish(place, new)
    assert (place / "segments" / "02_mine.csv").read_text(encoding="utf-8") == "keep"


def raise_no_space(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def no_space_to_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", raise_no_space)


def no_space_to_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_exchange", raise_no_space)


def no_space_for_the_second_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_exchange", lambda _a, _b: False)
    honest = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if target.name == "out" and not self.name.endswith("-old"):
            raise_no_space()
        return honest(self, target)

    monkeypatch.setattr(Path, "rename", rename)


def no_space_for_the_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "copymode", raise_no_space)


@pytest.mark.parametrize(
    "fault", [no_space_to_sync, no_space_to_exchange, no_space_for_the_second_rename, no_space_for_the_mode]
)
def test_a_full_disk_leaves_the_earlier_output_as_it_was(
    fault: Break, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(place)
    with monkeypatch.context() as patch:
        fault(patch)
        with pytest.raises(OptionError, match=r"no space left on device\). Free some space"):
            publish(place, new)
    assert content(place) == before
    assert [path.name for path in place.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [RuntimeError("x"), KeyboardInterrupt(), MemoryError()])
def test_an_error_while_writing_leaves_the_earlier_output_as_it_was(error: BaseException, place: Path) -> None:
    before = content(place)

    def fail(folder: Path) -> None:
        fill_with("new", folder)
        raise error

    with pytest.raises(type(error)):
        publish(place, fail)
    assert content(place) == before
    assert [path.name for path in place.parent.iterdir()] == ["out"]


def test_foreign_files_that_cannot_move_now_move_in_the_next_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ownership, "_free", raise_no_space)
        publish(place, new)
    assert word_of(place) == "new"
    assert not (place / "notes.txt").exists()
    recover(place)
    assert (place / "notes.txt").read_text(encoding="utf-8") == "keep"
    assert [path.name for path in place.parent.iterdir()] == ["out"]


def test_what_another_run_is_writing_is_left_alone(place: Path) -> None:
    def while_another_starts(folder: Path) -> None:
        fill_with("new", folder)
        recover(place)
        assert (folder / "run.json").exists()

    publish(place, while_another_starts)
    assert word_of(place) == "new"


@needs_linux
def test_what_was_never_finished_for_another_place_goes_too(place: Path) -> None:
    other = place.with_name(".elsewhere.audiences-123-0a1b2c3d-new")
    other.mkdir()
    (other / "half.csv").touch()
    publish(place, new)
    assert [path.name for path in place.parent.iterdir()] == ["out"]


def test_folders_that_only_look_alike_are_left_alone(place: Path) -> None:
    other = place.with_name(".out2.part-1")
    other.mkdir()
    publish(place, new)
    assert other.exists()


@pytest.mark.parametrize("target", [".", "..", "../..", "/"])
def test_the_working_directory_and_those_around_it_are_refused(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptionError, match="working directory"):
        check_place(Path(target))


def test_a_file_and_a_mount_point_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OptionError, match="is a file"):
        check_place(tmp_path / "file")
    monkeypatch.setattr(os.path, "ismount", lambda _: True)
    with pytest.raises(OptionError, match="mount point"):
        check_place(tmp_path / "out")


def test_a_place_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OptionError, match=r"cannot be written \((not a directory|file exists)\)"):
        publish(tmp_path / "file" / "out", new)


def rounds(folder: Path, step: int, way: str, root: Path) -> int:
    script = Path(__file__).with_name("kill_points.py")
    command = [sys.executable, str(script), str(folder), str(step), way]
    done = subprocess.run(
        command, check=False, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@needs_linux
@pytest.mark.parametrize("way", ["exchange", pytest.param("renames", marks=pytest.mark.slow)])
def test_a_kill_at_any_step_tears_nothing_and_loses_nothing(way: str, tmp_path: Path, root: Path) -> None:
    assert rounds(tmp_path, 61, way, root) > 40


@needs_linux
@pytest.mark.proof
@pytest.mark.parametrize("way", ["exchange", "renames"])
def test_a_kill_at_many_more_steps_tears_nothing_and_loses_nothing(way: str, tmp_path: Path, root: Path) -> None:
    assert rounds(tmp_path, 5, way, root) > 500


@pytest.mark.parametrize("name", ["segment_assignments.csv", "segments/01_vip.csv"])
def test_a_folder_where_an_input_would_be_replaced_is_refused(tmp_path: Path, name: str) -> None:
    source = tmp_path / "out" / name
    source.parent.mkdir(parents=True)
    source.write_text("user_id\n")
    with pytest.raises(OptionError, match="would be replaced"):
        check_place(tmp_path / "out", [source])


@pytest.mark.parametrize("name", ["shop.csv", "segments/mine.csv", "data/segment_scores.csv"])
def test_an_input_that_a_run_keeps_may_stand_in_the_output_folder(tmp_path: Path, name: str) -> None:
    source = tmp_path / "out" / name
    source.parent.mkdir(parents=True)
    source.write_text("user_id\n")
    assert check_place(tmp_path / "out", [source]) == (tmp_path / "out").resolve()
    assert check_place(tmp_path / "new", [source]) == (tmp_path / "new").resolve()
