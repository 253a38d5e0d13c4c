"""The policies that an analysis may follow: those that are shipped, and those that the workspace keeps."""

from pathlib import Path

from frontend.utils.store import Store, key_of
from frontend.utils.workspace import workspace
from retention.errors import InputError, PolicyError
from retention.policy.policy import Policy
from retention.policy.yaml_text import policy_hash
from run_store import DEFAULT_POLICY, load_policy, shipped_policies

MOST = 200
SHIPPED = Store[dict[str, Policy]](entries=1)
KEPT = Store[Policy](entries=64)


def shipped() -> dict[str, Policy]:
    """Return the shipped policies by name, the default one first."""
    names = sorted(shipped_policies(), key=lambda name: (name != DEFAULT_POLICY, name))
    return SHIPPED.get("", lambda: {name: load_policy(name) for name in names})


def kept() -> dict[str, Policy]:
    """Return the policies by name that the workspace keeps and that can be read."""
    read = {path.stem: _read(path) for path in workspace().policy_files()[:MOST]}
    return {name: policy for name, policy in read.items() if isinstance(policy, Policy)}


def known() -> dict[str, Policy]:
    """Return the shipped policies, then those of the workspace."""
    return shipped() | kept()


def is_as_used(name: str, hashed: str) -> bool:
    """Return whether a policy is still as a week used it."""
    return name in known() and policy_hash(known()[name]) == hashed


def told(name: str, hashed: str) -> str:
    """Return the policy that a week used in words, and what became of it since."""
    if name not in known():
        return f"{name}, which is not kept here"
    changed = "" if is_as_used(name, hashed) else ", which has changed since"
    return f"{known()[name].title} ({name}){changed}"


def refused() -> dict[str, InputError]:
    """Return why files of the workspace are no policies that can be chosen, by name."""
    read = {path.stem: _read(path) for path in workspace().policy_files()[:MOST]}
    return {name: error for name, error in read.items() if isinstance(error, InputError)}


def _read(path: Path) -> Policy | InputError | None:
    try:
        state = path.stat()
        key = key_of(str(path), state.st_mtime_ns, state.st_size, state.st_ino)
        policy = KEPT.get(key, lambda: load_policy(path))
    except InputError as error:
        return error
    except FileNotFoundError:
        return None
    other = f"the policy in {path.name} calls itself {policy.name}"
    return policy if policy.name == path.stem else PolicyError(other, hint="A file must have the name of its policy")
