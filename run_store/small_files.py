"""Small files: those of the workspace, put in place whole or not at all, and those of text that a person names."""

import errno
import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from outputs.durable import CLOSED, FULL, reason_of, sync_folder, write_file
from outputs.rights import file_mode
from retention.errors import InputError, OptionError, Remedy, Setting, WorkspaceError

MAX_BYTES = 1 << 20
MAX_TEXT = 4_000_000
"""Bytes of a policy, a mapping, a query or a file of lifts; a larger file is something else, and is not read."""
VERSION = 1
"""Of all records that this program writes, be it called a version or a format in them."""


def parsed(content: bytes, broken: str, newer: str, *, source: str, hint: str = "") -> Any:
    """Return what a JSON file of ours holds.

    Args:
        content: The file.
        broken: What is said where it is no JSON.
        newer: What is said of a newer version, with `{}` in its place.
        source: The file, for messages.
        hint: What helps where it is no JSON.

    Raises:
        WorkspaceError: It is no JSON, or of a newer program.
    """
    try:
        data: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise WorkspaceError(broken, where=source, hint=hint) from error
    version = data.get("format", data.get("version")) if isinstance(data, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise WorkspaceError(newer.format(version), where=source, hint="Update the program")
    return data


@contextmanager
def workspace_errors(folder: Path) -> Iterator[None]:
    """Turn errors of the disk into one that says it is the workspace and what to do; refuse one that is no folder."""
    try:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is a file, not a folder")
        yield
    except OSError as error:
        hint = (
            "Let this account read and write the folder" if error.errno in CLOSED else "Check the folder and the disk"
        )
        raise WorkspaceError(
            f"the workspace cannot be read or written ({reason_of(error)})",
            where=str(folder),
            hint=f"{'Free some space' if error.errno in FULL else hint}, or name another folder",
            remedies=(Remedy(Setting.WORKSPACE),),
        ) from error


def make_private(folder: Path) -> None:
    """Make a folder for its owner only, as it will hold personal data."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)


def read_small(path: Path) -> bytes | None:
    """Return the content of a file, one byte more than allowed at the most; None where there is no file.

    Raises:
        WorkspaceError: It cannot be read.
    """
    with workspace_errors(path.parent):
        try:
            with path.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return None


def read_text(path: Path, *, where: str, kind: type[InputError] = OptionError) -> str:
    """Return the text of a file that a person names.

    Raises:
        InputError: It is no file, cannot be read, is too long, or is not UTF-8.
    """
    hint = "Check the path"
    try:
        # A pipe would wait for a writer, and a device may never end; so nothing but a file is even opened.
        if not stat.S_ISREG(path.stat().st_mode):
            raise kind(
                "is a folder" if path.is_dir() else "is a device or a pipe, not a file", where=where, hint="Name a file"
            )
        with path.open("rb") as stream:
            content = stream.read(MAX_TEXT + 1)
        if len(content) > MAX_TEXT:
            raise kind(f"the file is too large: at most {MAX_TEXT / 1e6:g} MB are read", where=where, hint=hint)
        return content.decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise kind("there is no such file", where=where, hint=hint) from error
    except UnicodeDecodeError as error:
        raise kind("the file is not UTF-8 text", where=where, hint="Save it as UTF-8") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file can have such a name"
        raise kind(f"the file cannot be read ({reason})", where=where, hint=hint) from error


def keep_small(path: Path, content: bytes) -> None:
    """Put a file in place of the one before: a crash leaves the old one or the new one.

    Raises:
        WorkspaceError: The disk does not take it; the file before is as it was.
    """
    with workspace_errors(path.parent):
        make_private(path.parent)
        # Several people may share a workspace, whose folder says who.
        write_file(path, content, mode=None if path.exists() else file_mode(path.parent))


def remove_small(path: Path) -> None:
    """Remove a file, if it is there."""
    with workspace_errors(path.parent):
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)
