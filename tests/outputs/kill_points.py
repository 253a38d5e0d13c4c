"""Publish again and again, killed at every step in turn; started by `test_publishing.py` as a process of its own.

    python kill_points.py FOLDER STEP exchange|renames

Each round starts a child that publishes over an earlier output and kills itself at its n-th call of a
function written in C, for n = STEP, 2 STEP, ... until a child gets through. After each death the place must
hold one whole output and the user's file must be somewhere; after the next publication it must be back.
"""

import json
import os
import shutil
import signal
import sys
from hashlib import sha256
from pathlib import Path
from types import FrameType

from outputs import publishing
from outputs.ownership import ZEROS, seal
from outputs.publishing import publish

FILES = ("segment_assignments.csv", "segments/01_a.csv", "run.json")
FOREIGN = ("notes.txt", "segments/mine.txt", "folder/deep.txt")


def fill_with(word: str, folder: Path) -> None:
    (folder / "segments").mkdir()
    for name in FILES:
        (folder / name).write_text(word, encoding="utf-8")
    (folder / "run.json").write_bytes(seal(f"{word} {ZEROS}"))
    hashes = {name: sha256(word.encode()).hexdigest() for name in FILES[:2]}
    report = json.dumps({"sha256": {**hashes, "mece_report.json": ZEROS}})
    (folder / "mece_report.json").write_bytes(seal(report))


def start_over(place: Path) -> None:
    shutil.rmtree(place.parent, ignore_errors=True)
    place.mkdir(parents=True)
    fill_with("old", place)
    (place / "folder").mkdir()
    for name in FOREIGN:
        (place / name).write_text("keep", encoding="utf-8")


def dies_at(number: int, place: Path) -> bool:
    """Publish in a child that kills itself at a step; return whether it died before it was through."""
    child = os.fork()
    if child == 0:
        left = number

        def count(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal left
            left -= event == "c_call"
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        publish(place, lambda folder: fill_with("new", folder))
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def check(place: Path, exchanged: bool) -> None:
    # Between two renames the place is empty for a moment, and the next run puts the old folder back.
    assert place.exists() or not exchanged, "nothing is in place"
    if not place.exists():
        publishing.recover(place)
    words = {(place / name).read_text(encoding="utf-8")[:3] for name in FILES}
    assert words in ({"old"}, {"new"}), f"torn: {words}"
    for name in FOREIGN:
        last = Path(name).name
        assert len(list(place.parent.rglob(last))) == 1, f"lost or doubled: {name}"


def check_after_recovery(place: Path) -> None:
    publish(place, lambda folder: fill_with("next", folder))
    assert [path.name for path in place.parent.iterdir()] == [place.name], "something is left over"
    for name in FOREIGN:
        assert (place / name).read_text(encoding="utf-8") == "keep", f"not back: {name}"


def main(folder: Path, step: int, exchanged: bool) -> int:
    place, number, rounds = folder / "parent" / "out", step, 0
    died = True
    while died:
        start_over(place)
        died = dies_at(number, place)
        check(place, exchanged)
        check_after_recovery(place)
        number, rounds = number + step, rounds + 1
    return rounds


if __name__ == "__main__":
    if sys.argv[3] == "renames":
        publishing._exchange = lambda _a, _b: False  # type: ignore[assignment]
    print(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "exchange"))  # noqa: T201 - read by the test
