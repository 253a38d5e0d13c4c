"""The page about the command line names every option, with its default, and no other."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cli.inputs.request import WEIGHT_NAMES
from data_generation import DEFAULT_END, DEFAULT_SEED, DEFAULT_SIZE
from main import app
from retention.policy.policy import Sizes, Weights
from run_store import DEFAULT_POLICY, shipped_policies


def options(command: str = "") -> dict[str, str]:
    """Return the options of a command, or of the main one, with their help."""
    group: Any = get_command(app)
    parameters = (group.commands[command] if command else group).params
    return {parameter.opts[-1]: parameter.help for parameter in parameters}


def documented(page: str, heading: str) -> dict[str, str]:
    """Return option -> its row in the table under a heading."""
    (text,) = [part for part in re.split(r"^## ", page, flags=re.MULTILINE) if part.startswith(heading)]
    return {match[1]: match[0] for match in re.finditer(r"^\| `(--[\w-]+)[^`]*` \|.*$", text, flags=re.MULTILINE)}


EVERYWHERE = {"--debug", "--memory-limit"}


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "command-line.md").read_text(encoding="utf-8")


def test_every_option_of_the_main_command_is_explained(page: str) -> None:
    rows = documented(page, "The main command")
    assert set(options()) | {"--help"} == set(rows)


def test_every_option_of_generate_is_explained(page: str) -> None:
    assert set(options("generate")) - EVERYWHERE == set(documented(page, "Synthetic customers as a file"))


def test_every_option_of_inspect_is_explained(page: str) -> None:
    asked = {name for name in options("inspect") if name.startswith("-")}
    assert asked - EVERYWHERE == set(documented(page, "What is in a file?"))


def test_every_option_of_a_policy_as_sql_is_explained(page: str) -> None:
    asked = {name for name in options("sql") if name.startswith("-")}
    assert asked - EVERYWHERE == set(documented(page, "A policy as SQL"))


def test_every_command_about_saved_periods_and_every_option_of_it_is_explained(page: str) -> None:
    group: Any = get_command(app)
    commands = group.commands["runs"].commands
    given = {each.opts[-1] for command in commands.values() for each in command.params if each.opts[0][0] == "-"}
    assert given - EVERYWHERE == set(documented(page, "Saved periods"))
    assert set(commands) == set(re.findall(r"^\| `runs (\w+)", page, flags=re.MULTILINE))


def test_every_option_of_tree_is_explained(page: str) -> None:
    (text,) = [part for part in re.split(r"^## ", page, flags=re.MULTILINE) if part.startswith("A better tree")]
    assert set(options("tree")) - EVERYWHERE <= set(re.findall(r"(?<=`)--[\w-]+", text))


def test_every_option_of_the_week_by_itself_is_explained(page: str) -> None:
    asked = options("weekly").keys() | options("init").keys()
    assert asked - EVERYWHERE == set(documented(page, "The week by itself"))


def test_the_defaults_are_told(page: str) -> None:
    rows = documented(page, "The main command")
    assert f"| {DEFAULT_SIZE:,} |" in rows["--mock_size"]
    assert f"| {DEFAULT_SEED} |" in rows["--seed"]
    assert str(DEFAULT_END) in rows["--end"]
    assert f"| `{DEFAULT_POLICY}` |" in rows["--policy"]
    assert f"| {Sizes().max_size:,}" in rows["--max_size"]
    assert all(f"`{name}`" in rows["--policy"] for name in shipped_policies())
    assert all(f"`{name}`" in rows["--weights"] for name in Weights.model_fields)


def test_the_help_tells_the_same_defaults() -> None:
    helps = options()
    assert f"[default: {DEFAULT_SIZE}]" in helps["--mock_size"]
    assert f"[default: {DEFAULT_SEED}]" in helps["--seed"]
    assert f"[default: {Sizes().max_size}]" in helps["--max_size"]


def test_other_names_of_weights_lead_to_weights() -> None:
    assert set(WEIGHT_NAMES.values()) <= set(Weights.model_fields)
    assert all(weight == name for name, weight in WEIGHT_NAMES.items() if name in Weights.model_fields)


def test_every_exit_code_is_explained(page: str) -> None:
    assert set(re.findall(r"^\| (\d+) \|", page, flags=re.MULTILINE)) == {"0", "1", "2", "3", "75", "130", "143"}
