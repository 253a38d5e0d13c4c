"""A folder is published whole: written beside its place, then put there in one step.

Whatever is killed at whatever moment, the place holds either the whole old folder or the whole new one.
A crash can leave the other of the two beside it, as `.NAME.part-...`; the next run clears that up and
brings back the files in it that are not ours.
"""

import ctypes
import errno
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from outputs.durable import disk_errors, sync_folder, sync_tree
from outputs.names import OWN_FILE, SEGMENTS
from outputs.ownership import RUN_OUTPUT, Destination, Needed, Output, hand_over, refuse_foreign
from outputs.rights import hand_on, take_rights
from retention.errors import OptionError, Setting
from workers.room import held

T = TypeVar("T")

NEW, OLD = "-new", "-old"
"""How the names end of a folder that is being filled, and of one that two renames put aside."""
UNFINISHED = re.compile(rf"\..+\.(part|audiences)-[0-9]+-[0-9a-f]{{8}}{NEW}").fullmatch
# As in linux/fs.h and fcntl.h: exchange the two names, and take relative paths from the working directory.
RENAME_EXCHANGE = 2
AT_FDCWD = -100
CATALOG = "catalog.sqlite"
"""The file that makes a folder a workspace."""
OWN = "Name a folder of its own, such as ./out"
NO_EXCHANGE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
"""What a kernel or a file system answers that cannot exchange two names."""


def publish(target: Path | Destination, fill: Callable[[Path], T], kind: Output = RUN_OUTPUT) -> T:
    """Fill a new folder and put it in the place of the target; return what `fill` returned.

    Files in the target that are not ours, or of another kind, are kept: they move over to the new folder.

    Raises:
        OptionError: The target cannot be a folder of output, or would lose a file, or the disk does not take it. The
            target is as it was.
    """
    goal = Destination.of(target)
    place = check_place(goal, kind=kind, needed=lambda _: False)
    with disk_errors(Setting.OUTPUT, f"the output folder {goal.folder} cannot be written", OptionError):
        place.parent.mkdir(parents=True, exist_ok=True)
        recover(place, kind)
        full = place.with_name(f"{_prefix(place, kind)}{os.getpid()}-{secrets.token_hex(4)}")
        staging = full.with_name(f"{full.name}{NEW}")
        staging.mkdir(0o700)
        with held(staging):
            try:
                # Before it is filled, so that its files inherit what a folder hands down.
                if place.exists():
                    take_rights(staging, place)
                if goal.mode is not None:
                    staging.chmod(goal.mode)
                result = fill(staging)
                hand_on(staging, place, goal.mode)
                sync_tree(staging)
                names = {path.relative_to(staging).as_posix() for path in staging.rglob("*")}
                check_place(goal, kind=kind, needed=names.__contains__)
                old = _swap(staging.rename(full), place)
            except BaseException:
                for folder in (staging, full):
                    shutil.rmtree(folder, ignore_errors=True)
                raise
    # The new folder is in place. What fails from here on is done by the next run.
    with suppress(OSError):
        sync_folder(place.parent)
        if old is not None:
            hand_over(old, place, kind, overwrite=goal.overwrite)
    return result


def check_place(
    target: Path | Destination,
    inputs: Sequence[Path] = (),
    kind: Output = RUN_OUTPUT,
    *,
    needed: Needed = OWN_FILE.fullmatch,
) -> Path:
    """Return the resolved place of an output folder; inputs are files that the run reads, and that must outlive it.

    Raises:
        OptionError: The place is a file, a mount point, or holds the working directory or a workspace; or a file
            would be lost.
    """
    goal = Destination.of(target)
    place = goal.folder.expanduser().resolve()
    if place.exists() and not place.is_dir():
        raise OptionError(f"the output folder {goal.folder} is a file", where=Setting.OUTPUT, hint="Name a folder")
    working = Path.cwd().resolve()
    if place == working or place in working.parents:
        what = f"the output folder is replaced whole, and {goal.folder} is the working directory or contains it"
        raise OptionError(what, where=Setting.OUTPUT, hint=OWN)
    mounted = _mounts()
    for folder, _, names in [*os.walk(place)] or [(str(place), [], [])]:
        if CATALOG in names or folder in mounted or os.path.ismount(folder):
            kept = "a workspace" if CATALOG in names else "a mount point"
            what = f"the output folder {goal.folder} is replaced whole, and {folder} is {kept}"
            raise OptionError(what, where=Setting.OUTPUT, hint=OWN)
    refuse_foreign(Destination(place, goal.overwrite), needed, kind.owned(place), inputs, Setting.OUTPUT)
    if place.exists():
        _check_rights(goal.folder, place, kind)
    return place


def _check_rights(folder: Path, place: Path, kind: Output) -> None:
    """Refuse a folder whose owner, group or rights this process cannot give to another one."""
    with (
        disk_errors(Setting.OUTPUT, f"the output folder {folder} cannot be written", OptionError),
        TemporaryDirectory(suffix=NEW, prefix=_prefix(place, kind), dir=place.parent) as trial,
        held(Path(trial)),
    ):
        try:
            for each in (place, place / SEGMENTS):
                if each.is_dir():
                    take_rights(Path(trial), each)
        except PermissionError as error:
            raise OptionError(
                f"the output folder {folder} belongs to another user or group, and what replaces it would not",
                where=Setting.OUTPUT,
                hint="Run this as its owner, or name a new folder inside it",
            ) from error


def _mounts() -> frozenset[str]:
    """Return where something is mounted; Python alone does not see a folder that is mounted from the same disk."""
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return frozenset()
    # Blanks and backslashes are written as three octal digits there.
    return frozenset(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), line.split()[4]) for line in lines)


def recover(place: Path, kind: Output = RUN_OUTPUT) -> None:
    """Clear up what crashed runs left beside a place; files that are not ours come back to it."""
    prefix = _prefix(place, kind)
    # What was never finished holds nothing of others, whatever place it was meant for.
    names = [path.name for path in place.parent.iterdir() if path.name.startswith(prefix) or UNFINISHED(path.name)]
    left = [path for path in map(place.with_name, sorted(names)) if not path.is_symlink()]
    for path in left:
        if path.name.endswith(OLD) and not place.exists():
            # The crash came between the two renames of `_two_renames`.
            path.rename(place)
    for path in left:
        with suppress(BlockingIOError, FileNotFoundError), held(path):
            # On Windows folders are not locked, so any other one may be what a running process is filling.
            if path.name.endswith(NEW) and sys.platform != "win32":
                shutil.rmtree(path)
            elif sys.platform != "win32" or path.name.endswith(OLD):
                hand_over(path, place, kind)


def _prefix(place: Path, kind: Output) -> str:
    return f".{place.name}.{kind.mark}-"


def _swap(staging: Path, place: Path) -> Path | None:
    """Put the new folder in place; return where the old one is now, or None if there was none."""
    if not place.exists():
        staging.rename(place)
        return None
    return staging if _exchange(staging, place) else _two_renames(staging, place)


def _exchange(a: Path, b: Path) -> bool:
    """Exchange two names in one step; return whether the system can."""
    if not sys.platform.startswith("linux"):
        return False
    # Python has no call for it. The C library has one since glibc 2.28; where it is missing, two renames have to do.
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(AT_FDCWD, os.fsencode(a), AT_FDCWD, os.fsencode(b), RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in NO_EXCHANGE:
        return False
    raise OSError(number, os.strerror(number), str(b))


def _two_renames(staging: Path, place: Path) -> Path:
    """Move the old folder aside and the new one in; undo the first where the second fails."""
    old = staging.with_name(f"{staging.name}{OLD}")
    place.rename(old)
    try:
        staging.rename(place)
    except BaseException:
        old.rename(place)
        raise
    return old
