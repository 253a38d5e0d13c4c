"""Who may use what is written: what replaces something takes over its rights, what is new is its owner's alone."""

import errno
import os
import shutil
import sys
from pathlib import Path
from stat import S_IMODE

NO_ATTRIBUTES = (errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)
"""What a file system answers that has no extended attributes."""


def take_rights(new: Path, old: Path, *, owner: bool = True) -> None:
    """Give what replaces a file or a folder its group, access list, extended attributes, mode and owner.

    Raises:
        OSError: This process may not do that; without `owner`, another owner is no fault.
    """
    if sys.platform == "win32":
        return
    before, now = old.stat(), new.stat()
    if before.st_gid != now.st_gid:
        os.chown(new, -1, before.st_gid)
    if before.st_uid != now.st_uid:
        try:
            os.chown(new, before.st_uid, -1)
        except PermissionError:
            if owner:
                raise
    wanted, given = _attributes(old), _attributes(new)
    for name in given.keys() - wanted.keys():
        os.removexattr(new, name)
    for name, value in wanted.items():
        if given.get(name) != value:
            os.setxattr(new, name, value)
    # Last, as a change of owner or group takes the set-group bit away.
    shutil.copymode(old, new)


def hand_on(folder: Path, place: Path, mode: int | None) -> None:
    """Give everything in a new folder its rights, and unless a mode was asked for, folders those of the ones before."""
    if sys.platform == "win32":
        return
    for path in sorted(folder.rglob("*")):
        before = place / path.relative_to(folder)
        if mode is None and path.is_dir() and before.is_dir():
            take_rights(path, before)
            continue
        above, now = path.parent.stat(), path.stat()
        if (above.st_uid, above.st_gid) != (now.st_uid, now.st_gid):
            os.chown(path, above.st_uid, above.st_gid)
        path.chmod(S_IMODE(above.st_mode) & (0o7777 if path.is_dir() else 0o666))


def file_mode(folder: Path) -> int:
    """Return the mode of a file that is as open as its folder."""
    return S_IMODE(folder.stat().st_mode) & 0o666


def _attributes(path: Path) -> dict[str, bytes]:
    """Return the extended attributes, which hold the access list, too; only Linux has them in this way."""
    if sys.platform != "linux":
        return {}
    try:
        return {name: os.getxattr(path, name) for name in os.listxattr(path)}
    except OSError as error:
        if error.errno in NO_ATTRIBUTES:
            return {}
        raise
