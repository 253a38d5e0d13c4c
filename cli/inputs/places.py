"""Where the workspace is, and which of its periods is meant.

What opens a workspace is imported when it is asked for, so that help is quick.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from retention.errors import OptionError, WorkspaceError

if TYPE_CHECKING:
    from run_store import RunSummary, Workspace


def workspace_at(folder: Path | None) -> "Workspace":
    """Return the workspace in a folder, else that of the environment, else `.workspace` here."""
    from run_store import Workspace  # noqa: PLC0415 - pandas and Arrow come with it

    return Workspace.of(os.environ) if folder is None else Workspace(folder.expanduser())


def period_named(workspace: "Workspace", text: str) -> "RunSummary":
    """Return the run of an identifier, or the one saved period of that name.

    Raises:
        InputError: No period or several periods have the name.
    """
    period = workspace.find(text)
    named = [period] if period is not None else [each for each in workspace.periods() if each.name == text]
    if len(named) > 1:
        raise OptionError(
            f"{len(named)} saved periods have this name", hint="Use an identifier: " + ", ".join(p.id for p in named)
        )
    if not named:
        raise WorkspaceError(
            "there is no such saved period", where=str(workspace.folder), hint="See runs list for names and identifiers"
        )
    return named[0]
