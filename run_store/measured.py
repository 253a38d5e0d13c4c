"""What experiments measured, kept in one small file of the workspace: the dashboard's next analyses take it up."""

from collections.abc import Sequence
from pathlib import Path

from retention.errors import SourceError, WorkspaceError
from retention.scores.measured_lift import MeasuredLift, lifts_from_json, lifts_to_json
from run_store.small_files import keep_small, read_small, remove_small

LIFTS_FILE = "lifts.json"
MAX_BYTES = 1 << 20


def load_lifts(workspace: Path) -> tuple[MeasuredLift, ...]:
    """Return the lifts that were kept; none where nothing was.

    Raises:
        WorkspaceError: The file is damaged, or cannot be read.
    """
    path = workspace / LIFTS_FILE
    content = read_small(path, MAX_BYTES)
    if content is None:
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
    keep_small(workspace, LIFTS_FILE, lifts_to_json(lifts).encode())


def forget_lifts(workspace: Path) -> None:
    """Forget the lifts, so that the next analyses assume theirs again.

    Raises:
        WorkspaceError: The file cannot be removed.
    """
    remove_small(workspace, LIFTS_FILE)
