"""A small file of the workspace: put in place whole, or not at all."""

from pathlib import Path

from outputs.durable import disk_errors, sync_folder, write_file
from outputs.rights import file_mode

MAX_BYTES = 1 << 20


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
    with disk_errors(str(path)):
        try:
            with path.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return None


def keep_small(path: Path, content: bytes) -> None:
    """Put a file in place of the one before: a crash leaves the old one or the new one.

    Raises:
        WorkspaceError: The disk does not take it; the file before is as it was.
    """
    with disk_errors(str(path.parent)):
        make_private(path.parent)
        # Several people may share a workspace, whose folder says who.
        write_file(path, content, mode=None if path.exists() else file_mode(path.parent))


def remove_small(path: Path) -> None:
    """Remove a file, if it is there.

    Raises:
        WorkspaceError: It cannot be removed.
    """
    with disk_errors(str(path.parent)):
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)
