"""Where the workspace is, and which of its periods is meant.

What opens a workspace is imported when it is asked for, so that help is quick.
"""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from cli.options.shared import Placing
from retention.errors import OptionError, WorkspaceError

if TYPE_CHECKING:
    from outputs import Destination
    from run_store import RunSummary, Workspace


def workspace_at(folder: Path | None) -> "Workspace":
    """Return the workspace in a folder, else that of the environment, else `.workspace` here."""
    from run_store import Workspace  # noqa: PLC0415 - pandas and Arrow come with it

    workspace = Workspace.of(os.environ) if folder is None else Workspace(folder.expanduser())
    workspace.tidy()
    return workspace


def destination(folder: Path, placing: Placing) -> "Destination":
    """Return where an output goes, out of the options that say it."""
    from outputs import Destination  # noqa: PLC0415 - pandas and Arrow come with it

    return Destination(folder, placing.overwrite, mode_of(placing.mode))


def mode_of(text: str | None) -> int | None:
    """Return the mode of folders that a text names; who may read may look into them.

    Raises:
        OptionError: It is not octal, or leaves its owner out.

    >>> [oct(mode_of(text) or 0) for text in ("750", "0640", "2770")]
    ['0o750', '0o750', '0o2770']
    """
    if text is None:
        return None
    if not re.fullmatch(r"[0-3]?[67][0-7]{2}", text):
        raise OptionError("is not a mode", where="--mode", hint="Write it as chmod takes it, such as 750 or 2770")
    mode = int(text, 8)
    return mode | (mode & 0o444) >> 2


def period_in(folder: Path | None, text: str) -> "tuple[Workspace, RunSummary]":
    """Return the workspace in a folder, and its period that `period_named` finds."""
    workspace = workspace_at(folder)
    return workspace, period_named(workspace, text)


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
