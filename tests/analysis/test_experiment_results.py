from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis import Run, Settings, analyze, with_experiment
from analysis.choice import Choice, chosen
from analysis.experiment_results import RunResults, campaign_results, measured_lifts
from analysis.matching import places
from analysis.outcome_days import OutcomeDays, Sent
from analysis.outcomes import Outcomes, outcomes_of_files, outcomes_of_orders
from data_generation import Synthetic, draw_outcomes, generate
from data_ingestion import Intake, intake_of_frame
from retention.activity.activity import Event
from retention.customers.reach import Unreached, unreached
from retention.errors import ContractError, OptionError
from retention.experiment.arms import Experiment
from retention.period import Window
from run_store import Weeks, Workspace, load_policy, period_files, saved_period
from run_store.period_files import SEGMENT, WAVE
from run_store.tables import own_batches
from segment_scorer import Evidence, score
from tests.activity_logs import START, activity_of, micros

EXPERIMENT = Experiment("autumn", {"control": 0.5, "mail": 0.5})


@pytest.fixture(scope="module")
def synthetic() -> Synthetic:
    return generate(60_000, seed=4)


@pytest.fixture(scope="module")
def run(synthetic: Synthetic) -> Run:
    intake = intake_of_frame(synthetic.customers, name="synthetic", fingerprint=synthetic.fingerprint)
    return analyze(intake, load_policy("five-segments"), Settings(experiment=EXPERIMENT))


@pytest.fixture(scope="module")
def listed(run: Run, synthetic: Synthetic) -> pd.DataFrame:
    """What every customer of the run did, with the planted lift in the treatment."""
    ids = run.segmentation.customers["user_id"]
    arms = run.arms
    assert arms is not None
    treated = set(ids[arms.codes == 1])
    drawn = draw_outcomes(synthetic, synthetic.customers["user_id"].isin(treated).to_numpy(), seed=1)
    drawn = drawn[drawn["user_id"].isin(set(ids))]
    return drawn.rename(columns={"user_id": "customer"}).astype({"converted": "bool"}).reset_index(drop=True)


def outcomes(frame: pd.DataFrame, *, complete: bool = True) -> Outcomes:
    return Outcomes(frame, complete, len(frame), {})


def results_of(run: Run, seen: Outcomes) -> RunResults:
    return campaign_results([(run, seen)])


def able(run: Run) -> "pd.Series[bool]":
    """Return by user_id who could be reached without the experiment."""
    customers = run.segmentation.customers
    return pd.Series(unreached(customers) == 0, index=customers["user_id"])


def test_the_planted_lift_lies_in_the_interval_and_everybody_who_can_be_reached_counts(
    run: Run, synthetic: Synthetic, listed: pd.DataFrame
) -> None:
    found = results_of(run, outcomes(listed))
    row = found.results.overall.iloc[0]
    assert (row["n"], row["n_control"]) == (run.reach.total, run.reach.left_out[Unreached.CONTROL])
    assert (found.found, found.foreign, found.unknown) == (len(listed), 0, 0)
    assert found.results.sample_ratio.status == "passed"
    truth = synthetic.truth.set_index("user_id").loc[run.segmentation.customers["user_id"]]
    effect = float((truth["recovery_probability"] * truth["campaign_lift"]).mean())
    assert row["difference_low"] < effect < row["difference_high"]


def test_without_shares_of_their_own_segments_are_put_together(run: Run, listed: pd.DataFrame) -> None:
    row = results_of(run, outcomes(listed)).results.overall.iloc[0]
    assert row["difference"] == pytest.approx(row["rate"] - row["rate_control"], abs=1e-15)
    assert row["p_test"] == "z"
    own = replace(EXPERIMENT, segment_shares={"VIP Active": {"control": 0.2, "mail": 0.8}})
    within = results_of(replace(run, experiment=own), outcomes(listed)).results
    assert within.overall.iloc[0]["p_test"] == "stratified z"
    assert within.sample_ratio.status == "passed"


def test_buyers_alone_mean_the_same_as_a_list_of_everybody(run: Run, listed: pd.DataFrame) -> None:
    everybody = results_of(run, outcomes(listed)).results.groups
    buyers = results_of(run, outcomes(listed[listed["converted"]], complete=False)).results.groups
    names = ["group", "arm", "n", "converted", "n_control", "converted_control", "difference", "revenue_difference"]
    pd.testing.assert_frame_equal(everybody[names], buyers[names])


def test_customers_without_an_outcome_are_left_out_and_counted(run: Run, listed: pd.DataFrame) -> None:
    found = results_of(run, outcomes(listed.iloc[100:]))
    row = found.results.overall.iloc[0]
    lacking = int(able(run)[listed["customer"].head(100)].sum())
    assert found.unknown == lacking > 50
    assert int(row["n"] + row["n_control"]) == int(able(run).sum()) - lacking


def test_customers_of_elsewhere_are_counted_and_change_nothing(run: Run, listed: pd.DataFrame) -> None:
    foreign = pd.DataFrame({"customer": ["nobody"], "converted": [True], "revenue": [1e9]})
    more = pd.concat([listed, foreign], ignore_index=True)
    found = results_of(run, outcomes(more))
    assert found.foreign == 1
    plain = results_of(run, outcomes(listed)).results.overall
    pd.testing.assert_frame_equal(found.results.overall, plain)


def test_blanks_around_an_identifier_are_its_own_where_the_period_has_them(run: Run) -> None:
    customers = run.segmentation.customers.copy()
    plain = customers["user_id"].iloc[0]
    customers.loc[customers.index[1], "user_id"] = f" {plain}"
    odd = replace(run, segmentation=replace(run.segmentation, customers=customers))
    asked = pd.DataFrame({"customer": [f" {plain}", plain, f"{plain} ", "nobody"]})
    assert places(odd, asked).tolist() == [1, 0, 0, -1]


def test_customers_are_found_by_email_where_the_id_is_another(run: Run) -> None:
    customers = run.segmentation.customers
    some = customers[customers["email"].notna()].drop_duplicates("email", keep=False).head(5)
    asked = pd.DataFrame({"customer": [f" {email.upper()} " for email in some["email"]]})
    assert places(run, asked).tolist() == some.index.tolist()


def test_what_was_measured_goes_into_the_next_scores(run: Run, listed: pd.DataFrame) -> None:
    found = results_of(run, outcomes(listed))
    lifts = measured_lifts(found, date(2025, 10, 20))
    assert {lift.segment for lift in lifts} == {segment.name for segment in run.segmentation.tree.segments}
    groups = found.results.groups.set_index("group")
    for lift in lifts:
        row = groups.loc[lift.segment]
        assert (lift.converted, lift.customers) == (row["converted"], row["n"])
        assert (lift.control_converted, lift.control_customers) == (row["converted_control"], row["n_control"])
    table = score(run.segmentation, evidence=Evidence(lifts=lifts)).table
    assert set(table["Lift_vs_Control_source"]) <= {"measured", "measured + assumed"}
    assert set(table["Baseline_source"]) == set(table["Lift_vs_Control_source"])


def test_outcomes_that_miss_one_arm_more_than_the_other_block_the_lift(run: Run, listed: pd.DataFrame) -> None:
    arms = run.arms
    assert arms is not None
    control = set(run.segmentation.customers["user_id"][arms.codes == 0].head(2000))
    found = results_of(run, outcomes(listed[~listed["customer"].isin(control)]))
    assert found.unknown == int(able(run)[list(control)].sum())
    assert found.results.sample_ratio.status == "mismatch"
    assert set(found.results.overall["verdict"]) == {"blocked"}
    with pytest.raises(OptionError, match="do not match the shares"):
        measured_lifts(found, date(2025, 10, 20))


def test_orders_after_the_send_are_outcomes(run: Run) -> None:
    ids = run.segmentation.customers["user_id"].head(3).tolist()
    at = datetime(2025, 10, 1, tzinfo=START.tzinfo)
    orders = activity_of(
        [
            (ids[0], at, Event.PURCHASE, 20.0),
            (ids[0], at.replace(day=2), Event.PURCHASE, 5.0),
            (ids[1], at.replace(day=20), Event.PURCHASE, 9.0),
            (ids[2], START, Event.PURCHASE, 9.0),
        ]
    )
    empty = pd.DataFrame({name: [] for name in ("file", "line", "column", "value", "reason", "faults")})
    intake = Intake(pd.DataFrame(), empty, (), 4, (), (), "0" * 64, (), orders, 4)
    made = outcomes_of_orders(intake, micros(at), 14)
    assert made.customers[["customer", "revenue"]].to_dict("records") == [{"customer": ids[0], "revenue": 25.0}]
    with pytest.raises(ContractError, match="no orders on or after the day of the send"):
        outcomes_of_orders(intake, micros(at.replace(year=2026)), 14)
    with pytest.raises(OptionError, match="is not possible"):
        outcomes_of_orders(intake, micros(at), 0)


def test_an_experiment_that_comes_later_gives_the_scores_of_one_that_was_there(run: Run, tmp_path: Path) -> None:
    other = with_experiment(run, Experiment("spring", {"control": 0.2, "mail": 0.8}))
    assert not other.scores.table["Reachable"].equals(run.scores.table["Reachable"])
    workspace = Workspace(tmp_path)
    saved = workspace.open(workspace.save(other, name="w", saved_at=datetime(2025, 10, 1, tzinfo=UTC))).run_in_parts()
    for each in (other, saved):
        again = with_experiment(each, EXPERIMENT)
        pd.testing.assert_frame_equal(again.scores.table, run.scores.table, rtol=1e-9)
        assert again.scores.table["Value_Year"].notna().all()


def test_a_run_without_an_experiment_has_no_results(run: Run, listed: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match="has no experiment"):
        results_of(replace(run, experiment=None), outcomes(listed))


def test_several_treatments_need_a_choice(synthetic: Synthetic, listed: pd.DataFrame) -> None:
    intake = intake_of_frame(synthetic.customers, name="synthetic", fingerprint=synthetic.fingerprint)
    three = Experiment("three", {"control": 0.4, "mail": 0.3, "offer": 0.3})
    run = analyze(intake, load_policy("five-segments"), Settings(experiment=three))
    found = results_of(run, outcomes(listed))
    with pytest.raises(OptionError, match="several treatments"):
        measured_lifts(found, date(2025, 10, 20))
    assert {lift.treatment for lift in measured_lifts(found, date(2025, 10, 20), treatment="offer")} == {"offer"}


def test_the_day_of_the_send_is_a_day_of_the_shop(run: Run, tmp_path: Path) -> None:
    ids = run.segmentation.customers["user_id"].head(2).tolist()
    path = tmp_path / "orders.csv"
    lines = [
        f"{at} UTC,purchase,1,5.0,{user},s"
        for at, user in zip(("2025-09-30 22:30:00", "2025-09-30 21:30:00"), ids, strict=True)
    ]
    path.write_text("\n".join(["event_time,event_type,product_id,price,user_id,user_session", *lines]) + "\n")
    berlin = replace(run, window=replace(run.window, timezone="Europe/Berlin"))
    sent = Sent(date(2025, 10, 1), 1)
    assert outcomes_of_files([path], berlin, sent=sent).customers["customer"].tolist() == ids[:1]
    with pytest.raises(ContractError, match="no orders on or after the day of the send"):
        outcomes_of_files([path], run, sent=sent)


def test_customers_whose_outcome_is_not_known_count_in_no_arm(run: Run, listed: pd.DataFrame) -> None:
    counted = able(run)[listed["customer"]].to_numpy()
    unknown = counted & (np.cumsum(counted) <= 7)
    found = results_of(run, outcomes(listed.assign(unknown=unknown)))
    assert found.unknown == 7
    alone = results_of(
        run, outcomes(listed[listed["converted"] & counted].assign(unknown=True).head(5), complete=False)
    )
    assert alone.unknown == 5


def test_a_customer_of_several_periods_counts_once_in_the_first(run: Run, listed: pd.DataFrame) -> None:
    ids, reachable = run.segmentation.customers["user_id"], int((unreached(run.segmentation.customers) == 0).sum())
    later = replace(run, window=Window.starting(run.window.start + timedelta(days=7)))
    bought = listed.assign(converted=True)
    found = campaign_results([(later, outcomes(bought)), (run, outcomes(listed))])
    assert (found.people, found.again) == (reachable, reachable)
    pd.testing.assert_frame_equal(found.results.overall, results_of(run, outcomes(listed)).results.overall)
    fresh = run.segmentation.customers.assign(user_id="new " + ids)
    other = replace(later, segmentation=replace(run.segmentation, customers=fresh))
    both = campaign_results(
        [(run, outcomes(listed)), (other, outcomes(listed.assign(customer="new " + listed["customer"])))]
    )
    assert (both.people, both.again) == (2 * reachable, 0)
    row = both.results.overall.iloc[0]
    assert int(row["n"] + row["n_control"]) == 2 * reachable


@pytest.mark.parametrize(
    "most", [pytest.param(0, id="everybody", marks=pytest.mark.slow), pytest.param(20_000, id="some are chosen")]
)
def test_saved_weeks_are_measured_part_by_part_with_the_same_results(
    run: Run, listed: pd.DataFrame, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(period_files, "ROWS_PER_PART", 3_000)
    monkeypatch.setattr(saved_period, "ROWS_PER_WRITE", 1_000)
    read, weeks, customers = set[str](), Weeks(Workspace(tmp_path)), run.segmentation.customers
    known = customers.set_index("user_id").loc[listed["customer"]].reset_index()
    place = known.index % 3
    names = listed["customer"].mask(place == 1, known["email"]).mask(place == 2, known["phone"])
    told = outcomes(listed.assign(customer=names.fillna(listed["customer"])).drop_duplicates("customer"))
    later = replace(run, window=Window.starting(run.window.start + timedelta(days=7)))
    ids = [weeks.workspace.save(each, name="week", saved_at=datetime(2025, 10, 9, tzinfo=UTC)) for each in (run, later)]
    weeks.workspace.erase(str(customers["user_id"][5]))
    for each in ids if most else []:
        weeks.choose(each, Choice(limit="sends", most=most))
    whole = [chosen(weeks.workspace.open(each).run(), weeks.find(each).week.choice) for each in ids]
    parts = [weeks.campaign_run(each) for each in ids]

    def watched(path: Path, *, where: str, rows: int, columns: list[str]) -> Iterator[pa.RecordBatch]:
        read.update(columns)
        return own_batches(path, where=where, rows=rows, columns=columns)

    monkeypatch.setattr(saved_period, "own_batches", watched)
    for some in (slice(1), slice(2)):
        one, other = (campaign_results([(each, told) for each in runs[some]]) for runs in (whole, parts))
        assert replace(one, results=other.results) == other
        assert one.found > 0.8 * len(listed)
        pd.testing.assert_frame_equal(one.results.groups, other.results.groups, check_exact=True)
        pd.testing.assert_frame_equal(one.results.overall, other.results.overall, check_exact=True)
    assert read == {"user_id", "email", "phone", "country", "email_consent", SEGMENT, WAVE}


def test_periods_of_several_experiments_are_not_put_together(run: Run, listed: pd.DataFrame) -> None:
    week = outcomes(listed)
    for other in (replace(EXPERIMENT, salt="x"), replace(EXPERIMENT, shares={"control": 0.4, "mail": 0.6})):
        with pytest.raises(OptionError, match="not of one campaign"):
            campaign_results([(run, week), (replace(run, experiment=other), week)])
    own = replace(run, experiment=replace(EXPERIMENT, segment_shares={"VIP Active": {"control": 0.2, "mail": 0.8}}))
    with pytest.raises(OptionError, match="shares of their own"):
        campaign_results([(own, week), (own, week)])


def test_several_periods_are_final_when_all_are(run: Run, listed: pd.DataFrame) -> None:
    done, left = (OutcomeDays(Sent(date(2025, 10, day)), 14.0, day == 1) for day in (1, 8))
    weeks = [(run, replace(outcomes(listed), days=each)) for each in (done, left)]
    assert campaign_results(weeks).days == left
    assert campaign_results([weeks[0], (run, outcomes(listed))]).days is None
