"""The command tree as a person starts it."""

import json
from pathlib import Path

import pytest

from cli.options.arguments import arguments
from main import app
from retention.policy.yaml_text import policy_from_yaml
from tests.experimented import saved_experiment

QUICK = ("--depth", "2", "--bins", "4", "--resamples", "2", "--columns", "cart_value,engagement_score")


def said(capsys: pytest.CaptureFixture[str], *given: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        app(arguments(list(map(str, given))))
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def test_a_tree_is_told_and_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    place = tmp_path / "better.yaml"
    asked = ("tree", "--mock", "--mock_size", "3000", *QUICK, "--output", place, "--workspace", tmp_path / "w")
    code, out, err = said(capsys, *asked)
    assert (code, err) == (0, "")
    assert "Today's policy" in out
    assert "Recommended: against today's policy the tree is worth" in out
    assert str(place) in out
    assert policy_from_yaml(place.read_text(encoding="utf-8")).name == "five-segments-better"
    code, out, err = said(capsys, *asked)
    assert code == 2
    assert "--output" in err


def test_profit_takes_a_saved_period_and_its_outcomes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    saved = saved_experiment(tmp_path / "w", size=10_000)
    outcomes = tmp_path / "outcomes.csv"
    saved.outcomes.to_csv(outcomes, index=False)
    of_the_run = ("tree", "--run", saved.run_id, "--workspace", tmp_path / "w", *QUICK, "--format", "json")
    listed = ("--outcomes", outcomes, "--id", "user_id", "--outcome", "converted", "--revenue", "revenue")
    code, out, err = said(capsys, *of_the_run, "--objective", "profit", *listed)
    assert (code, err) == (0, "")
    content = json.loads(out)
    assert {"In control", "In mail", "Arm", "Gain"} <= content["leaves"][0].keys()
    assert content["recommended"] == (content["best_over"]["today"]["low"] > 0)
    assert content["policy"]["tree"]
    assert said(capsys, *of_the_run, "--objective", "profit")[0] == 2


def test_contradictions_are_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for given, words in (
        (("--run", "x", "--mock"), "--run and --input exclude each other"),
        (("--mock", "--outcomes", "x.csv"), "--objective profit, --outcomes and --run go together"),
        (("--mock", "--objective", "profit", "--outcomes", "x.csv"), "--outcomes and --run go together"),
        (("--mock", "--objective", "profit"), "Name a saved period with an experiment by --run"),
        ((), "there are no customers to segment"),
    ):
        code, _, err = said(capsys, "tree", *given, "--workspace", tmp_path)
        assert code == 2
        assert words in err
