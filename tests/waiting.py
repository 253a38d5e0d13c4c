"""Waiting for a state, never for a while: nothing that a test finds depends on the speed of the machine.

`PATIENCE` is the one limit of time in the tests. It ends a test that hangs, and fails no test that is only slow.
"""

import time
import urllib.request
from collections.abc import Callable
from subprocess import Popen, TimeoutExpired

PATIENCE = 600
"""Seconds after which a test is taken to hang."""
PAUSE = 0.02


def wait_until(state: Callable[[], bool]) -> None:
    """Ask for a state again and again until it is there.

    Raises:
        TimeoutError: It has not come for very long.
    """
    end = time.monotonic() + PATIENCE
    while not state():
        if time.monotonic() > end:
            raise TimeoutError("what the test waits for does not come")
        time.sleep(PAUSE)


def answers(url: str) -> bool:
    """Return whether an address of this machine answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_for_server(process: "Popen[bytes]", url: str) -> bool:
    """Wait until a server answers, or until its process has ended; return whether it answers."""
    wait_until(lambda: process.poll() is not None or answers(url))
    return process.poll() is None


def end(process: "Popen[bytes]") -> None:
    """Ask a process to end, and kill it if it hangs."""
    process.terminate()
    try:
        process.wait(timeout=PATIENCE)
    except TimeoutExpired:
        process.kill()
        process.wait()
