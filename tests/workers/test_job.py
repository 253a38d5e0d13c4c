"""Work in a process of its own comes back as if it had been done here, and ends where its memory or time does."""

import errno
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest

from data_ingestion import read_customers
from retention.errors import InputError, InvariantError, OptionError, Remedy, Setting, UnsureLayoutError
from tests.waiting import wait_until
from tests.workers.works import Unwritable, asleep, failing, greedy, killed, large, product, threads, unwritable
from workers import job, memory
from workers.room import lasting


def silent(step: str, share: float) -> None:
    """Tell nobody."""


Ready = Callable[[Path], Callable[..., Any]]


def ready(work: Callable[..., Any], *given: object) -> Ready:
    """Return what gives the work, once it begins."""
    return lambda _: partial(work, *given)


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_MEMORY_LIMIT", "512M")
    # What the work here needs is loaded with it, in a third of the time.
    monkeypatch.setattr(job, "_READY", ())


def test_what_work_gives_comes_back_from_another_process_that_goes_on() -> None:
    told = list[tuple[str, float]]()
    process, number = job.done("a", ready(product, [6, 7]), lambda *each: told.append(each))
    assert (number, process == os.getpid()) == (42, False)
    assert ("multiplying", 0.5) in told
    assert job.done("b", ready(product, [2, 3]), silent) == (process, 6)


def test_numpy_has_one_thread_there_unless_another_number_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each limit of memory has a worker of its own.
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    monkeypatch.setenv("RETENTION_MEMORY_LIMIT", "513M")
    assert job.done("two", ready(threads), silent) == "2"
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    monkeypatch.setenv("RETENTION_MEMORY_LIMIT", "514M")
    assert job.done("one", ready(threads), silent) == "1"


def test_files_are_read_as_they_are_here(tmp_path: Path) -> None:
    file = tmp_path / "carts.csv"
    file.write_text("user_id,cart_abandoned_date\na,2025-09-01\nb,never\n", encoding="utf-8")
    there, here = job.done("read", ready(read_customers, [file]), silent), read_customers([file])
    assert there.rows.equals(here.rows)
    assert there.quarantine.equals(here.quarantine)
    assert (there.input_hash, there.sources) == (here.input_hash, here.sources)


@pytest.mark.parametrize(
    "error",
    [
        InputError("it is empty", where="x.csv", hint="Fill it", remedies=(Remedy(Setting.DECIMAL, ("comma",)),)),
        UnsureLayoutError("no known layout", name="x.csv"),
    ],
)
def test_an_error_comes_back_whole(error: InputError) -> None:
    with pytest.raises(type(error)) as caught:
        job.done("error", ready(failing, error), silent)
    assert (vars(caught.value), str(caught.value)) == (vars(error), str(error))


def test_a_fault_of_ours_comes_back_without_its_words() -> None:
    with pytest.raises(InvariantError, match=r"^ValueError \(works\.py, line \d+\)$"):
        job.done("fault", ready(failing, ValueError("ann@example.com")), silent)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no such limit, or count otherwise")
@pytest.mark.parametrize("work", [ready(greedy, 1 << 30), ready(killed)])
def test_work_that_needs_too_much_is_explained_and_the_next_goes_on(work: Ready) -> None:
    with pytest.raises(InputError, match="needs more memory than the 512 MB that are allowed"):
        job.done("greedy", work, silent)
    assert job.done("next", ready(product, [2, 3]), silent)[1] == 6


def test_work_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_TIME_LIMIT", "1")
    with pytest.raises(InputError, match="took longer than the 1 seconds"):
        job.done("long", ready(asleep, 60), silent)
    monkeypatch.setenv("RETENTION_TIME_LIMIT", "soon")
    with pytest.raises(OptionError, match="not a number of seconds"):
        job.done("never", ready(asleep, 60), silent)


def given_up(step: str, share: float) -> None:
    """Do as a page that somebody touched."""
    if step and share:
        raise BlockingIOError


@pytest.mark.slow
def test_work_that_nobody_waits_for_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "PATIENCE", 0.5)
    with pytest.raises(BlockingIOError):
        job.done("closed", ready(asleep, 60), given_up)
    left = job._JOBS["closed"]
    wait_until(lambda: left.worker.process.poll() is not None)
    # Who comes back begins anew.
    assert job.done("closed", ready(product, [2, 3]), silent)[1] == 6


@pytest.mark.slow
def test_an_answer_that_nobody_takes_goes_with_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "PATIENCE", 1.0)
    before = set(lasting().iterdir())
    with pytest.raises(BlockingIOError):
        job.done("left", ready(large), given_up)
    wait_until(lambda: "left" not in job._JOBS)
    wait_until(lambda: set(lasting().iterdir()) <= before)


def filled(folder: Path) -> Callable[..., Any]:
    (folder / "carts.csv").write_bytes(b"user_id")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "prepare",
    [
        filled,
        ready(product, [Unwritable(), 6]),
        pytest.param(ready(failing, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))), marks=pytest.mark.slow),
        pytest.param(ready(unwritable), marks=pytest.mark.slow),
    ],
    ids=["upload", "work", "reading", "answer"],
)
def test_a_full_disk_is_told_with_its_folder_and_leaves_nothing(prepare: Ready) -> None:
    with pytest.raises(InputError, match="the disk is full") as caught:
        job.done("full", prepare, silent)
    assert caught.value.where == gettempdir()
    assert "TMPDIR" in str(caught.value)
    assert not list(lasting().iterdir())
    assert job.done("next", ready(product, [2, 3]), silent)[1] == 6


def test_work_that_no_pipe_takes_is_a_fault_at_once() -> None:
    with pytest.raises(InvariantError, match="between server and worker"):
        job.done("local", lambda _: lambda progress: progress, silent)


def test_files_that_take_long_to_prepare_are_not_taken_for_a_page_that_was_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job, "PATIENCE", 0.5)

    def prepare(_: Path) -> Callable[..., Any]:
        asleep(0.8, progress=silent)
        return partial(product, [2, 3])

    started = job.Job(prepare, 60)
    assert started.why is None
    assert started.wait(silent)[1] == 6


@pytest.mark.slow
def test_work_goes_on_with_its_folder_while_a_page_is_drawn_anew() -> None:
    folders = list[Path]()

    def prepare(folder: Path) -> Callable[..., Any]:
        folders.append(folder)
        return partial(asleep, 1)

    with pytest.raises(BlockingIOError):
        job.done("folder", prepare, given_up)
    assert folders[0].is_dir()
    job.done("folder", prepare)
    wait_until(lambda: not folders[0].exists())
    assert len(folders) == 1


@pytest.mark.parametrize(("text", "size"), [("2G", 2 << 30), ("1.5 G", 0), ("512m", 512 << 20), ("1GB", 1 << 30)])
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    if size:
        assert memory.bytes_of(text) == size
        return
    with pytest.raises(OptionError, match="not an amount of memory"):
        memory.bytes_of(text)


def test_too_little_to_start_with_is_refused() -> None:
    with pytest.raises(OptionError, match="not at least 256 MB of memory"):
        memory.bytes_of("10M")


def test_a_control_group_bounds_what_is_usable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RETENTION_MEMORY_LIMIT")
    monkeypatch.setattr(memory, "_GROUPS", (str(tmp_path),))
    before = memory.usable()
    (tmp_path / "memory.max").write_text("2147483648\n", encoding="utf-8")
    assert memory.usable() == min(before, 2 << 30)
    assert memory.limit() == int(min(before, 2 << 30) * memory.SHARE)
    (tmp_path / "memory.max").write_text("max\n", encoding="utf-8")
    assert memory.usable() == before
