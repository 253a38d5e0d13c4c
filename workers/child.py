"""The process of a worker, `python -m workers.child BYTES MODULE...`: work comes in, answers go out."""

import os
import sys
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from retention.errors import InvariantError, RetentionError
from workers import memory
from workers.job import Progress, receive, send

MOST_KEPT = 256 << 20
"""Bytes that a worker may hold on to and still take more work; more is given back by its end."""
TOLD = 0.1
"""Seconds between two words about progress."""


def main() -> None:
    """Do what is asked for until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints must not stand among the answers.
    os.dup2(2, 1)
    size, parent = int(sys.argv[1]), os.getppid()
    _give_way()
    memory.hold(size)
    Thread(target=_follow, args=(parent,), daemon=True).start()
    for name in sys.argv[2:]:
        import_module(name)
    last = 0.0

    def tell(step: str, share: float) -> None:
        nonlocal last
        if time.monotonic() > last + TOLD:
            last = time.monotonic()
            send(answers, ("progress", (step, share), True))

    more = True
    while more:
        try:
            work = receive(sys.stdin.buffer)
        except EOFError:
            return
        last = 0.0
        kind, value = _outcome(work, tell, size)
        more = memory.used() < MOST_KEPT
        try:
            send(answers, (kind, value, more))
        except MemoryError:
            send(answers, ("failed", memory.too_much(size), more))


def _outcome(work: Callable[..., Any], tell: Progress, size: int) -> tuple[str, Any]:
    try:
        return "done", work(progress=tell)
    except MemoryError:
        return "failed", memory.too_much(size)
    except RetentionError as error:
        return "failed", error
    except Exception as error:  # noqa: BLE001 - the server must hear of it, without words that may name customers
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} ({Path(frame.filename).name}, line {frame.lineno})"
        return "failed", InvariantError(place)


def _give_way() -> None:
    """Let the server, for whose pages people wait, have a core before the work has it; Windows has no such call."""
    if hasattr(os, "nice"):
        os.nice(10)


def _follow(parent: int) -> None:
    """End with the server, also where that was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    main()
