"""Policies that people drafted and kept in the workspace, beside those that are shipped."""

from collections.abc import Iterator
from pathlib import Path

from outputs.durable import HashingWriter, disk_errors, store_file, sync_folder
from retention.errors import OptionError
from retention.policy.policy import Policy
from retention.policy.yaml_text import policy_to_yaml
from run_store import shipped_policies
from run_store.policy_files import KEPT
from run_store.workspace import make_folders

MOST = 200
"""Policies of a workspace that are offered."""


def keep(workspace: Path, policy: Policy) -> Path:
    """Write a policy into the workspace and return its file.

    Raises:
        OptionError: A policy of that name is shipped or kept already.
        WorkspaceError: The disk does not take it.
    """
    folder = workspace / KEPT
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


def remove(workspace: Path, policy: Policy) -> None:
    """Remove a policy from the workspace; runs that were made with it keep their own copy.

    Raises:
        OptionError: It is not there any more.
        WorkspaceError: The disk does not let it go.
    """
    folder = workspace / KEPT
    with disk_errors(str(workspace)):
        try:
            (folder / f"{policy.name}.yaml").unlink()
        except FileNotFoundError as error:
            raise OptionError(f"there is no kept policy '{policy.name}' any more") from error
        sync_folder(folder)


def kept(workspace: Path) -> Iterator[Path]:
    """Yield the files of the policies that are kept in a workspace, by name."""
    folder = workspace / KEPT
    if folder.is_dir():
        yield from sorted(folder.glob("*.yaml"))[:MOST]
