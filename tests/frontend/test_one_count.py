"""One number of people who can be reached in everything that a person sees of a week: commands, pages and files."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from analysis import Run
from analysis.choice import Choice, prospects_of
from analysis.experiment_results import campaign_results
from analysis.outcomes import Outcomes
from audience_export import PLATFORMS
from cli.options.arguments import arguments
from data_generation import generate
from frontend.components.campaign import audiences, experiment_outcomes
from frontend.state import Result
from main import app
from retention.experiment.arms import Experiment
from run_store import Workspace
from tests.frontend.opening import dashboard

ARMS = ("--experiment", "autumn", "--arms", "control=0.2,treatment=0.8")
EXPERIMENT = Experiment("autumn", {"control": 0.2, "treatment": 0.8})


def table(folder: Path) -> Path:
    """Write customers of whom some have no address, some an odd one, some refused and some said nothing."""
    made = generate(4_000, seed=7).customers
    made["recovered"] = pd.array([place % 11 == 0 for place in range(len(made))], dtype="boolean")
    made.loc[made.index % 9 == 0, ["email", "phone"]] = None
    made.loc[made.index % 13 == 1, "email"] = "not an address"
    made.loc[made.index % 17 == 2, "email"] = "shared@example.org"
    assert made["email_consent"].isna().any()
    made.to_csv(folder / "shop.csv", index=False)
    return folder / "shop.csv"


def call(*given: object) -> str:
    result = CliRunner().invoke(app, arguments(list(map(str, given))))
    assert result.exit_code == 0, result.output
    return result.output


def by_hand(shop: Path, out: Path) -> dict[str, int]:
    """Return who can be reached by segment, and who is held out, by plain reading of two files."""
    assigned = pd.read_csv(out / "segment_assignments.csv", dtype="str", keep_default_na=False)
    given = pd.read_csv(shop, dtype="str", keep_default_na=False).set_index("user_id").loc[assigned["user_id"]]
    able = given["email"].str.strip().ne("") | given["phone"].str.strip().ne("")
    able &= ~given["email_consent"].isin(["no", "False"]) & given["recovered"].ne("True")
    treated = able.to_numpy() & assigned["Arm"].eq("treatment").to_numpy()
    held = able.to_numpy() & assigned["Arm"].eq("control").to_numpy()
    counts = {str(name): int(count) for name, count in assigned[treated]["Segment"].value_counts().items()}
    return counts | {"control": int(held.sum())}


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int], str]:
    """Return the folder of a saved week, the counts by hand, and what the command said."""
    here = tmp_path_factory.mktemp("week")
    shop = table(here)
    said = call("--input", shop, *ARMS, "--output_dir", here / "out", "--workspace", here / "ws", "--save", "w")
    return here, by_hand(shop, here / "out"), said


@pytest.fixture(scope="module")
def run(week: tuple[Path, dict[str, int], str]) -> Run:
    workspace = Workspace(week[0] / "ws")
    return workspace.open(workspace.periods()[0].id).run()


def test_the_files_of_a_run_count_the_same_people(week: tuple[Path, dict[str, int], str]) -> None:
    here, counts, said = week
    scores = pd.read_csv(here / "out" / "segment_scores.csv").set_index("Segment")
    assert scores["Reachable"].to_dict() | {"control": counts["control"]} == counts
    objects = json.loads((here / "out" / "segment_scores.json").read_text())
    assert {each["Segment"]: each["Reachable"] for each in objects} == scores["Reachable"].to_dict()
    money = scores["Reachable"] * scores["Profit_per_Send"]
    assert scores["Incremental_Profit"].tolist() == pytest.approx(money.tolist())
    reach = json.loads((here / "out" / "mece_report.json").read_text())["reach"]
    total = int(scores["Reachable"].sum())
    assert (reach["reachable"], reach["control"]) == (total, counts["control"])
    assert f"{total:,} of {scores['Size'].sum():,} customers can be reached" in said


@pytest.mark.slow
def test_the_commands_count_the_same_people(week: tuple[Path, dict[str, int], str]) -> None:
    here, counts, _ = week
    total = sum(counts.values()) - counts["control"]
    assert f"{total:,} of" in call("runs", "show", "w", "--workspace", here / "ws")
    held = call("holdout", "w", *ARMS, "--workspace", here / "ws")
    assert f"control {counts['control']:,} (" in held
    assert f"treatment {total:,} (" in held
    for platform in PLATFORMS:
        place = here / platform
        said = call("audiences", "w", "--platform", platform, "--workspace", here / "ws", "--output_dir", place)
        told: Any = json.loads((place / "manifest.json").read_text())
        assert (told["reachable"], told["left_out"]["control"]) == (total, counts["control"])
        assert told["in_audiences"] + sum(told["left_out_reachable"].values()) == total
        assert {each["segment"]: each["reachable"] for each in told["segments"]} == {
            name: count for name, count in counts.items() if name != "control"
        }
        assert f"{total:,} who can be reached = {told['in_audiences']:,} in audiences + " in said
        if platform != "json":
            texts = [path.read_text(encoding="utf-8") for path in place.glob("*.csv")]
            rows = [len(list(csv.DictReader(io.StringIO(text)))) for text in texts]
            assert sum(rows) == told["in_audiences"]


def test_the_models_of_the_pages_count_the_same_people(week: tuple[Path, dict[str, int], str], run: Run) -> None:
    counts = week[1]
    total = sum(counts.values()) - counts["control"]
    result = Result("key-of-one-count", run, "test")
    reachable = {each.name: each.customers for each in prospects_of(run)}
    assert reachable | {"control": counts["control"]} == counts
    made = experiment_outcomes.design_of(result, EXPERIMENT, Choice(), (0.2, 0.8))
    assert made.counts.sum().tolist() == [counts["control"], total]
    listed = pd.DataFrame({"customer": run.segmentation.customers["user_id"], "converted": True})
    row = campaign_results([(run, Outcomes(listed, True, len(listed), {}))]).results.overall.iloc[0]
    assert (row["n_control"], row["n"]) == (counts["control"], total)
    plan = audiences.plan_of(result, audiences.Form("klaviyo", "column"))
    assert int(plan.reached_counts.sum()) == total
    assert 0 < int(plan.kept.sum()) < total
    # Both counts are told where consent is not known of everybody.
    assert 0 < run.reach.agreed < total


def test_the_pages_count_the_same_people_and_recommend_in_one_order(
    week: tuple[Path, dict[str, int], str], run: Run, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, counts, _ = week
    total = sum(counts.values()) - counts["control"]
    monkeypatch.setenv("RETENTION_WORKSPACE", str(here / "ws"))
    page = dashboard(root)
    page.query_params["run"] = Workspace(here / "ws").periods()[0].id
    page.session_state["all-numbers"] = True
    page.run().switch_page("views/segments.py").run()
    order = run.scores.recommended["Segment"].tolist()
    assert f"{total} of" in plain(page)
    assert page.dataframe[0].value["Segment"].tolist() == order
    assert page.dataframe[0].value["Reachable"].sum() == total
    page.switch_page("views/campaign.py").run()
    agreed = run.reach.agreed
    page.segmented_control(key="step").set_value("Choose").run()
    assert f"{total} of" in plain(page)
    names = [
        button.label.replace("\\", "").split("**")[1] for button in page.button if str(button.key).startswith("open-")
    ]
    assert names == order
    lines = re.findall(r"of (\d+) reachable", plain(page))
    assert sum(map(int, lines)) == agreed
    page.segmented_control(key="step").set_value("Hold out").run()
    shown = {metric.label: re.sub(r"\D", "", metric.value) for metric in page.metric}
    assert shown["Contacted"] == str(agreed)
    assert page.dataframe[0].value["Segment"].tolist() == order
    page.segmented_control(key="step").set_value("Files").run()
    assert f"{agreed} chosen = " in plain(page)
    assert not page.exception


def plain(page: AppTest) -> str:
    """Return the captions and sentences of a page, digits together."""
    text = " ".join(each.value for kind in (page.caption, page.markdown) for each in kind)
    return re.sub(r"(?<=\d)\D(?=\d{3})", "", text)
