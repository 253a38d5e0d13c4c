"""An old output folder after a new one took its place: ours goes, everything else moves over."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from outputs.names import OWN_FILES, QUARANTINE_FILE, REPORT, SEGMENT_FILE, SEGMENTS


@dataclass(frozen=True)
class Output:
    """A kind of output folder.

    Args:
        mark: What the names of its unfinished folders hold, so that each kind clears up its own.
        foreign: Yields files and folders of an output folder that are not of this kind.
    """

    mark: str
    foreign: Callable[[Path], Iterator[Path]]


def hand_over(old: Path, place: Path, kind: Output) -> None:
    """Move what is not ours from an old folder to the new one, then remove the old one.

    A crash in between loses nothing: whatever was not moved is still in the old folder.

    Args:
        old: The folder that was in the place.
        place: The new one.
        kind: What both are.

    Raises:
        OSError: Something cannot be moved; it and what follows it stay where they are.
    """
    for path in list(kind.foreign(old)):
        goal = _free(place / path.relative_to(old))
        goal.parent.mkdir(parents=True, exist_ok=True)
        path.rename(goal)
    shutil.rmtree(old)


def is_ours(path: Path, folder: Path, kind: Output) -> bool:
    """Return whether a new output in a folder would replace a file; both paths resolved."""
    if folder not in path.parents or not folder.is_dir():
        return False
    kept = set(kind.foreign(folder))
    return not any(place in kept for place in (path, *path.parents))


def _foreign(folder: Path) -> Iterator[Path]:
    """Yield files and folders that are not ours."""
    for path in sorted(folder.iterdir()):
        if path.name == SEGMENTS and path.is_dir() and not path.is_symlink():
            own = _segment_files(folder)
            yield from (inner for inner in sorted(path.iterdir()) if inner.name not in own or _is_real_folder(inner))
        elif not (path.name in OWN_FILES or QUARANTINE_FILE.fullmatch(path.name)) or _is_real_folder(path):
            yield path


RUN_OUTPUT = Output("part", _foreign)
"""The files of a run."""


def _is_real_folder(path: Path) -> bool:
    # A link under the name of one of our files is removed like a file; what it leads to is not touched.
    return path.is_dir() and not path.is_symlink()


def _segment_files(folder: Path) -> frozenset[str]:
    """Return the names of the segment files that a run wrote: what its report lists, or else what looks like one."""
    try:
        report = json.loads((folder / REPORT).read_bytes())
        return frozenset(str(segment["file"]).rpartition("/")[2] for segment in report["segments"])
    except (OSError, ValueError, LookupError, TypeError):
        names = (path.name for path in (folder / SEGMENTS).iterdir())
        return frozenset(name for name in names if SEGMENT_FILE.fullmatch(name))


def _free(path: Path) -> Path:
    """Return the path, or the first one like it with a number that nothing has."""
    free, number = path, 0
    while free.exists() or free.is_symlink():
        number += 1
        free = path.with_name(f"{path.stem}.{number}{path.suffix}")
    return free
