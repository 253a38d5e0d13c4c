import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.options.arguments import arguments
from main import app
from retention.activity.activity import Activity, Event
from tests.activity_logs import habits

WORDS = {Event.CART: "cart", Event.PURCHASE: "purchase"}


def event_log(activity: Activity, path: Path) -> Path:
    """Write activity as a REES46 log."""
    lines = ["event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"]
    ids = activity.people["user_id"].tolist()
    for customer, time, event, value in zip(
        activity.customer, activity.time, activity.event, activity.value, strict=True
    ):
        at = datetime.fromtimestamp(int(time) / 1e6, UTC)
        lines.append(f"{at:%Y-%m-%d %H:%M:%S} UTC,{WORDS[Event(event)]},1,2,,,{value},{ids[customer]},")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return event_log(habits(2000), tmp_path_factory.mktemp("logs") / "log.csv")


def said(capsys: pytest.CaptureFixture[str], *given: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        app(arguments(list(map(str, given))))
    out = capsys.readouterr()
    return int(ended.value.code or 0), out.out, out.err


def test_backtest_prints_segments_and_three_predictors(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, "backtest", "--input", log, "--policy", "aov-buckets")
    assert (code, err) == (0, "")
    assert "predicted from" in out
    assert [line.split()[0] for line in out.splitlines() if line.startswith(("model", "heuristic", "base"))] == [
        "model",
        "heuristic",
        "base",
    ]


def test_backtest_as_json_adds_up(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "backtest", "--input", log, "--format", "json", "--policy", "aov-buckets")
    made = json.loads(out)
    assert code == 0
    assert sum(row["Size"] for row in made["segments"]) + made["recovered"] == made["accounting"]["universe"]
    assert sum(row["Size"] for row in made["calibration"]) == sum(row["Size"] for row in made["segments"])
    assert made["skills"][0]["brier"] < made["skills"][2]["brier"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--start", "2025-09-01"], "have a known outcome"),
        (["--recovery_hours", "0"], "--recovery_hours or --outcome_days"),
        (["--outcome_days", "-1"], "--recovery_hours or --outcome_days"),
    ],
)
def test_what_cannot_be_tested_is_refused_with_one_message(
    log: Path, capsys: pytest.CaptureFixture[str], given: list[str], message: str
) -> None:
    code, out, err = said(capsys, "backtest", "--input", log, "--policy", "aov-buckets", *given)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("Error") == 1


def test_the_main_command_takes_an_event_log(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "out"
    code, out, _ = said(
        capsys, "--input", log, "--policy", "aov-buckets", "--output_dir", folder, "--end", "2025-09-21"
    )
    report = json.loads((folder / "mece_report.json").read_text(encoding="utf-8"))
    account = report["accounting"]
    assert code == 0
    assert "further rows of the same customers" in out
    assert account["read"] == account["accepted"] + account["quarantined"] == len(log.read_text().splitlines()) - 1
    assert account["accepted"] == account["universe"] + account["outside_window"]
    assert sum(account["outside"].values()) == account["outside_window"]
    assert sum(segment["size"] for segment in report["segments"]) == account["universe"]
