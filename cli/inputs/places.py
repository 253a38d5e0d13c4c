"""Where the workspace is."""

import os
from pathlib import Path

from run_store import Workspace


def place(asked: Path | None) -> Workspace:
    """Return the workspace that was asked for, else that of the environment, else `.workspace` here."""
    return Workspace.of(os.environ) if asked is None else Workspace(asked.expanduser())
