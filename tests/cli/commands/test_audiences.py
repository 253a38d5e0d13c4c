"""The command audiences: of a saved period or an input, refused before anything is written, nothing personal said."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from analysis import Run, with_experiment
from analysis.outcome_days import Sent
from cli.options.arguments import arguments
from main import app
from retention.customers.reach import unreached
from retention.experiment.arms import DEFAULT_SALT, Experiment, assign
from run_store import HeldOut, Weeks, Workspace
from tests.cli.test_documentation import EVERYWHERE
from tests.outputs.runs import synthetic_run

CUSTOMERS = """user_id,cart_abandoned_date,avg_order_value,engagement_score,email,phone,email_consent
00001,2025-09-24,10,0.1,Ann@x.org,,yes
00002,2025-09-25,60,0.5,bo@x.org,+16505551212,yes
00003,2025-09-26,90,0.9,cy@x.org,,no
00004,2025-09-30,90,0.9,di@x.org,,
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with a table of customers and no other workspace."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RETENTION_WORKSPACE", raising=False)
    (tmp_path / "shop.csv").write_text(CUSTOMERS)
    return tmp_path


@pytest.fixture(scope="module")
def run() -> Run:
    return synthetic_run(600)


def call(*given: str) -> tuple[int, str]:
    """Return exit code and everything that a command wrote."""
    result = CliRunner().invoke(app, arguments(["audiences", *given]))
    return result.exit_code, result.output


def manifest(folder: Path) -> Any:
    return json.loads((folder / "audiences" / "manifest.json").read_text(encoding="utf-8"))


def test_a_folder_with_files_of_others_is_refused_before_anything_is_read(here: Path) -> None:
    (here / "audiences").mkdir()
    for name in ("manifest.json", "01_anything.klaviyo.csv"):
        (here / "audiences" / name).write_text("mine")
    (here / "shop.csv").write_text("")
    code, said = call("--input", "shop.csv", "--platform", "klaviyo")
    assert (code, "exists already" in said, "manifest.json" in said, "anything" in said) == (2, True, True, False)
    (here / "shop.csv").write_text(CUSTOMERS)
    assert call("--input", "shop.csv", "--platform", "klaviyo", "--overwrite")[0] == 0
    assert (here / "audiences" / "01_anything.klaviyo.csv").read_text() == "mine"
    assert call("--input", "audiences/manifest.json", "--platform", "klaviyo", "--overwrite")[0] == 2


def test_contradicting_rows_are_taken_as_the_option_says(here: Path) -> None:
    (here / "shop.csv").write_text(f"{CUSTOMERS}00001,2025-09-24,99,0.1,ann@x.org,,yes\n")
    assert "3 customers = 1 in audiences" in call("--input", "shop.csv", "--platform", "klaviyo")[1]
    code, said = call("--input", "shop.csv", "--platform", "klaviyo", "--on-conflict", "latest")
    assert (code, "4 customers = 2 in audiences" in said) == (0, True)


def test_a_table_becomes_audiences_and_nothing_personal_is_said(here: Path) -> None:
    code, said = call("--input", "shop.csv", "--platform", "klaviyo")
    assert code == 0
    assert "4 customers = 2 in audiences + 2 left out" in said
    assert "3 of 4 customers can be reached: 1 refused." in said
    assert "3 who can be reached = 2 in audiences + 1 no_consent" in said
    assert "2 no_consent" in said
    assert not re.search("x.org|0000|1650", said)
    assert manifest(here)["in_audiences"] == 2
    held = "".join(path.read_text() for path in sorted((here / "audiences").glob("*.csv")))
    assert "ann@x.org" in held
    assert "bo@x.org,+16505551212" in held


def test_a_saved_period_is_found_by_its_name(here: Path, run: Run) -> None:
    Workspace(here / ".workspace").save(run, name="week 39", saved_at=datetime(2025, 10, 1, tzinfo=UTC))
    (here / "gone.csv").write_text(f"email\n{run.segmentation.customers['email'].dropna().iloc[0]}\n")
    code, said = call("week 39", "--platform", "mailchimp", "--suppress", "gone.csv")
    assert code == 0
    assert manifest(here)["universe"] == len(run.segmentation.customers)
    assert manifest(here)["left_out"]["unsubscribed"] + manifest(here)["left_out"]["no_consent"] > 0
    assert "audiences" in said


def test_the_holdout_is_the_one_that_every_part_draws(here: Path, run: Run) -> None:
    Workspace(here / ".workspace").save(run, name="w", saved_at=datetime(2025, 10, 1, tzinfo=UTC))
    assert call("w", "--platform", "braze", "--holdout", "20%", "--experiment", "autumn")[0] == 0
    drawn = assign(
        run.segmentation.customers["user_id"],
        Experiment("autumn", {"control": 0.2, "treatment": 0.8}, salt=DEFAULT_SALT),
    )
    control = set(run.segmentation.customers["user_id"][drawn == "control"])
    able = run.segmentation.customers["user_id"][unreached(run.segmentation.customers) == 0]
    assert manifest(here)["left_out"]["control"] == len(control & set(able)) > 0
    held = "".join(path.read_text() for path in sorted((here / "audiences").glob("*.csv")))
    assert not {line.split(",")[0] for line in held.splitlines()} & control


def test_an_export_may_draw_other_arms_until_the_campaign_went_out(here: Path, run: Run) -> None:
    workspace = Workspace(here / ".workspace")
    run_id = workspace.save(run, name="w", saved_at=datetime(2025, 10, 1, tzinfo=UTC))
    fifth = ("w", "--platform", "braze", "--holdout", "20%", "--experiment", "autumn")
    half = ("w", "--platform", "braze", "--holdout", "50%", "--experiment", "autumn", "--overwrite")
    assert [call(*asked)[0] for asked in (fifth, half)] == [0, 0]
    weeks = Weeks(workspace)
    week = weeks.find(run_id).week
    assert week.held_out == HeldOut(experiment="autumn", shares={"control": 0.5, "treatment": 0.5}, by_export=True)
    weeks.sent(run_id, Sent(date(2025, 10, 2), 10))
    assert call(*half)[0] == 0
    code, said = call(*fifth, "--overwrite")
    assert code == 2
    assert "holds out a control group under another experiment" in said


def test_the_experiment_of_a_period_holds_without_being_named(here: Path, run: Run) -> None:
    experiment = Experiment("autumn", {"none": 0.2, "mail": 0.4, "gift": 0.4})
    held = with_experiment(run, experiment)
    Workspace(here / ".workspace").save(held, name="w", saved_at=datetime(2025, 10, 1, tzinfo=UTC))
    assert call("w", "--platform", "csv")[0] == 0
    told = manifest(here)
    assert (told["experiment"]["name"], told["experiment"]["control"]) == ("autumn", "none")
    assert told["left_out"]["control"] == told["experiment"]["customers"]["none"] > 0
    assert told["reachable"] == held.reach.total
    assert sum(told["experiment"]["customers"].values()) == told["reachable"] + told["left_out"]["control"]
    assert {audience["arm"] for audience in told["audiences"]} == {"mail", "gift"}
    code, said = call("w", "--platform", "csv", "--experiment", "winter", "--output_dir", "other")
    assert code == 2
    assert "holds out a control group under another experiment" in said
    assert not (here / "other").exists()


def test_several_treatments_can_be_asked_for(here: Path) -> None:
    given = ("--experiment", "a", "--arms", "control=0.2,mail=0.4,gift=0.4")
    assert call("--input", "shop.csv", "--platform", "csv", *given)[0] == 0
    assert sum(manifest(here)["experiment"]["customers"].values()) == 3
    assert {audience["arm"] for audience in manifest(here)["audiences"]} <= {"mail", "gift", ""}


def test_lists_count_from_the_day_of_the_command(here: Path) -> None:
    (here / "sent.csv").write_text(f"email,date\nann@x.org,{datetime.now(UTC):%Y-%m-%d}\nbo@x.org,2025-01-01\n")
    code, said = call("--input", "shop.csv", "--platform", "csv", "--contacted", "sent.csv", "--within", "7")
    assert code == 0
    assert "1 contacted_recently" in said


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--input", "shop.csv", "--platform", "myspace"], "'myspace' is not a platform"),
        (["--platform", "csv"], "there is nothing to export"),
        (["nobody", "--platform", "csv"], "there is no such saved period"),
        (["w", "--input", "shop.csv", "--platform", "csv"], "exclude each other"),
        (["--input", "shop.csv", "--platform", "csv", "--within", "7"], "go together"),
        (["--input", "shop.csv", "--platform", "csv", "--holdout", "0.1"], "needs the name of its experiment"),
        (["--input", "shop.csv", "--platform", "csv", "--salt", "a"], "need the name of an experiment"),
        (["--input", "shop.csv", "--platform", "csv", "--holdout", "0.1", "--arms", "a=1"], "exclude each other"),
        (["--input", "shop.csv", "--platform", "csv", "--holdout", "2", "--experiment", "a"], "not a share"),
        (["--input", "shop.csv", "--platform", "csv", "--suppress", "gone.csv"], "gone.csv: the file cannot be opened"),
        (["--input", "shop.csv", "--platform", "csv", "--country", "Mars"], "'Mars' is not a country"),
        (["--input", "open.csv", "--platform", "csv"], "nothing says who agreed"),
        (["--input", "shop.csv", "--platform", "csv", "--coupons", "codes.csv"], "1 code cannot do for 2 customers"),
        (
            ["--input", "shop.csv", "--platform", "csv", "--output_dir", "shop.csv"],
            "the output folder shop.csv is a file",
        ),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(given: list[str], message: str, here: Path) -> None:
    (here / "open.csv").write_text("user_id,cart_abandoned_date,avg_order_value,engagement_score\n1,2025-09-24,1,0.5\n")
    (here / "codes.csv").write_text("code\nA\n")
    code, said = call(*given)
    assert code == 2
    assert message in said
    assert not (here / "audiences").exists()


def test_consent_can_be_assumed_where_the_data_does_not_say(here: Path) -> None:
    (here / "open.csv").write_text("user_id,cart_abandoned_date,avg_order_value,engagement_score\n1,2025-09-24,1,0.5\n")
    code, said = call("--input", "open.csv", "--platform", "csv", "--assume-consent")
    assert code == 0
    assert "Consent was assumed, not known." in said


PEOPLE = "user_id,cart_abandoned_date,avg_order_value,engagement_score,email{}\n" + "".join(
    f"c{n},2025-09-0{n},{n}0,0.{n},p{n}@example.com{{}}\n" for n in (1, 2, 3, 4)
)


def test_a_suppression_list_whose_column_says_no_leaves_its_people_out(here: Path) -> None:
    (here / "people.csv").write_text(PEOPLE.replace("{}", ""))
    (here / "unsubscribed.csv").write_text("Email,Accepts Email Marketing\np1@example.com,no\np2@example.com,no\n")
    given = ("--input", "people.csv", "--platform", "klaviyo", "--assume-consent", "--suppress", "unsubscribed.csv")
    code, said = call(*given)
    assert (code, manifest(here)["left_out"]["unsubscribed"], manifest(here)["in_audiences"]) == (0, 2, 2), said


def test_a_mapping_that_fits_a_list_alone_is_not_refused(here: Path) -> None:
    (here / "people.csv").write_text(PEOPLE.replace("{}", ""))
    (here / "gone.csv").write_text("Kontakt,Notiz\np1@example.com,x\n")
    (here / "map.yaml").write_text("format: people\ncolumns: {email: Kontakt}\n")
    given = ("--input", "people.csv", "--suppress", "gone.csv", "--mapping", "map.yaml")
    code, said = call(*given, "--platform", "klaviyo", "--assume-consent")
    assert (code, manifest(here)["left_out"]["unsubscribed"]) == (0, 1), said
    ended = CliRunner().invoke(app, arguments([*given, "--output_dir", "out", "--min_size", "1"]))
    assert ended.exit_code == 0, ended.output
    (here / "gone.csv").write_text("Kontakt,Notiz\np1,x\n")
    (here / "map.yaml").write_text("format: people\ncolumns: {email: Kontakte}\n")
    ended = CliRunner().invoke(app, arguments([*given, "--output_dir", "out"]))
    assert (ended.exit_code, "Name one of its columns so" in ended.output) == (2, True), ended.output


def test_of_a_list_of_profiles_only_the_subscribed_are_written(here: Path) -> None:
    (here / "people.csv").write_text(PEOPLE.replace("{}", ""))
    rows = ["UNSUBSCRIBED", "SUBSCRIBED", "NEVER_SUBSCRIBED"]
    (here / "profiles.csv").write_text(
        '"Email","Klaviyo ID","First Name","Last Name","Phone Number","Email Marketing Consent","Date Added"\n'
        + "".join(
            f'"p{n}@example.com","01","F","L","","{word}","2024-01-01 10:00:00"\n' for n, word in enumerate(rows, 1)
        )
    )
    assert call("--input", "people.csv", "--platform", "klaviyo", "--consent", "profiles.csv")[0] == 0
    held = "".join(path.read_text() for path in sorted((here / "audiences").glob("*.csv")))
    assert re.findall(r"p\d@", held) == ["p2@"]


def test_a_table_with_the_header_of_a_vendor_says_who_agreed(here: Path) -> None:
    head, *lines = PEOPLE.replace("{}", "").splitlines()
    words = ["SUBSCRIBED", "never subscribed", "", "Unsubscribed"]
    body = "".join(f"{line},{word}\n" for line, word in zip(lines, words, strict=True))
    (here / "people.csv").write_text(f"{head},Email Marketing Consent\n{body}")
    assert call("--input", "people.csv", "--platform", "klaviyo")[0] == 0
    assert manifest(here)["in_audiences"] == 1


def test_a_column_that_looks_like_consent_and_is_not_read_stops_the_command(here: Path) -> None:
    (here / "people.csv").write_text(
        PEOPLE.replace("{}", "").replace("email\n", "email,Email opt out\n").replace("com\n", "com,1\n")
    )
    code, said = call("--input", "people.csv", "--platform", "klaviyo", "--assume-consent")
    assert (code, "'Email opt out' looks like consent" in said) == (2, True)


@pytest.mark.parametrize("header", ["Unsubscribed from all email", "Bounced", "UNSUB_TIME", "Do not email"])
def test_a_column_of_refusals_beside_consent_stops_the_command(header: str, here: Path) -> None:
    people = (
        PEOPLE.replace("{}", "").replace("email\n", f"email,email_consent,{header}\n").replace("com\n", "com,yes,1\n")
    )
    (here / "people.csv").write_text(people)
    code, said = call("--input", "people.csv", "--platform", "klaviyo")
    assert (code, f"'{header}' looks like consent" in said) == (2, True), said


def test_every_option_is_explained(root: Path) -> None:
    page = (root / "docs" / "command-line.md").read_text(encoding="utf-8")
    (part,) = [part for part in re.split(r"^## ", page, flags=re.MULTILINE) if part.startswith("Audiences")]
    told = set(re.findall(r"^\| `(--[\w-]+)", part, flags=re.MULTILINE))
    group: Any = get_command(app)
    given = {each.opts[-1] for each in group.commands["audiences"].params if each.opts[0].startswith("-")}
    assert given - EVERYWHERE == told


def test_whom_a_saved_period_contacted_lately_rests(here: Path, run: Run) -> None:
    autumn = Experiment("autumn", {"control": 0.5, "mail": 0.5})
    workspace, now = Workspace(here / "ws"), datetime.now(UTC)
    before = workspace.save(with_experiment(run, autumn), name="before", saved_at=now)
    workspace.save(run, name="next", saved_at=now)
    given = ("next", "--platform", "csv", "--assume-consent", "--workspace", "ws", "--rest-days", "7")
    assert "contacted_recently" not in call(*given)[1]
    for ago, some in ((8, False), (7, True), (0, True)):
        Weeks(workspace).sent(before, Sent((now - timedelta(days=ago)).date()))
        code, said = call(*given)
        assert (code, "contacted_recently" in said) == (0, some), ago
    treated = int((assign(run.segmentation.customers["user_id"], autumn).codes > 0).sum())
    left_out = manifest(here)["left_out"]
    assert 0 < left_out["contacted_recently"] <= treated


def test_a_saved_week_keeps_which_files_were_made_and_whom_they_hold_out(here: Path, run: Run) -> None:
    run_id = Workspace(here / "ws").save(run, name="week", saved_at=datetime.now(UTC))
    given = ("week", "--platform", "csv", "--assume-consent", "--workspace", "ws")
    assert call(*given, "--holdout", "0.5", "--experiment", "autumn")[0] == 0
    week = Weeks(Workspace(here / "ws")).find(run_id).week
    assert (str(week.step), week.held_out and week.held_out.share) == ("files made", 0.5)
    assert [(each.platform, each.where) for each in week.files] == [("csv", str(here / "audiences"))]
    written = (here / "audiences" / "manifest.json").read_bytes()
    assert week.files[0].manifest == sha256(written).hexdigest()
    assert week.files[0].customers == manifest(here)["in_audiences"]


def test_a_rest_and_a_list_count_wherever_the_main_command_counts_people(here: Path) -> None:
    def main(*given: object) -> str:
        result = CliRunner().invoke(app, arguments([str(each) for each in given]))
        assert result.exit_code == 0, result.output
        return result.output

    made = ("--mock", "--mock_size", 3_000, "--workspace", "ws", "--output_dir")
    main(*made, "one", "--save", "one", "--experiment", "autumn", "--arms", "control=0.5,mail=0.5")
    main("runs", "sent", "one", datetime.now(UTC).date(), "--workspace", "ws")
    before = json.loads((here / "one" / "mece_report.json").read_text())["reach"]
    first = pd.read_csv(here / "one" / "segment_assignments.csv", dtype="str")["user_id"].iloc[0]
    (here / "gone.csv").write_text(f"user_id\n{first}\n")
    said = main(*made, "two", "--rest-days", 7, "--suppress", "gone.csv", "--save", "two")
    assert "were contacted recently" in said
    after = json.loads((here / "two" / "mece_report.json").read_text())["reach"]
    alone = after["contacted_recently"] + after["unsubscribed"]
    # Who shares an address with them rests as well.
    assert alone >= before["reachable"]
    assert after["reachable"] + alone == before["reachable"] + before["control"]
    scores = pd.read_csv(here / "two" / "segment_scores.csv")
    assert scores["Reachable"].sum() == after["reachable"]
    held = main("holdout", "two", "--experiment", "next", "--workspace", "ws", "--format", "json")
    assert sum(row["Customers"] for row in json.loads(held)["segments"]) == after["reachable"]
