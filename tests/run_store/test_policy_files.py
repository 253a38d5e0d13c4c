"""Policies by name and by path."""

import json
import os
import sys
from pathlib import Path

import pytest

from retention.errors import PolicyError
from retention.policy.yaml_text import policy_from_yaml, policy_schema, policy_to_yaml
from run_store import DEFAULT_POLICY, Workspace, load_policy, shipped_policies
from run_store.policy_files import KEPT


@pytest.mark.parametrize(
    "name", ["five-segments", "twelve-leaf", "aov-buckets", "value-recency", "rfm", "spend-thirds"]
)
def test_a_shipped_policy_is_found_by_its_name_from_anywhere(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"{name}.yaml").write_text("name: not-this-one", encoding="utf-8")
    assert load_policy(name).name == name
    assert name in shipped_policies()


def test_the_default_is_one_of_them() -> None:
    assert DEFAULT_POLICY in shipped_policies()


def test_a_path_reads_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("\ufeff" + policy_to_yaml(load_policy("aov-buckets")), encoding="utf-8")
    assert load_policy(str(path)) == load_policy(path) == load_policy("aov-buckets")


def test_an_unknown_name_tells_the_nearest() -> None:
    with pytest.raises(PolicyError, match="Did you mean 'twelve-leaf'"):
        load_policy("twelve-leaves")


@pytest.mark.parametrize("name", ["../policies/five-segments", "policies/five-segments", "./nope.yaml"])
def test_a_path_without_a_file_is_an_error(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PolicyError, match="no such file"):
        load_policy(name)


def test_what_is_no_policy_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"name: caf\xe9")
    with pytest.raises(PolicyError, match="UTF-8"):
        load_policy(path)
    path.write_bytes(b"#" * 4_000_001)
    with pytest.raises(PolicyError, match="too large"):
        load_policy(path)
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(PolicyError, match="is a folder"):
        load_policy(tmp_path / "folder.yaml")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_and_a_device_are_not_even_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "pipe.yaml", Path(os.devnull), Path("/dev/zero")):
        with pytest.raises(PolicyError, match="a device or a pipe"):
            load_policy(path)


def test_the_schema_is_in_step_with_the_policies(root: Path) -> None:
    text = (root / "policies" / "policy.schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == policy_schema()


@pytest.mark.parametrize(
    "name", ["five-segments", "twelve-leaf", "aov-buckets", "value-recency", "rfm", "spend-thirds"]
)
def test_a_shipped_policy_survives_yaml(name: str) -> None:
    assert policy_from_yaml(policy_to_yaml(load_policy(name))) == load_policy(name)


def test_a_name_is_looked_up_among_the_policies_kept_in_the_workspace(tmp_path: Path) -> None:
    (tmp_path / KEPT).mkdir()
    text = policy_to_yaml(load_policy("aov-buckets")).replace("name: aov-buckets", "name: mine", 1)
    (tmp_path / KEPT / "mine.yaml").write_text(text, encoding="utf-8")
    assert [path.stem for path in Workspace(tmp_path).policy_files()] == ["mine"]
    assert Workspace(tmp_path).policy("mine").name == "mine"
    with pytest.raises(PolicyError, match="no policy named 'mine'"):
        load_policy("mine")
    with pytest.raises(PolicyError, match="Did you mean 'mine'"):
        Workspace(tmp_path).policy("mines")


def test_a_shipped_name_is_never_that_of_a_kept_policy(tmp_path: Path) -> None:
    (tmp_path / KEPT).mkdir()
    (tmp_path / KEPT / "five-segments.yaml").write_text("name: not-this-one", encoding="utf-8")
    assert Workspace(tmp_path).policy_files() == ()
    assert Workspace(tmp_path).policy("five-segments").name == "five-segments"


def test_without_kept_policies_an_unknown_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no policy named"):
        Workspace(tmp_path / "nowhere").policy("mine")
