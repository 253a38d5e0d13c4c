"""Policies that people drafted and kept in the workspace, beside those that are shipped."""

from collections.abc import Iterator
from pathlib import Path

from retention.errors import OptionError
from retention.policy import Policy
from retention.policy_text import policy_to_yaml
from run_store import shipped_policies
from run_store.disk import HashingWriter, disk_errors, store_file, sync_folder
from run_store.workspace import make_folders

FOLDER = "policies"
MOST = 200
"""Policies of a workspace that are offered."""


def keep(workspace: Path, policy: Policy) -> Path:
    """Write a policy into the workspace and return its file.

    Raises:
        OptionError: A policy of that name is shipped or kept already.
        WorkspaceError: The disk does not take it.
    """
    folder = workspace / FOLDER
    path = folder / f"{policy.name}.yaml"
    with disk_errors(str(workspace)):
        if policy.name in shipped_policies() or path.exists():
            raise OptionError(f"there is a policy named '{policy.name}' already", hint="Choose another title")
        make_folders(workspace)
        folder.mkdir(mode=0o700, exist_ok=True)

        def fill(stream: HashingWriter) -> None:
            stream.write(policy_to_yaml(policy).encode())

        store_file(folder, lambda _: path.name, fill)
        sync_folder(folder)
    return path


def kept(workspace: Path) -> Iterator[Path]:
    """Yield the files of the policies that are kept in a workspace, by name."""
    folder = workspace / FOLDER
    if folder.is_dir():
        yield from sorted(folder.glob("*.yaml"))[:MOST]
