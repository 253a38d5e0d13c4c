"""The command results as a person starts it: outcomes or orders of a saved period in, lift out."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cli.options.arguments import arguments
from main import app
from retention.scores.measured_lift import lifts_from_json
from run_store import Weeks, Workspace
from tests.cli.test_documentation import EVERYWHERE, documented, options
from tests.counted import counted

Said = tuple[int, str, str]


def run(capsys: pytest.CaptureFixture[str], *given: object) -> Said:
    with pytest.raises(SystemExit) as ended:
        app(arguments(list(map(str, given))))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a period without and one with an experiment, and write what its customers did."""
    folder = tmp_path_factory.mktemp("results")
    for name, more in (("plain", ()), ("autumn", ("--experiment", "autumn", "--arms", "control=0.5,mail=0.5"))):
        given = ["--mock", "--mock_size", "12000", "--output_dir", folder / name, "--save", name, *more]
        with pytest.raises(SystemExit) as ended:
            app(arguments([str(each) for each in [*given, "--workspace", folder / "ws"]]))
        assert not ended.value.code
    table = pd.read_csv(folder / "autumn" / "segment_assignments.csv", dtype="str")
    drawn = np.random.default_rng(7).random(len(table))
    bought = drawn < np.where(table["Arm"] == "mail", 0.3, 0.1)
    outcomes = pd.DataFrame({"user_id": table["user_id"], "converted": bought.astype(int), "revenue": 40.5 * bought})
    outcomes.to_csv(folder / "outcomes.csv", index=False)
    outcomes[bought].to_csv(folder / "buyers.csv", index=False)
    orders = outcomes[bought][["user_id"]].assign(
        event_time="2025-10-02 10:00:00 UTC", event_type="purchase", product_id="1", price="40.5", user_session="s"
    )
    orders.to_csv(folder / "orders.csv", index=False)
    shutil.copytree(folder / "ws", folder / "untouched")
    return folder


@pytest.fixture(autouse=True)
def _untouched(folder: Path) -> None:
    """Let no test see the day that another one kept with the week."""
    shutil.rmtree(folder / "ws")
    shutil.copytree(folder / "untouched", folder / "ws")


def told(capsys: pytest.CaptureFixture[str], folder: Path, *given: object) -> dict[str, Any]:
    more = () if "--workspace" in given else ("--workspace", folder / "ws")
    code, out, err = run(capsys, "results", "autumn", *given, *more, "--format", "json")
    assert (code, err) == (0, "")
    content: dict[str, Any] = json.loads(out)
    return content


def test_a_complete_list_of_outcomes_gives_the_lift_of_each_segment(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, folder, folder / "outcomes.csv")
    rows = found["rows"]
    assert found["complete"] is True
    assert rows["read"] == rows["customers"] == rows["matched"] == rows["universe"]
    assert (rows["foreign"], rows["unknown"]) == (0, 0)
    assert found["sample_ratio"]["status"] == "passed"
    (overall,) = found["overall"]
    assert 0.15 < overall["difference"] < 0.25
    assert overall["revenue_difference"] == pytest.approx(40.5 * overall["difference"])
    assert len(found["groups"]) == 5


def test_a_list_of_buyers_says_the_same_under_the_other_rule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found, everybody = told(capsys, folder, folder / "buyers.csv"), told(capsys, folder, folder / "outcomes.csv")
    assert found["complete"] is False
    assert "done nothing" in found["rule"]
    assert found["groups"] == everybody["groups"]


def test_orders_after_the_send_are_outcomes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, folder, folder / "orders.csv", "--sent", "2025-10-01", "--days", "2")
    everybody = told(capsys, folder, folder / "outcomes.csv")
    assert found["overall"][0]["difference"] == everybody["overall"][0]["difference"]
    assert found["outcome_days"]["final"] is True
    code, _, err = run(
        capsys, *("results", "autumn", folder / "orders.csv", "--sent", "2025-10-03", "--workspace", folder / "ws")
    )
    assert code == 2
    assert "no orders on or after the day of the send" in err


def test_a_look_before_the_last_day_gives_no_verdict_no_money_and_no_lifts(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = (folder / "orders.csv", "--sent", "2025-10-01")
    found, end = told(capsys, folder, *given), told(capsys, folder, *given, "--days", "2")
    days = found["outcome_days"]
    assert (days["days"], days["last"], days["final"]) == (14.0, "2025-10-14", False)
    # The last order of the file is of 10:00 on the second day.
    assert days["over"] == pytest.approx(1 + 10 / 24)
    (early,), (late,) = found["overall"], end["overall"]
    assert early["difference"] == late["difference"]
    assert early["difference_high"] - early["difference_low"] > 1.5 * (late["difference_high"] - late["difference_low"])
    assert (early["verdict"], early["net_profit"], early["revenue_difference"]) == ("already clear", None, None)
    assert not any(row["do_not_contact"] or row["shrunk_lift"] for row in found["groups"])
    code, out, err = run(capsys, "results", "autumn", *given, "--workspace", folder / "ws", "--days", "14")
    assert (code, err) == (0, "")
    assert "So far: 1.4 of the 14 outcome days after 2025-10-01 are over (10.1 %)." in out
    assert "Net profit" not in out
    lifts = tmp_path / "lifts.json"
    code, _, err = run(capsys, "results", "autumn", *given, "--workspace", folder / "ws", "--lifts", lifts)
    assert code == 2
    assert "only 1.4 of 14 outcome days are over, so no lift can be kept yet" in err
    assert "Measure again when 2025-10-14 is over" in err
    assert not lifts.exists()


def test_the_day_of_the_send_is_remembered_with_the_period(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(folder / "ws", tmp_path / "ws")
    more = ("--workspace", tmp_path / "ws")
    unknown = told(capsys, folder, folder / "outcomes.csv", *more)
    assert unknown["outcome_days"] is None
    assert any("Nobody said on which day" in warning for warning in unknown["warnings"])
    assert run(capsys, "runs", "sent", "autumn", "2025-10-01", "--days", "2", *more)[0] == 0
    assert "Sent on 2025-10-01; outcomes count for 2 days" in run(capsys, "runs", "show", "autumn", *more)[1]
    found = told(capsys, folder, folder / "outcomes.csv", *more)
    assert found["outcome_days"]["final"] is True
    assert found["warnings"] == []
    assert told(capsys, folder, folder / "orders.csv", "--days", "3", *more)["outcome_days"]["days"] == 3
    assert "is not a date" in run(capsys, "runs", "sent", "autumn", "tomorrow", *more)[2]
    # What the results are told of it is kept, too.
    told(capsys, folder, folder / "orders.csv", "--sent", "2025-10-02", *more)
    assert told(capsys, folder, folder / "orders.csv", *more)["outcome_days"]["sent"] == "2025-10-02"
    assert run(capsys, "runs", "sent", "autumn", "2025-10-01", "--days", "2", *more)[0] == 0
    (period,) = [each for each in json.loads(run(capsys, "runs", "list", "--format", "json", *more)[1]) if each["sent"]]
    assert period["sent"] == {"day": "2025-10-01", "days": 2.0}


def test_several_periods_are_measured_together(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(folder / "ws", tmp_path / "ws")
    more = ("--workspace", tmp_path / "ws")
    given = ["--mock", "--mock_size", "12000", "--experiment", "autumn", "--arms", "control=0.5,mail=0.5"]
    week = ["--start", "2025-09-17", "--save", "earlier", "--output_dir", tmp_path / "out"]
    assert run(capsys, *given, *week, *more)[0] == 0
    found = told(capsys, folder, folder / "outcomes.csv", "--also", "earlier", *more)
    assert len(found["windows"]) == 2
    # Whoever is in both weeks counts once.
    assert found["rows"]["again"] > 0
    (overall,) = found["overall"]
    assert overall["n"] + overall["n_control"] == found["rows"]["counted"] - found["rows"]["unknown"]
    code, _, err = run(
        capsys, "results", "autumn", folder / "orders.csv", "--also", "earlier", "--sent", "2025-10-01", *more
    )
    assert (code, "Keep the day of each with: runs sent RUN DATE" in err) == (2, True)


def test_files_are_read_as_the_options_say(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orders = pd.read_csv(folder / "orders.csv").assign(event_time="02/10/2025 10:00:00")
    orders.to_csv(folder / "unsure.csv", index=False)
    given = (folder / "unsure.csv", "--sent", "2025-10-01", "--workspace", folder / "ws")
    code, _, err = run(capsys, "results", "autumn", *given)
    assert (code, "Use --date-order dmy or --date-order mdy" in err) == (2, True)
    assert told(capsys, folder, *given[:3], "--date-order", "dmy")["rows"]["matched"] == len(orders)
    code, _, err = run(capsys, "results", "autumn", *given, "--date-order", "dmy", "--limits", "rows=9")
    assert (code, "Use --limits rows=90" in err) == (2, True)


def test_customers_without_an_outcome_are_counted_and_left_out(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pd.read_csv(folder / "outcomes.csv", dtype="str")
    table.loc[0, "converted"] = None
    table.loc[1, ["converted", "revenue"]] = ["1", None]
    more = pd.concat([table.iloc[:-5], pd.DataFrame({"user_id": ["else", None], "converted": ["1", "0"]})])
    more.to_csv(tmp_path / "some.csv", index=False)
    rows = told(capsys, folder, tmp_path / "some.csv")["rows"]
    # Of the five and the two one cannot be reached, and so counts nowhere.
    assert rows["unknown"] == 5 + 2 - 1
    assert rows["foreign"] == 1
    assert rows["left_out"] == {"missing_id": 1}


def test_the_text_says_which_rule_holds_and_names_no_customer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "results", "autumn", folder / "outcomes.csv", "--workspace", folder / "ws")
    assert (code, err) == (0, "")
    assert out.startswith("Experiment autumn, 24 \u2013 30 Sep 2025")
    assert "anyone not in it is unknown" in out
    assert "Sizes of the arms." in out
    assert "mail against control. More conversions" in out
    assert "VIP Active" in out
    first = pd.read_csv(folder / "outcomes.csv", dtype="str")["user_id"][0]
    assert first not in out


def test_measured_lifts_go_into_the_next_analysis(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lifts.json"
    found = told(capsys, folder, folder / "outcomes.csv", "--lifts", path)
    lifts = lifts_from_json(path.read_text(encoding="utf-8"))
    assert {lift.experiment for lift in lifts} == {"autumn"}
    given = ["--mock", "--mock_size", "12000", "--output_dir", tmp_path / "next", "--lifts", path]
    assert run(capsys, *given, "--workspace", tmp_path / "none")[0] == 0
    scores = pd.read_csv(tmp_path / "next" / "segment_scores.csv")
    # These customers are those of the period, so the analysis says what the results said; only that nobody is held out.
    changed = {row["Segment"]: row for row in found["changes"]}
    for name in ("Lift_vs_Control", "Baseline"):
        after = {segment: row[f"{name}_after"] for segment, row in changed.items()}
        assert dict(zip(scores["Segment"], scores[name], strict=True)) == pytest.approx(after, rel=1e-3)
    sources = {segment: row["Lift_vs_Control_source_after"] for segment, row in changed.items()}
    assert dict(zip(scores["Segment"], scores["Lift_vs_Control_source"], strict=True)) == sources
    assert {row["Lift_vs_Control_before"] for row in changed.values()} == {0.15}
    report = json.loads((tmp_path / "next" / "mece_report.json").read_bytes())
    day = lifts[0].measured_on
    assert f"The lift of 5 of 5 segments was measured by the experiment 'autumn' on {day}." in report["warnings"]


def test_what_was_measured_is_shown_before_and_after_and_can_be_undone(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, told_by = tmp_path / "lifts.json", folder / "outcomes.csv"
    code, out, _ = run(capsys, "results", "autumn", told_by, "--workspace", folder / "ws", "--lifts", path)
    assert code == 0
    assert "changes the next analyses, from -> to" in out
    assert f'python main.py measured {path} --forget "autumn"' in out
    told(capsys, folder, told_by, "--lifts", path)
    assert len(lifts_from_json(path.read_text(encoding="utf-8"))) == 5
    assert "VIP Active" in run(capsys, "measured", path)[1]
    assert "there are no lifts of an experiment 'spring'" in run(capsys, "measured", path, "--forget", "spring")[2]
    assert "autumn are forgotten" in run(capsys, "measured", path, "--forget", "autumn")[1]
    assert json.loads(run(capsys, "measured", path, "--format", "json")[1]) == []


def test_the_workspace_forgets_an_experiment_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = [counted("VIP", (9, 90), (1, 10), experiment=name) for name in ("spring", "autumn")]
    Workspace(tmp_path).keep_lifts(kept)
    assert run(capsys, "measured", "--forget", "spring", "--workspace", tmp_path)[0] == 0
    assert Workspace(tmp_path).lifts() == (kept[1],)


@pytest.mark.parametrize("content", ["my notes\n", '{"not": "lifts"}'])
def test_a_file_that_holds_no_lifts_is_replaced_only_on_demand(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    path, given = tmp_path / "notes.txt", ("results", "autumn", folder / "outcomes.csv", "--workspace", folder / "ws")
    path.write_text(content, encoding="utf-8")
    code, out, err = run(capsys, *given, "--lifts", path)
    assert (code, out, path.read_text(encoding="utf-8")) == (2, "", content)
    assert "this program did not write it as it is now" in err
    assert "--overwrite" in err
    assert run(capsys, *given, "--lifts", path, "--overwrite")[0] == 0
    assert len(lifts_from_json(path.read_text(encoding="utf-8"))) == 5
    # Of what holds lifts the others stay, and an input is never an output.
    assert run(capsys, *given, "--lifts", path)[0] == 0
    assert "is an input" in run(capsys, *given, "--lifts", folder / "outcomes.csv", "--overwrite")[2]


def test_costs_are_the_periods_unless_others_are_given(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    usual = told(capsys, folder, folder / "outcomes.csv")["costs"]
    other = told(capsys, folder, folder / "outcomes.csv", "--contact_cost", "0.5")["costs"]
    assert other == usual | {"contact_cost": 0.5}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("plain", "outcomes.csv"), "the period has no experiment"),
        (("nothing", "outcomes.csv"), "there is no such saved period"),
        (("autumn", "none.csv"), "there is no such file"),
        (("autumn", "orders.csv"), "orders need the day of the send"),
        (("autumn", "orders.csv", "--days", "3"), "Add --sent DATE"),
        (("autumn", "orders.csv", "--sent", "2025-10-01", "--days", "0"), "0 days after the send is not possible"),
        (("autumn", "orders.csv", "--sent", "1.10.2025"), "is not a date"),
        (("autumn", "outcomes.csv", "--days", "3"), "Add --sent DATE"),
        (("autumn", "outcomes.csv", "orders.csv"), "some files are lists of outcomes"),
        (("autumn", "outcomes.csv", "--outcome", "bouhgt"), "'bouhgt'"),
        (("autumn", "outcomes.csv", "--id", "converted"), "required columns are missing: 'conversion'"),
        (("autumn", "outcomes.csv", "--outcome", "x", "--id", "x"), "given two roles"),
        (("autumn", "outcomes.csv", "--outcome", "revenue", "--revenue", "converted"), "must be 0 or 1"),
        (("autumn", "outcomes.csv", "--treatment", "post", "--lifts", "lifts.json"), "there is no treatment 'post'"),
        (("autumn", "outcomes.csv", "--lifts", "none/lifts.json"), "there is no such folder"),
        (("autumn", "outcomes.csv", "--treatment", "mail"), "Add --lifts FILE"),
        (
            ("autumn", "autumn/segment_scores.csv", "--sent", "2025-10-01"),
            "neither a list of outcomes nor a known kind of orders",
        ),
        (("autumn", "autumn/segment_assignments.csv", "--sent", "2025-10-01"), ""),
    ],
)
def test_what_cannot_be_ends_with_2_and_one_message(
    folder: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...], message: str
) -> None:
    asked = [folder / part if part.endswith((".csv", ".json")) else part for part in given]
    code, out, err = run(capsys, "results", *asked, "--workspace", folder / "ws")
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_blank_outcomes_where_nobody_says_no_are_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "blank.csv"
    path.write_text("user_id,converted\na,1\nb,\n", encoding="utf-8")
    code, _, err = run(capsys, "results", "autumn", path, "--workspace", folder / "ws")
    assert code == 2
    assert "1 outcome is blank and none says no" in err


def test_every_option_is_explained(root: Path) -> None:
    page = (root / "docs" / "command-line.md").read_text(encoding="utf-8")
    for command, heading in (("results", "Results of a saved period"), ("measured", "Measured lifts")):
        given = {name for name in options(command) if name.startswith("--")}
        assert given - EVERYWHERE == set(documented(page, heading))


def test_the_week_keeps_what_was_found(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(folder / "ws", tmp_path / "ws")
    given = (folder / "orders.csv", "--sent", "2025-10-01", "--days", "2", "--workspace", tmp_path / "ws")
    found = told(capsys, folder, *given, "--lifts", tmp_path / "lifts.json")
    (week,) = [each.week for each in Weeks(Workspace(tmp_path / "ws")).listed() if each.name == "autumn"]
    assert str(week.step) == "learnt"
    assert week.results is not None
    assert (week.results.final, week.results.arms[0].words) == (True, found["overall"][0]["words"])
    assert week.results.arms[0].lift[0] == pytest.approx(found["overall"][0]["ratio"] - 1)
    assert week.learnt is not None
    assert (len(week.learnt.added), week.learnt.where) == (5, str(tmp_path / "lifts.json"))
    code, out, _ = run(capsys, "runs", "list", "--workspace", tmp_path / "ws", "--format", "json")
    # Both may have been saved in the same second, so either may stand first.
    assert (code, {each["name"]: each["state"] for each in json.loads(out)}.get("autumn")) == (0, "learnt")
