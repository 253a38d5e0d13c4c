"""A saved period of 1,000,000 abandoners to measure on; `python -m benchmarks.server.period FOLDER` saves one."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from analysis import analyze
from benchmarks.harness import ROOT
from benchmarks.tables import policy
from data_generation import generate
from data_ingestion import intake_of_frame
from run_store import Workspace

SIZE = 1_000_000
END = date(2025, 9, 30)


def save(folder: Path) -> str:
    """Return the identifier of the period, saved into the workspace by a process of its own."""
    command = [sys.executable, "-m", "benchmarks.server.period", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main(folder: Path) -> None:
    """Save the period and print its identifier."""
    # Seven days of customers, so that all of them are in the window.
    made = generate(SIZE, end=END, days=7)
    intake = intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)
    run = analyze(intake, policy("five-segments"))
    print(Workspace(folder).save(run, name="A large week", saved_at=datetime(2025, 10, 1, 8, tzinfo=UTC)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
