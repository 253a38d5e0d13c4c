"""Saving processes that are killed, or that save all at once; started by `test_crash.py` as a program.

    python -m tests.run_store.killing kill WORKSPACE KILLS SEED
    python -m tests.run_store.killing together WORKSPACE PROCESSES SAVES

It prints the identifier of each acknowledged save. A kill falls after so many calls of a function written in C,
never after so many seconds: the same seed kills at the same places on every machine.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import numpy as np

from retention.partition.what_if import build_what_if
from run_store import Workspace, schema
from tests.run_store.period_cases import SAVED_AT, run_of
from tests.waiting import PATIENCE

RUN = run_of()
WHAT_IF = build_what_if(RUN.segmentation.customers, RUN.policy, RUN.segmentation.scale)


schema.BUSY_SECONDS = PATIENCE
"""Eight processes on a slow machine wait longer for each other than people would."""


def save_and_tell(workspace: Path, name: str, pipe: int) -> None:
    """Save once, and acknowledge by one line."""
    run_id = Workspace(workspace).save(RUN, name=name, saved_at=SAVED_AT, what_if=WHAT_IF)
    os.write(pipe, f"{run_id}\n".encode())


def forked(work: Callable[[], None]) -> int:
    """Start a process that works, and return its number."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


def counted(work: Callable[[], None], last: int = -1) -> int:
    """Do the work and return its calls of functions written in C; at the last one this process kills itself."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "c_call"
        if calls == last:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    work()
    sys.setprofile(None)
    return calls


def kill(workspace: Path, kills: int, seed: int) -> None:
    """Save once and kill the next save at a random call, again and again."""
    chance = np.random.default_rng(seed)

    def save() -> None:
        save_and_tell(workspace, "killed", 1)

    def work(last: int) -> None:
        save()
        counted(save, last)

    calls = counted(save)
    for last in chance.integers(1, calls, size=kills).tolist():
        child = forked(lambda last=last: work(last))  # type: ignore[misc]
        os.waitpid(child, 0)
        Workspace(workspace).periods()


def together(workspace: Path, processes: int, saves: int) -> None:
    """Save from several processes at once while others list, delete and erase."""

    def work(number: int) -> None:
        for turn in range(saves):
            save_and_tell(workspace, f"{number}-{turn}", 1)
            Workspace(workspace).periods()
            own = Workspace(workspace).save(RUN, name="to delete", saved_at=SAVED_AT, what_if=WHAT_IF)
            Workspace(workspace).delete(own)
        if number == 0:
            Workspace(workspace).erase("u001")

    children = [forked(lambda number=number: work(number)) for number in range(processes)]  # type: ignore[misc]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0] * processes, codes


if __name__ == "__main__":
    mode, folder, first, second = sys.argv[1:]
    {"kill": kill, "together": together}[mode](Path(folder), int(first), int(second))
