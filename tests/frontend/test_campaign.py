"""The page Campaign without a browser, step by step, and what it is made of."""

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis import Run
from analysis.choice import Choice
from analysis.experiment_design import design
from audience_export import zip_of
from frontend.components.campaign import audiences, choose, figures_campaign
from frontend.components.campaign.hold_out import drafted, together
from frontend.components.campaign.week import STEP
from frontend.state import Result
from frontend.utils import palette
from frontend.utils.store import key_of
from frontend.utils.workspace import lifts
from retention.customers.reach import Unreached
from retention.errors import InputError, OptionError
from retention.experiment import balance
from retention.experiment.arms import Experiment
from run_store import Workspace
from run_store.workspace import LIFTS_FILE
from tests.experimented import SAVED_AT, experimented
from tests.frontend.opening import analyse, at_address, few, form

TEXT = "text/csv"


@pytest.fixture(scope="module")
def made() -> tuple[Run, pd.DataFrame]:
    return experimented(5_000)


@pytest.fixture(autouse=True)
def few_salts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arms are balanced anew at each change; here, what the page does with them is tested."""
    monkeypatch.setattr(balance, "MOST_SALTS", 20)


def app(root: Path, run_id: str = "") -> AppTest:
    return at_address(root, run_id)


def at(page: AppTest, step: str) -> AppTest:
    """Open a step of the page Campaign."""
    page.query_params[STEP] = step
    return page.switch_page("views/campaign.py").run()


def on(page: AppTest, step: str) -> AppTest:
    """Open another step of it."""
    return page.segmented_control(key="step").set_value(step).run()


def kept(workspace: Path, run: Run) -> str:
    return Workspace(workspace).save(run, name="Week 39", saved_at=SAVED_AT)


def numbers(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def titles(page: AppTest) -> list[str]:
    return [element.value for element in page.header]


def told(page: AppTest) -> str:
    return " ".join(each.value for kind in (page.caption, page.markdown, page.success) for each in kind)


def test_without_a_run_the_page_says_what_to_do(root: Path) -> None:
    page = app(root).switch_page("views/campaign.py").run()
    assert not page.exception
    assert "No analysis yet" in titles(page)


def test_a_week_is_chosen_held_out_and_sent_and_remembers_each_step(root: Path, workspace: Path) -> None:
    page = at(few(app(root)), "Choose")
    page = _asked(page.segmented_control(key="campaign-limit").set_value("sends").run(), "Most sends", 200)
    assert numbers(page)["Sends"] == "200"
    page = page.button(key="campaign-choose").click().run()
    assert not page.exception
    assert page.segmented_control(key="step").value == "Hold out"
    held_out = next(each for each in page.number_input if each.label == "Held out, %")
    before = _int(numbers(page)["Held out"])
    page = held_out.set_value(50.0).run()
    assert _int(numbers(page)["Held out"]) > 3 * before
    assert numbers(page)["Contacted"] == "200"
    assert "One week is too small for +20 %" in told(page).replace("\\", "")
    page.text_input(key="experiment-keep-name").set_value("Autumn week")
    page = page.button(key="hold-out").click().run()
    assert not page.exception
    assert "no audience file contains the control group" in page.success[0].value
    (period,) = Workspace(workspace).periods()
    assert period.name == "Autumn week"
    assert period.week.held_out is not None
    assert period.week.held_out.share == 0.5
    # The limit holds for those who are contacted: whoever is held out is not among the two hundred.
    assert numbers(page)["Contacted"] == "200"
    assert period.week.choice is not None
    assert period.week.choice.chosen == 200
    page = page.button(key="hold-out-next").click().run()
    assert re.search(r"200 chosen = 19\d in files", told(page))
    next(each for each in page.date_input if each.label == "Sent on").set_value(SAVED_AT.date()).run()
    known = Workspace(workspace).periods()[0].sent
    assert known is not None
    assert known.day == SAVED_AT.date()
    again = at(app(root, period.id), "Files")
    assert "200 of" in told(again)
    assert next(each for each in again.date_input if each.label == "Sent on").value == SAVED_AT.date()


def _int(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.mark.slow
def test_several_treatments_and_another_share_in_a_segment(week: AppTest) -> None:
    page = at(week, "Hold out")
    page = next(each for each in page.number_input if each.label == "Treatments").set_value(3).run()
    assert {"treatment 1", "treatment 2", "treatment 3"} <= set(page.dataframe[0].value.columns)
    page = page.multiselect[0].set_value(["VIP Active"]).run()
    page = next(each for each in page.number_input if "held out, %" in each.label).set_value(40.0).run()
    assert not page.exception
    table = page.dataframe[0].value.set_index("Segment")
    arms = ["control", "treatment 1", "treatment 2", "treatment 3"]
    shares = table["control"] / table[arms].sum(axis=1)
    assert shares.idxmax() == "VIP Active"
    assert shares["VIP Active"] > 2 * shares.drop("VIP Active").max()


def test_what_is_no_design_is_said(week: AppTest) -> None:
    page = at(week, "Hold out")
    page = _written(page, "Name of the experiment", " ")
    assert "Give the experiment a name" in page.warning[0].value
    assert not [button for button in page.button if button.key == "hold-out"]
    page = _written(page, "Name of the experiment", "x")
    page = _written(page, "Treatment", "control")
    assert "control is taken" in page.warning[0].value
    page = _written(page, "Treatment", "mail")
    assert not page.warning


@pytest.mark.slow
def test_audience_files_leave_the_control_out(root: Path, workspace: Path, made: tuple[Run, pd.DataFrame]) -> None:
    page = at(app(root, kept(workspace, made[0])), "Files")
    assert not page.exception
    account = page.dataframe[-1].value
    parts = [name for name in account.columns if name not in ("Segment", "Customers")]
    assert account[parts].sum(axis=1).tolist() == account["Customers"].tolist()
    assert account["Customers"].sum() == made[0].accounting.universe
    assert 0 < account["control"].sum() <= made[0].reach.left_out[Unreached.CONTROL]
    assert f"{made[0].reach.agreed:,} chosen = " in told(page)
    page = on(page, "Choose")
    page.radio[0].set_value("list").run()
    page = on(page.button(key="campaign-choose").click().run(), "Files")
    assert "Upload the list" in page.warning[0].value


def test_lists_that_a_person_uploads_leave_customers_out(made: tuple[Run, pd.DataFrame]) -> None:
    result = Result("key-of-a-test", made[0], "test")
    plain = audiences.plan_of(result, audiences.Form("csv", "column"))
    ids = made[0].segmentation.customers["user_id"][plain.kept].head(5)
    listed = _Upload("gone.csv", "user_id\n" + "\n".join(ids))
    plan = audiences.plan_of(result, audiences.Form("csv", "column", lists={"unsubscribed": [listed]}))
    assert audiences.account(plan)["unsubscribed"].sum() == 5
    assert int(plain.kept.sum()) - int(plan.kept.sum()) == 5
    with zipfile.ZipFile(io.BytesIO(zip_of(plan)[0])) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["certificate"]["control_absent"]
    assert manifest["in_audiences"] == int(plan.kept.sum())
    broken = _Upload("broken.csv", "name\nx")
    with pytest.raises(InputError):
        audiences.plan_of(result, audiences.Form("csv", "column", lists={"bought": [broken]}))


class _Upload:
    """A file as a browser sends it."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self._content = name, text.encode()

    def getvalue(self) -> bytes:
        return self._content


def test_outcomes_become_results_and_the_next_analysis_uses_them(
    root: Path, workspace: Path, made: tuple[Run, pd.DataFrame]
) -> None:
    run, outcomes = made
    page = at(app(root, kept(workspace, run)), "Results")
    assert not page.exception
    assert "Each treatment against the control" not in titles(page)
    page.file_uploader(key="results-files").upload("outcomes.csv", outcomes.to_csv(index=False).encode(), TEXT)
    page = page.run()
    assert not page.exception
    assert "have the sizes that were planned" in told(page)
    assert len(page.dataframe[0].value) == 5
    assert "treating nobody" in told(page)
    first = outcomes["user_id"].iloc[0]
    assert first not in told(page)
    page = page.button(key="results-use").click().run()
    assert any("measured lift of 5 segments" in each.value for each in page.success)
    assert {lift.experiment for lift in Workspace(workspace).lifts()} == {"autumn"}
    page = form(page)
    assert "by experiment autumn" in told(page).replace("\\", "")
    page = analyse(page)
    page = at(page, "Choose")
    assert not page.exception
    assert ":blue-badge[partly measured]" in told(page)
    page = page.switch_page("views/settings.py").run()
    page = page.button(key=f"lifts-forget-{key_of('autumn')}").click().run()
    assert "forgotten" in page.success[0].value
    assert Workspace(workspace).lifts() == ()


def test_before_the_last_day_a_page_says_so_far_and_keeps_no_lift(
    root: Path, workspace: Path, made: tuple[Run, pd.DataFrame]
) -> None:
    run, outcomes = made
    run_id = kept(workspace, run)
    page = at(app(root, run_id), "Results")
    page.file_uploader(key="results-files").upload("outcomes.csv", outcomes.to_csv(index=False).encode(), TEXT)
    page.date_input[0].set_value(datetime.now(UTC).date())
    page = page.run()
    assert not page.exception
    assert "of the 14 outcome days after" in page.info[0].value
    assert "clear" in told(page)
    assert "Net profit of the arm" not in told(page)
    assert "shrunk" not in page.dataframe[0].value
    assert not [button for button in page.button if button.key == "results-use"]
    # The period remembers the day, also for the command line.
    known = Workspace(workspace).open(run_id).summary.sent
    assert known is not None
    assert known.day == datetime.now(UTC).date()


def test_outcomes_that_miss_an_arm_block_every_conclusion(
    root: Path, workspace: Path, made: tuple[Run, pd.DataFrame]
) -> None:
    run, outcomes = made
    assert run.arms is not None
    control = set(run.segmentation.customers["user_id"][run.arms.codes == 0].head(1000))
    some = outcomes[~outcomes["user_id"].isin(control)]
    page = at(app(root, kept(workspace, run)), "Results")
    page.file_uploader(key="results-files").upload("outcomes.csv", some.to_csv(index=False).encode(), TEXT)
    page = page.run()
    assert not page.exception
    assert "Likely causes" in page.error[0].value
    assert "blocked" in told(page)
    assert "Per segment" not in titles(page)
    assert not [button for button in page.button if button.key == "results-use"]


def test_a_file_that_cannot_be_used_is_said(root: Path, workspace: Path, made: tuple[Run, pd.DataFrame]) -> None:
    page = at(app(root, kept(workspace, made[0])), "Results")
    page.file_uploader(key="results-files").upload("some.csv", b"user_id,converted\nx,1\n", TEXT)
    page = page.run()
    assert not page.exception
    assert "not in the week" in page.error[0].proto.title.replace("\\", "")
    page.text_input(key="results-column-0").set_value("x")
    page.text_input(key="results-column-1").set_value("x")
    assert "given two roles" in page.run().warning[0].value


def test_a_period_without_an_experiment_has_no_results(week: AppTest) -> None:
    page = at(week, "Results")
    assert "Nobody was held out of this week" in titles(page)
    assert not page.exception


def test_a_damaged_file_of_lifts_is_said_and_can_be_forgotten(root: Path, workspace: Path) -> None:
    workspace.mkdir(parents=True, exist_ok=True)
    (workspace / LIFTS_FILE).write_text("nothing")
    page = app(root).switch_page("views/settings.py").run()
    assert not page.exception
    assert "not as they were saved" in page.warning[0].proto.title.replace("\\", "")
    page = page.button(key="lifts-forget").click().run()
    assert not (workspace / LIFTS_FILE).exists()


def test_a_plan_within_a_number_of_sends_and_a_budget(week: AppTest) -> None:
    page = at(week, "Choose")
    assert not page.exception
    assert ":orange-badge[assumed]" in told(page)
    everyone = _int(numbers(page)["Sends"])
    page = page.segmented_control(key="campaign-limit").set_value("sends").run()
    page = _asked(page, "Most sends", 100)
    assert numbers(page)["Sends"] == "100"
    lines = re.findall(r"\*\*([\d,]+)\*\* of [\d,]+ reachable", told(page))
    assert sum(map(_int, lines)) == 100
    page = page.segmented_control(key="campaign-limit").set_value("budget").run()
    page = _asked(page, "Budget", 5)
    assert _int(numbers(page)["Sends"]) == 250
    assert everyone > 250
    assert not page.exception


def test_what_was_learnt_is_undone_on_the_page(root: Path, workspace: Path, made: tuple[Run, pd.DataFrame]) -> None:
    run, outcomes = made
    run_id = kept(workspace, run)
    page = at(app(root, run_id), "Results")
    page.file_uploader(key="results-files").upload("outcomes.csv", outcomes.to_csv(index=False).encode(), TEXT)
    page = page.run().button(key="results-use").click().run()
    # Without the files, after a reload, the page still knows what came of it.
    again = at(app(root, run_id), "Results")
    assert {"Results", "What the next analyses use"} <= set(titles(again))
    assert "mail: " in told(again)
    again = again.button(key="results-undo").click().run()
    assert not again.exception
    assert "Undone" in again.success[0].value
    assert Workspace(workspace).lifts() == ()
    assert "What the next analyses use" not in titles(again)


@pytest.mark.parametrize("shown", [False, True])
def test_a_null_result_is_not_pressed_upon_anybody(
    root: Path, workspace: Path, made: tuple[Run, pd.DataFrame], shown: bool
) -> None:
    run, outcomes = made
    assert run.arms is not None
    treated = outcomes["user_id"].isin(set(run.segmentation.customers["user_id"][run.arms.codes > 0]))
    converted = (outcomes.index % 10 == 0) | (shown & treated & (outcomes.index % 3 == 0))
    told_of = outcomes.assign(converted=converted.astype("int64"))[["user_id", "converted"]]
    page = at(app(root, kept(workspace, run)), "Results")
    page.file_uploader(key="results-files").upload("outcomes.csv", told_of.to_csv(index=False).encode(), TEXT)
    page = page.run()
    assert not page.exception
    assert ("nothing shown" in told(page)) != shown
    assert (page.button(key="results-use").proto.type == "primary") == shown


def test_several_weeks_of_a_campaign_are_measured_together(
    root: Path, workspace: Path, made: tuple[Run, pd.DataFrame]
) -> None:
    run, outcomes = made
    earlier = Workspace(workspace).save(run, name="Week 38", saved_at=SAVED_AT)
    page = at(app(root, kept(workspace, run)), "Results")
    together = page.multiselect[0].set_value([earlier]).run()
    together.file_uploader(key="results-files").upload("o.csv", outcomes.to_csv(index=False).encode(), TEXT)
    together = together.run()
    assert not together.exception
    assert "2 weeks: " in told(together)
    assert "count once each" in told(together)
    assert all(each.week.results is not None for each in Workspace(workspace).periods())
    together.button(key="results-use").click().run()
    assert all(each.week.learnt is not None for each in Workspace(workspace).periods())


def _written(page: AppTest, label: str, text: str) -> AppTest:
    (field,) = [each for each in page.text_input if each.label == label]
    return field.set_value(text).run()


def _asked(page: AppTest, label: str, value: float) -> AppTest:
    (field,) = [each for each in page.number_input if each.label.startswith(label)]
    return field.set_value(value).run()


def test_a_plan_never_contacts_the_control(made: tuple[Run, pd.DataFrame]) -> None:
    run = made[0]
    assert run.arms is not None
    plan = choose.campaign(run, Choice())
    assert plan.plan.sends == run.reach.total
    assert run.reach.total + sum(run.reach.left_out.values()) == run.accounting.universe
    assert (plan.curve["profit"].diff().dropna() > 0).all()
    assert plan.curve["profit"].iloc[-1] == pytest.approx(plan.plan.everyone.value)


def test_one_assumption_for_all_segments_does_not_average_out(made: tuple[Run, pd.DataFrame]) -> None:
    plan = choose.campaign(made[0], Choice())
    assert plan.source == "assumed"
    together, table = plan.plan.everyone, plan.plan.table
    apart = ((table["profit_high"] - table["profit_low"]) ** 2).sum() ** 0.5
    assert together.high - together.low > 1.5 * apart
    half = choose.campaign(made[0], Choice(limit="sends", most=plan.plan.sends // 2)).plan
    assert half.profit.value > half.at_random.value
    with pytest.raises(OptionError):
        choose.campaign(made[0], Choice(limit="sends", most=-1))


def test_a_draft_gives_every_segment_shares_that_sum_to_one() -> None:
    experiment = drafted("a", (("x", 0.3), ("y", 0.6)), 0.1, (("VIP", 0.4),))
    assert experiment.shares_of("VIP") == pytest.approx((0.4, 0.2, 0.4))
    assert experiment.shares_of("Rest") == pytest.approx((0.1, 0.3, 0.6))


def test_segments_with_own_shares_are_not_judged_together(made: tuple[Run, pd.DataFrame]) -> None:
    assert together(design(made[0])) is not None
    own = Experiment("b", segment_shares={"VIP Active": {"control": 0.5, "treatment": 0.5}})
    assert together(design(replace(made[0], experiment=own))) is None


def test_names_in_the_charts_of_a_campaign_are_text() -> None:
    names = ["<script>alert(1)</script>", "B"]
    colours = dict(zip(names, palette.SEGMENTS, strict=False))
    ends = {
        f"{name}{end}": [0.01, 0.02] for name in ("difference", "shrunk_difference") for end in ("", "_low", "_high")
    }
    curve = pd.DataFrame(
        {"segment": ["", names[0]], "sends": [0, 5], "profit": [0, 1.0], "low": [0, 0], "high": [0, 2]}
    )
    drawn = [
        figures_campaign.forest(pd.DataFrame({"group": names, **ends}), colours, dark=False),
        figures_campaign.profit_curve(curve, sends=3, money="<b>", dark=False),
    ]
    assert not any("<script" in figure.to_json().replace("\\u003c", "<") for figure in drawn)


def test_without_measured_lifts_nothing_is_said_or_made(workspace: Path) -> None:
    assert lifts() == ((), None)
    assert not workspace.exists()


@pytest.mark.slow
def test_orders_and_lists_of_an_unknown_layout_are_mapped_in_place(
    root: Path, workspace: Path, made: tuple[Run, pd.DataFrame]
) -> None:
    run = made[0]
    page = at(app(root, kept(workspace, run)), "Results")
    ids = run.segmentation.customers["user_id"].head(40)
    start = run.window.end + timedelta(days=1)
    orders = "wer,kdatum,wert\n" + "".join(f"{name},{start},{20 + n}.50\n" for n, name in enumerate(ids))
    page.file_uploader(key="results-files").upload("orders.csv", orders.encode(), TEXT)
    page.date_input[0].set_value(start)
    page = page.run()
    assert not page.exception
    assert "What do the columns hold?" in titles(page)
    box(page, "One row is").set_value("orders").run()
    for label, header in (("Customer", "wer"), ("Time", "kdatum"), ("Total", "wert")):
        box(page, label).set_value(header).run()
    page = page.button(key="mapping-use").click().run()
    assert not page.exception
    assert "What do the columns hold?" not in titles(page)
    assert "40 customers" in told(page).replace("\u202f", " ")
    page = on(page, "Files")
    listed = "Kontakt,Notiz\n" + "".join(f"{name},x\n" for name in ids)
    page.file_uploader(key="audience-unsubscribed").upload("raus.csv", listed.encode(), TEXT)
    page = page.run()
    assert "no column user" in page.error[0].proto.title
    assert box(page, "One row is").options == ["a customer of a list, without activity", "an order, or a line of one"]
    box(page, "Customer").set_value("Kontakt").run()
    page = page.button(key="mapping-use").click().run()
    assert not page.exception
    assert not page.error
    assert page.dataframe[-1].value["unsubscribed"].sum() > 0


def box(page: AppTest, label: str) -> Any:
    return next(each for each in page.selectbox if each.label == label)
