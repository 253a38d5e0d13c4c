"""Policies as files: those that are shipped or kept in a workspace, by name, and any other, by path."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from retention.errors import InputError, PolicyError, Setting, did_you_mean
from retention.policy.policy import Policy
from retention.policy.yaml_text import policy_from_yaml
from run_store.small_files import read_text

DEFAULT_POLICY = "five-segments"
FOLDER = Path(__file__).resolve().parents[1] / "policies"
KEPT = "policies"
SUFFIXES = (".yaml", ".yml")


@cache
def shipped_policies() -> tuple[str, ...]:
    """Return the names of the policies that come with the program, sorted.

    >>> shipped_policies()
    ('aov-buckets', 'cart-age', 'five-segments', 'rfm', 'spend-thirds', 'twelve-leaf', 'value-recency')
    """
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def kept_files(kept: Path) -> tuple[Path, ...]:
    """Return the files of the policies in a folder, by name; those named as a shipped one are left out."""
    return tuple(path for path in sorted(kept.glob("*.yaml")) if path.stem not in shipped_policies())


def all_policies(kept: Path) -> Iterator[Policy]:
    """Yield the shipped policies, then those of a folder that can be read."""
    for each in [*map(str, shipped_policies()), *map(str, kept_files(kept))]:
        with suppress(InputError):
            yield load_policy(each)


def load_policy(name_or_path: str | Path, *, kept: Path | None = None) -> Policy:
    """Return a policy by the name of a shipped or a kept one, or by the path of a YAML file.

    A name is looked up beside the program, then among those that are kept, never in the working directory; what holds a
    slash or ends in `.yaml` or `.yml` is a path.

    Raises:
        PolicyError: Neither a name nor a file, or not a policy.

    >>> load_policy("five-segments").name
    'five-segments'
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or "\\" in text or text.endswith(SUFFIXES):
        path = Path(name_or_path).expanduser()
        return policy_from_yaml(read_text(path, where=str(path), kind=PolicyError), source=path.name)
    files = {path.stem: path for path in kept_files(kept)} if kept is not None else {}
    if text in files:
        return policy_from_yaml(read_text(files[text], where=f"{text}.yaml", kind=PolicyError), source=f"{text}.yaml")
    if text not in shipped_policies():
        near = did_you_mean(text, (*shipped_policies(), *files))
        end = "" if near.endswith("?") else "."
        raise PolicyError(
            f"there is no policy named '{text}'",
            where=Setting.POLICY,
            hint=f"{near}{end} Or give a file of your own by its path, such as ./mine.yaml",
        )
    return policy_from_yaml(
        read_text(FOLDER / f"{text}.yaml", where=f"{text}.yaml", kind=PolicyError), source=f"{text}.yaml"
    )
