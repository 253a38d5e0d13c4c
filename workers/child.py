"""The process of a worker, `python -m workers.child BYTES MODULE...`: work comes in, answers go out."""

import os
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from retention.errors import InvariantError, RetentionError
from workers import memory
from workers.messages import receive, send
from workers.room import told_when_full

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
    memory.hold(size)
    Thread(target=_follow, args=(parent,), daemon=True).start()
    for name in sys.argv[2:]:
        import_module(name)
    last = 0.0

    def tell(step: str, share: float) -> None:
        nonlocal last
        if time.monotonic() > last + TOLD:
            last = time.monotonic()
            send(answers, ("progress", (step, share), True), Path(os.devnull))

    def serve() -> bool:
        """Do the next piece of work, hold on to nothing of it, and return whether to take more."""
        nonlocal last
        work, file = receive(sys.stdin.buffer)
        last = 0.0
        kind, value = _outcome(partial(work, progress=tell), size)
        more = memory.used() < MOST_KEPT
        sent, why = _outcome(partial(send, answers, (kind, value, more), file), size)
        if sent == "failed":
            send(answers, (sent, why, more), file)
        return more

    with suppress(EOFError):
        while serve():
            pass


def _outcome(work: Callable[[], Any], size: int) -> tuple[str, Any]:
    try:
        with told_when_full():
            return "done", work()
    except MemoryError:
        return "failed", memory.too_much(size)
    except RetentionError as error:
        return "failed", error
    except Exception as error:  # noqa: BLE001 - the server must hear of it, without words that may name customers
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} ({Path(frame.filename).name}, line {frame.lineno})"
        return "failed", InvariantError(place)


def _follow(parent: int) -> None:
    """End with the server, also where that was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    main()
