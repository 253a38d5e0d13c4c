"""The pages about outputs and policies name what the code has, and nothing else."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel

from analysis import Run
from outputs import RunDetails, write_outputs
from outputs.names import RUN
from retention.experiment.arms import Experiment
from retention.policy.policy import Assumptions, Campaign, LearnedCuts, Lift, Policy, Sizes, Split, Weights
from retention.policy.yaml_text import policy_from_yaml
from run_store import load_policy, shipped_policies


def first_cells(page: str, heading: str) -> set[str]:
    """Return the names in the first cells of the tables under a heading."""
    section = re.split(r"^## ", page, flags=re.MULTILINE)
    (text,) = [part for part in section if part.startswith(f"{heading}\n")]
    rows = re.findall(r"^\| (`[^|]*`) \|", text, flags=re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


@pytest.fixture(scope="module")
def outputs(root: Path) -> str:
    return (root / "docs" / "outputs.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def policies(root: Path) -> str:
    return (root / "docs" / "policies.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(small: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("documented") / "out"
    with_arms = replace(small, experiment=Experiment("autumn"))
    write_outputs(with_arms, target, details=RunDetails(started="now"))
    return target


def header(path: Path) -> set[str]:
    return set(path.read_text(encoding="utf-8").splitlines()[0].split(","))


def test_every_file_is_explained(outputs: str, folder: Path) -> None:
    named = set(re.findall(r"`([\w/]+(?:\.\w+)?)`", outputs))
    assert {path.name + "/" * path.is_dir() for path in folder.iterdir()} <= named
    assert {RUN, "segment_assignments.parquet"} <= named


def test_every_column_of_the_scores_is_explained(outputs: str, folder: Path) -> None:
    # Only where a log or its columns tell how often people buy.
    yearly = {f"Value_Year{end}" for end in ("", "_low", "_high", "_source")}
    assert first_cells(outputs, "segment_scores") == header(folder / "segment_scores.csv") | yearly


def test_every_column_of_the_quarantine_is_explained(outputs: str, folder: Path) -> None:
    assert first_cells(outputs, "quarantine.csv") == header(folder / "quarantine.csv")


def test_the_columns_of_the_assignments_are_explained(outputs: str) -> None:
    assert first_cells(outputs, "segment_assignments") == {"user_id", "Segment", "Wave", "derived", "Arm"}


@pytest.mark.parametrize("name", ["mece_report.json", "run.json"])
def test_every_key_is_explained(name: str, outputs: str, folder: Path) -> None:
    assert first_cells(outputs, name) == set(json.loads((folder / name).read_bytes()))


def fields(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_every_field_of_a_policy_is_explained(policies: str) -> None:
    assert first_cells(policies, "The tree") == fields(Split)
    assert first_cells(policies, "Learned cuts") == fields(LearnedCuts) | set(
        get_args(LearnedCuts.model_fields["method"].annotation)
    )
    models: tuple[type[BaseModel], ...] = (Policy, Campaign, Sizes, Weights, Assumptions)
    wanted = {name for model in models for name in fields(model)}
    assert first_cells(policies, "The rest of the file") - {"sizes"} == wanted - {"sizes"}
    assert not [name for name in fields(Lift) if f"`{name}`" not in policies]


@pytest.mark.parametrize("model", [Sizes, Weights, Assumptions])
def test_the_defaults_on_the_page_are_those_of_the_code(model: type[BaseModel], policies: str) -> None:
    shown: Mapping[str, str] = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", policies, flags=re.MULTILINE))
    for name, value in model().model_dump().items():
        if isinstance(value, bool):
            assert shown[name] == f"`{str(value).lower()}`"
        elif isinstance(value, int | float) and name != "lift":
            assert float(shown[name].replace(",", "")) == value


def test_the_shipped_policies_are_listed_with_their_segments(policies: str) -> None:
    listed = dict(re.findall(r"^\| `([\w-]+)` \| (\d+) \|", policies, flags=re.MULTILINE))
    assert {name: int(count) for name, count in listed.items()} == {
        name: len(load_policy(name).segments) for name in shipped_policies()
    }


def test_the_example_is_a_policy(policies: str) -> None:
    text, *cuts = re.findall(r"^```yaml\n(.*?)^```$", policies, flags=re.MULTILINE | re.DOTALL)
    assert policy_from_yaml(text).name == "two-regions"
    learned = [yaml.safe_load(line)["cuts"] for part in cuts for line in part.splitlines()]
    assert len([LearnedCuts.model_validate(each) for each in learned]) >= 2


@pytest.mark.parametrize("page", ["outputs.md", "policies.md", "command-line.md"])
def test_links_lead_somewhere(page: str, root: Path) -> None:
    text = (root / "docs" / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert links
    assert not [link for link in links if not (root / "docs" / link).exists()]
