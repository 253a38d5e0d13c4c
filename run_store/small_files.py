"""A small file of the workspace: put in place whole, or not at all."""

from pathlib import Path

from outputs.durable import HashingWriter, disk_errors, store_file, sync_folder
from run_store.workspace import make_folders


def read_small(path: Path, most: int) -> bytes | None:
    """Return the content of a file, one byte more than allowed at the most; None where there is no file.

    Raises:
        WorkspaceError: It cannot be read.
    """
    with disk_errors(str(path)):
        try:
            with path.open("rb") as stream:
                return stream.read(most + 1)
        except FileNotFoundError:
            return None


def keep_small(workspace: Path, name: str, content: bytes) -> None:
    """Put a file in place of the one before: a crash leaves the old one or the new one.

    Raises:
        WorkspaceError: The disk does not take it; the file before is as it was.
    """

    def fill(stream: HashingWriter) -> None:
        stream.write(content)

    with disk_errors(str(workspace)):
        make_folders(workspace)
        store_file(workspace, lambda _: name, fill)
        sync_folder(workspace)


def remove_small(workspace: Path, name: str) -> None:
    """Remove a file, if it is there.

    Raises:
        WorkspaceError: It cannot be removed.
    """
    with disk_errors(str(workspace)):
        (workspace / name).unlink(missing_ok=True)
        if workspace.is_dir():
            sync_folder(workspace)
