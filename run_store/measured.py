"""What experiments measured, kept in one small file of the workspace: the dashboard's next analyses take it up."""

from collections.abc import Sequence
from pathlib import Path

from retention.errors import SourceError, WorkspaceError
from retention.measured_lift import MeasuredLift, lifts_from_json, lifts_to_json
from run_store.disk import HashingWriter, disk_errors, store_file, sync_folder
from run_store.workspace import make_folders

LIFTS_FILE = "lifts.json"
MAX_BYTES = 1 << 20


def load_lifts(workspace: Path) -> tuple[MeasuredLift, ...]:
    """Return the lifts that were kept; none where nothing was.

    Raises:
        WorkspaceError: The file is damaged, or cannot be read.
    """
    path = workspace / LIFTS_FILE
    with disk_errors(str(path)):
        try:
            with path.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return ()
    try:
        return lifts_from_json(content.decode("utf-8"), source=LIFTS_FILE)
    except (SourceError, UnicodeDecodeError) as error:
        raise WorkspaceError(
            "the measured lifts are not as they were saved",
            where=str(path),
            hint=f"Forget them on the page Settings, or remove {LIFTS_FILE} from the workspace",
        ) from error


def save_lifts(workspace: Path, lifts: Sequence[MeasuredLift]) -> None:
    """Keep lifts in place of those kept before: a crash leaves the ones before or the new ones.

    Raises:
        WorkspaceError: The disk does not take them; those before are as they were.
    """
    content = lifts_to_json(lifts).encode()

    def fill(stream: HashingWriter) -> None:
        stream.write(content)

    with disk_errors(str(workspace)):
        make_folders(workspace)
        store_file(workspace, lambda _: LIFTS_FILE, fill)
        sync_folder(workspace)


def forget_lifts(workspace: Path) -> None:
    """Forget the lifts, so that the next analyses assume theirs again.

    Raises:
        WorkspaceError: The file cannot be removed.
    """
    with disk_errors(str(workspace)):
        (workspace / LIFTS_FILE).unlink(missing_ok=True)
        if workspace.is_dir():
            sync_folder(workspace)
