"""docs/automation.md: its fields are those of shop.yaml, and its schedules are what their programs take."""

import re
import shutil
import subprocess
import typing
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel
from typer.testing import CliRunner

from cli.options.arguments import arguments
from main import app
from weekly.config import Shop, shop_of

BLOCK = re.compile(r"```(\w+)\n(.*?)```", flags=re.DOTALL)


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "automation.md").read_text(encoding="utf-8")


def blocks(page: str, kind: str) -> list[str]:
    """Return the blocks of a kind."""
    return [text for name, text in BLOCK.findall(page) if name == kind]


def fields_of(model: type[BaseModel]) -> dict[str, object]:
    """Return the names of a model's fields, those of its parts inside."""
    found: dict[str, object] = {}
    for name, field in model.model_fields.items():
        kinds = [each for each in (field.annotation, *typing.get_args(field.annotation)) if isinstance(each, type)]
        parts = [each for each in kinds if issubclass(each, BaseModel)]
        found[name] = fields_of(parts[0]) if parts else None
    return found


def test_every_field_of_the_file_is_shown_and_the_file_is_one(page: str, tmp_path: Path) -> None:
    (shown,) = [text for text in blocks(page, "yaml") if text.startswith("version")]
    data = yaml.safe_load(shown)
    shop_of(data, tmp_path / "shop.yaml")
    known = fields_of(Shop)
    assert data.keys() == known.keys()
    for name, inside in known.items():
        if isinstance(inside, dict):
            told = set(data[name]) | set(
                re.findall(r"^  # (\w+):", shown, flags=re.MULTILINE) if name == "source" else ()
            )
            assert told | {"salt"} == set(inside) | {"salt"}, name


def test_the_command_lines_of_every_schedule_are_commands(page: str) -> None:
    lines = re.findall(r"main\.py (weekly|init|runs \w+)([^\n|`\"]*(?:\"[^\"\n]*\"[^\n|`\"]*)*)", page)
    assert len(lines) > 8
    for command, _ in lines:
        assert CliRunner().invoke(app, arguments([*command.split(), "--help"])).exit_code == 0, command


def test_systemd_takes_the_units(page: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not here")
    service, timer = blocks(page, "ini")
    # The paths of the page are those of a server; what is checked is everything else.
    text = re.sub(r"^(ExecStart)=\S+", r"\1=/bin/true", service, flags=re.MULTILINE)
    (tmp_path / "segmenter-weekly.service").write_text(text)
    (tmp_path / "segmenter-weekly.timer").write_text(timer)
    units = [str(tmp_path / f"segmenter-weekly.{kind}") for kind in ("service", "timer")]
    checked = subprocess.run([program, "verify", *units], capture_output=True, text=True, check=False)
    assert (checked.returncode, "segmenter-weekly" in checked.stderr) == (0, False), checked.stderr
    when = re.search(r"OnCalendar=(.*)", timer)
    assert when is not None
    parsed = subprocess.run([program, "calendar", when[1]], capture_output=True, text=True, check=False)
    assert (parsed.returncode, "Mon" in parsed.stdout) == (0, True), parsed.stderr


def test_the_workflow_is_one_and_runs_on_mondays(page: str) -> None:
    (text,) = [text for text in blocks(page, "yaml") if text.startswith("name")]
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    assert workflow[True]["schedule"] == [{"cron": "0 5 * * 1"}]
    steps = workflow["jobs"]["weekly"]["steps"]
    assert all("uses" in step or "run" in step for step in steps)


def test_cron_and_windows_run_on_mondays_at_six(page: str) -> None:
    (cron,) = blocks(page, "cron")
    minute, hour, day, month, weekday = cron.splitlines()[1].split()[:5]
    assert (minute, hour, day, month, weekday) == ("0", "6", "*", "*", "1")
    (task,) = blocks(page, "bat")
    assert {"/SC WEEKLY", "/D MON", "/ST 06:00"} <= set(re.findall(r"/(?:SC|D|ST) \S+", task))
