"""A process watched while it runs: its seconds, those of its processors, and the memory of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.harness import ROOT


@dataclass(frozen=True)
class Watched:
    """A finished process.

    Args:
        seconds: On the clock.
        cpu: Seconds of all its threads; another process on the machine changes them little.
        megabytes: The most memory of its own; files that are mapped are not in it, as the system takes them back.
        resident: The most memory with these.
    """

    seconds: float
    cpu: float
    megabytes: float
    resident: float


def watched(arguments: Sequence[str]) -> Watched:
    """Run a Python process to its end, with its byte code kept from the run before, as installed programs have it.

    Raises:
        RuntimeError: It failed.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start, before, most, resident = perf_counter(), os.times(), 0, 0
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, env=environment)
    while process.poll() is None:
        try:
            lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
        except OSError:
            break
        found = {line.partition(":")[0]: line.split()[1] for line in lines if line.startswith(("RssAnon", "VmHWM"))}
        most, resident = max(most, int(found.get("RssAnon", 0))), max(resident, int(found.get("VmHWM", 0)))
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
    if process.wait():
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Watched(perf_counter() - start, cpu, most / 1024, resident / 1024)
