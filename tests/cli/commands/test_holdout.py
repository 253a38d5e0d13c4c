import json
from pathlib import Path

import pandas as pd
import pytest

from cli.options.arguments import arguments
from main import app
from retention.experiment import balance

pytestmark = pytest.mark.usefixtures("week")


@pytest.fixture(autouse=True)
def few_salts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balance, "MOST_SALTS", 100)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("holdout")


@pytest.fixture(scope="module")
def week(folder: Path) -> None:
    """Save a period of synthetic customers."""
    given = ["--mock", "--mock_size", "2000", "--output_dir", folder / "first", "--save", "week"]
    with pytest.raises(SystemExit) as ended:
        app(arguments([str(each) for each in [*given, "--workspace", folder / "ws"]]))
    assert not ended.value.code


def run(capsys: pytest.CaptureFixture[str], *given: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        app(arguments(list(map(str, given))))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_holdout_says_who_is_held_out_and_writes_the_arms(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "holdout", "week", "--experiment", "a", "--workspace", folder / "ws", "--output_dir", folder / "arms"
    )
    assert code == 0
    assert out.startswith("Experiment a: control ")
    parts = [pd.read_csv(path, dtype="str") for path in (folder / "arms" / "segments").iterdir()]
    assert set(pd.concat(parts)["Arm"]) == {"control", "treatment"}


def test_the_main_command_and_holdout_agree_on_every_customer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--mock", "--mock_size", "2000", "--experiment", "b", "--arms", "control=0.5,mail=0.5"]
    assert run(capsys, *given, "--output_dir", folder / "direct", "--workspace", folder / "none")[0] == 0
    later = ["holdout", "week", *given[3:], "--no-balance", "--workspace", folder / "ws"]
    assert run(capsys, *later, "--output_dir", folder / "later")[0] == 0
    one, other = (
        (folder / name / "segment_assignments.csv").read_text(encoding="utf-8") for name in ("direct", "later")
    )
    assert one == other
    assert ",mail\n" in one


def test_holdout_as_json_has_the_arms_of_each_segment(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "holdout", "week", "--experiment", "a", "--workspace", folder / "ws", "--format", "json")
    made = json.loads(out)
    assert code == 0
    assert all(sum(row["Arms"].values()) == row["Customers"] for row in made["segments"])
    assert made["balance"]["after"] < made["balance"]["average"] / 5
    assert len(made["balance"]["table"]) == 1 + len(made["segments"])


@pytest.mark.slow
def test_an_experiment_that_goes_on_keeps_its_salt(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def salt(period: str, *more: str) -> str:
        given = ["holdout", period, "--experiment", "c", "--workspace", folder / "ws", "--format", "json", *more]
        code, out, _ = run(capsys, *given)
        assert code == 0
        return str(json.loads(out)["experiment"]["salt"])

    assert salt("week", "--seed", "9") != (chosen := salt("week", "--save", "with c"))
    assert salt("with c") == chosen
    assert salt("with c", "--seed", "9") == chosen
    assert salt("week") == chosen
    assert salt("week", "--salt", "mine") == "mine"
    given = ["audiences", "with c", "--platform", "csv", "--experiment", "c", "--workspace", folder / "ws"]
    assert run(capsys, *given, "--output_dir", folder / "sent")[0] == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "the experiment has no name"),
        (("--experiment", "a", "--arms", "control=0.5"), "1 arms were given"),
        (("--experiment", "a", "--arms", "control=0.5,mail=0.6"), "sum to 1.1"),
        (("--experiment", "a", "--arms", "control,mail=0.6"), "is not an arm with a share"),
        (("--experiment", "a", "--arms", "c=0.5,c=0.5"), "an arm is listed twice"),
        (("--salt", "x"), "need the name of an experiment"),
    ],
)
def test_a_bad_design_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...], message: str
) -> None:
    code, out, err = run(capsys, "holdout", "week", *given, "--workspace", folder / "ws")
    assert (code, out) == (2, "")
    assert message in err
