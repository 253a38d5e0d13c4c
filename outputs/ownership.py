"""Whose the files in a place are: only what an output wrote, and nobody changed since, is replaced without a word.

A record in the folder lists the files by hash and ends with its own. `refuse_foreign` decides for all outputs.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from outputs.cells import BYTE_ORDER_MARK
from outputs.durable import hash_of
from outputs.names import OWN_FILE, REPORT, RUN, SEGMENTS, FileFormat, slug
from outputs.verification import read_assignments
from retention.errors import OptionError, Remedy, Setting
from retention.policy.policy import ALL, OTHER

ZEROS = "0" * 64
_HASH = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
MOST_BYTES = 64 << 20
"""No record is larger; a larger file is something else and is not read."""
HEADS = {
    "segment_scores.csv": b"Segment,Size,",
    "segment_scores.json": b'[\n  {\n    "Segment": ',
    "quarantine.csv": b"file,line,column,value,reason,faults",
    "cells.csv": b"file,line,column,value,reason",
    RUN: b'{\n  "started": ',
}
"""How the files begin that a report without hashes does not list."""
Needed = Callable[[str], object]
"""Returns what is true for the paths below a folder that an output is about to take."""


@dataclass(frozen=True)
class Destination:
    """Where an output goes, and what may go for it.

    Args:
        overwrite: Whether files that are not ours may be replaced where the output needs their names.
        mode: The mode of its folders, and without leave to execute that of its files; None: that of the folder that is
            there, and of a new one its owner's alone.
    """

    folder: Path
    overwrite: bool = False
    mode: int | None = None

    @classmethod
    def of(cls, place: "Path | Destination") -> "Destination":
        """Return a folder in which no file of others is replaced, or a destination as it is."""
        return cls(place) if isinstance(place, Path) else place


@dataclass(frozen=True)
class Output:
    """A kind of output folder.

    Args:
        mark: What the names of its unfinished folders hold, so that each kind clears up its own.
        owned: Returns the paths below a folder of the files that an output of this kind wrote and nobody changed.
    """

    mark: str
    owned: Callable[[Path], Set[str]]


def seal(record: str) -> bytes:
    """Return a record with its own hash in the place of the last 64 zeros in it."""
    head, _, tail = record.rpartition(ZEROS)
    return f"{head}{hashlib.sha256(record.encode()).hexdigest()}{tail}".encode()


def is_sealed(path: Path) -> bool:
    """Return whether a file is a record as `seal` made it."""
    content = _content(path)
    *_, (start, end) = [(0, 0), *(match.span() for match in _HASH.finditer(content))]
    plain = content[:start] + ZEROS.encode() + content[end:]
    return hashlib.sha256(plain).hexdigest().encode() == content[start:end]


def record_of(path: Path) -> Mapping[str, Any]:
    """Return what a record holds; nothing where there is none."""
    try:
        record = json.loads(_content(path))
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def unchanged(folder: Path, hashes: Mapping[str, str]) -> Set[str]:
    """Return which of the files are there with the bytes that the hashes are of."""
    return {name for name, digest in hashes.items() if _is_file(folder / name) and hash_of(folder / name) == digest}


def refuse_foreign(
    goal: Destination, needed: Needed, own: Set[str], inputs: Sequence[Path], where: str | Setting
) -> None:
    """Refuse an output that would cost somebody a file: the one rule for folders and for single files.

    Paths below the folder that are needed and not its own may go where that was allowed; inputs, databases and folders
    never do.

    Raises:
        OptionError: A file would be lost; says which.
    """
    kept, foreign = {path.expanduser().resolve() for path in inputs}, list[str]()
    for name in _present(goal.folder):
        path = goal.folder / name
        if (needed(name) or name in own) and path.resolve() in kept:
            raise OptionError(
                "the file exists already, is an input, and would be replaced",
                where=str(path),
                hint="Name another place for the output, or rename the input",
                remedies=(Remedy(Setting.OUTPUT),),
            )
        if not needed(name) or name in own or (name == SEGMENTS and _is_real_folder(path)):
            continue
        if not (path.is_file() or path.is_symlink()) or _content(path, 16) == b"SQLite format 3\0":
            raise OptionError("is a folder, a device or a database, which is never replaced", where=str(path))
        foreign.append(name)
    if foreign and not goal.overwrite:
        names = ", ".join(foreign[:5]) + (f" and {len(foreign) - 5} more" if len(foreign) > 5 else "")
        raise OptionError(
            f"the file exists already, and this program did not write it as it is now: {names}",
            where=where if isinstance(where, Setting) else f"{where} {goal.folder / foreign[0]}",
            hint="Name another place for the output, or move the file",
            remedies=(Remedy(Setting.OVERWRITE),),
        )


def check_file(
    option: str,
    path: Path,
    ours: Callable[[Path], bool] = lambda _: False,
    *,
    inputs: Sequence[Path] = (),
    overwrite: bool = False,
) -> Path:
    """Return the place of a single file of output, by the same rule; `ours` knows a file that may be replaced.

    Raises:
        OptionError: It is a folder, or a file would be lost.
    """
    place = path.expanduser()
    if place.is_dir():
        raise OptionError("is a folder, not a file", where=f"{option} {path}", hint="Name a file in it")
    own = {place.name} if place.exists() and ours(place) else set[str]()
    refuse_foreign(Destination(place.parent, overwrite), place.name.__eq__, own, inputs, option)
    return place


def hand_over(old: Path, place: Path, kind: Output, *, overwrite: bool = False) -> None:
    """Move what is not ours from an old folder to the new one, then remove the old one.

    A crash in between loses nothing: whatever was not moved is still in the old folder. With `overwrite`, files go
    whose names the new one has taken.

    Raises:
        OSError: Something cannot be moved; it and what follows it stay where they are.
    """
    for name in list(_foreign(old, place, kind.owned(old))):
        if overwrite and (place / name).exists() and not _is_real_folder(old / name):
            continue
        (old / name).rename(_free(place / name))
    shutil.rmtree(old)


def run_names(segments: Iterable[str], file_format: FileFormat) -> Needed:
    """Return which paths a run takes whose policy has these segments; sizing may merge and split them."""
    own = rf"(segment_assignments(-[0-9]{{5}})?|{SEGMENTS}/{stems(segments)})\.{file_format}"
    inside, fixed = re.compile(rf"{own}|quarantine-[0-9]+\.csv"), {*HEADS, REPORT, SEGMENTS}
    return lambda name: name in fixed or inside.fullmatch(name)


def stems(segments: Iterable[str]) -> str:
    """Return the pattern of the names, without ending, that the files of segments may get."""
    return rf"[0-9]{{2,}}_({'|'.join(slug(name) for name in (*segments, OTHER, ALL))})[a-z0-9_-]*"


def _of_run(folder: Path) -> Set[str]:
    """Return the files that the report of a run lists, as long as they are as it lists them."""
    report = record_of(folder / REPORT)
    listed = report.get("sha256")
    if not isinstance(listed, dict):
        return set(_without_hashes(folder, report))
    hashes = {name: digest for name, digest in listed.items() if OWN_FILE.fullmatch(name)}
    return unchanged(folder, hashes) | {name for name in (REPORT, RUN) if is_sealed(folder / name)}


def _without_hashes(folder: Path, report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the files of a run from before reports had hashes, as far as their content is what it lists."""
    verified = report.get("verified_files")
    if not isinstance(verified, dict) or not {"accounting", "segments"} <= report.keys():
        return
    yield REPORT
    for name, head in HEADS.items():
        if _content(folder / name, len(head) + 3).removeprefix(BYTE_ORDER_MARK).startswith(head):
            yield name
    for name, rows in verified.items():
        if OWN_FILE.fullmatch(name) and _is_file(folder / name) and _rows(folder / name) == rows:
            yield name


def _rows(path: Path) -> int | None:
    try:
        return len(read_assignments(path)[0])
    except (pa.ArrowException, KeyError):
        return None


RUN_OUTPUT = Output("part", _of_run)


def _content(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return how a file begins; nothing where there is none that can be read."""
    # Asked first: a pipe under the name would be waited for.
    if not path.is_file():
        return b""
    with suppress(OSError), path.open("rb") as stream:
        return stream.read(most)
    return b""


def _present(folder: Path) -> Iterator[str]:
    """Yield the paths below a folder that an output could take."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        yield path.name
        if path.name == SEGMENTS and _is_real_folder(path):
            yield from (f"{SEGMENTS}/{inner.name}" for inner in sorted(path.iterdir()))


def _foreign(old: Path, new: Path, own: Set[str], below: str = "") -> Iterator[str]:
    """Yield the paths below an old folder that are not ours; a folder that the new one has too is looked into."""
    for path in sorted((old / below).iterdir()):
        name = f"{below}{path.name}"
        if _is_real_folder(path) and _is_real_folder(new / name):
            yield from _foreign(old, new, own, f"{name}/")
        elif name not in own:
            yield name


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _is_real_folder(path: Path) -> bool:
    # A link under the name of one of our files is removed like a file; what it leads to is not touched.
    return path.is_dir() and not path.is_symlink()


def _free(path: Path) -> Path:
    """Return the path, or the first one like it with a number that nothing has."""
    free, number = path, 0
    while free.exists() or free.is_symlink():
        number += 1
        free = path.with_name(f"{path.stem}.{number}{path.suffix}")
    return free
