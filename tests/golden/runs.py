"""Run the golden runs, and compare what they write with what was written before.

    python -m tests.golden.runs record FILE [RUN...]    hashes of every byte, stdout and stderr included
    python -m tests.golden.runs compare FILE [RUN...]   names each difference, and exits with 1 if there is one
    python -m tests.golden.runs show FOLDER [RUN...]    writes the files themselves, to lay two versions side by side
    python -m tests.golden.runs keep [RUN...]           records tests/golden/hashes.json anew

The command line is all that they use of the product, so they run unchanged when its source files move.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.golden.commands import ROOT, RUNS, words
from tests.golden.hashing import TEXT, TIMED, days, exact, masked, rounded
from tests.golden.inputs import write_inputs
from tests.golden.layouts import write_layouts

KEPT = Path(__file__).with_name("hashes.json")
ENVIRONMENT = {"PYTHONIOENCODING": "utf-8", "COLUMNS": "120", "NO_COLOR": "1", "TZ": "UTC"}
Hashes = dict[str, str]


@dataclass(frozen=True)
class Written:
    """What a run wrote: files and what its commands said, by name, and the days on which it ran."""

    content: Mapping[str, bytes]
    today: list[str]

    def hashes(self, of: Callable[[str, bytes, list[str]], str | None]) -> Hashes:
        """Return the hash of each content that has one."""
        found = ((name, of(name, data, self.today)) for name, data in sorted(self.content.items()))
        return {name: digest for name, digest in found if digest is not None}


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: bytes
    err: bytes


def start(folder: Path, arguments: list[str]) -> Ended:
    """Give a command in a folder, as a person does."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("RETENTION_")} | ENVIRONMENT
    command = [sys.executable, str(ROOT / "main.py"), *arguments]
    done = subprocess.run(command, cwd=folder, env=env, check=False, capture_output=True, stdin=subprocess.DEVNULL)
    return Ended(done.returncode, done.stdout, done.stderr)


def perform(run: str, give: Callable[[Path, list[str]], Ended] = start) -> Written:
    """Give the commands of a run in a new folder, one after the other."""
    started, content = datetime.now(UTC), dict[str, bytes]()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        write_inputs(folder)
        write_layouts(folder)
        given = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _files(folder)}
        for number, command in enumerate(RUNS[run], start=1):
            content.update(_said(folder, number, command, give(folder, words(command))))
        for path in _files(folder):
            name = path.relative_to(folder).as_posix()
            if path.name not in TIMED and given.get(name) != path.read_bytes():
                content[name] = path.read_bytes()
    return Written(content, days(started, datetime.now(UTC)))


def _said(folder: Path, number: int, command: str, ended: Ended) -> Iterator[tuple[str, bytes]]:
    """Yield the standard output of a command, and its errors with the exit code."""
    out, err = (text.replace(b"\r\n", b"\n").replace(str(folder).encode(), b".") for text in (ended.out, ended.err))
    name = f"{number:02} main.py {command}"
    kind = "json" if "--format json" in command else "sql" if command.startswith("sql ") else "txt"
    yield f"{name}: output.{kind}", out
    yield f"{name}: errors.txt", f"exit code {ended.code}\n".encode() + err


def _files(folder: Path) -> list[Path]:
    """Return the files of a folder but those of its workspace, whose outside form the export is."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and ".workspace" not in path.parts]


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return each name whose hash differs, or which only one side has."""
    names = sorted(before.keys() | after.keys())
    state = {name: ("gone" if name not in after else "new" if name not in before else "different") for name in names}
    return [f"{state[name]}: {name}" for name in names if before.get(name) != after.get(name)]


def kept() -> dict[str, Hashes]:
    """Return the hashes that are checked in."""
    hashes: dict[str, Hashes] = json.loads(KEPT.read_text(encoding="utf-8"))
    return hashes


def _write(path: Path, hashes: Mapping[str, Hashes]) -> None:
    path.write_text(json.dumps(hashes, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def _compare(path: Path, runs: list[str]) -> int:
    before: dict[str, Hashes] = json.loads(path.read_text(encoding="utf-8"))
    failed = False
    for run in runs:
        found = differences(before[run], perform(run).hashes(exact))
        failed |= bool(found)
        sys.stdout.write("".join(f"{run}: {line}\n" for line in found or ["equal"]))
        sys.stdout.flush()
    return int(failed)


def _show(folder: Path, run: str) -> None:
    """Write what a run writes and says, without identifiers and times."""
    written = perform(run)
    for name, data in written.content.items():
        path = folder / run / (f"{name.replace('/', '_')[:120]}.txt" if ": " in name else name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(masked(data, written.today) if path.suffix in TEXT else data)


def main(given: list[str]) -> int:
    """Do what the module's docstring says; return the exit code."""
    match given:
        case ["keep", *runs]:
            anew = {run: perform(run).hashes(rounded) for run in runs or RUNS}
            _write(KEPT, {run: anew.get(run) or kept()[run] for run in RUNS})
        case ["record", file, *runs]:
            _write(Path(file), {run: perform(run).hashes(exact) for run in runs or RUNS})
        case ["compare", file, *runs]:
            return _compare(Path(file), runs or list(RUNS))
        case ["show", folder, *runs]:
            for run in runs or RUNS:
                _show(Path(folder), run)
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
