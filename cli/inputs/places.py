"""Where the workspace is."""

import os
from pathlib import Path

from run_store import workspace_folder


def place(asked: Path | None) -> Path:
    """Return the workspace that was asked for, else that of the environment, else `.workspace` here."""
    return workspace_folder(os.environ) if asked is None else asked.expanduser()
