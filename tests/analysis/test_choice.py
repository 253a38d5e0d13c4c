"""Whom a campaign contacts: exactly as many as were chosen, the same in plan, files, power and results."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import Run, choice as choosing, with_experiment
from analysis.choice import SALT, Choice, chosen, planned, says_consent
from analysis.experiment_design import design
from analysis.experiment_results import campaign_results
from analysis.outcomes import Outcomes
from audience_export import AudienceRequest, audience_zip
from retention.customers.reach import CONSENT, Unreached, said, unreached
from retention.experiment.arms import Experiment
from retention.hashing import hash_ids
from run_store import Workspace, saved_period
from tests.experimented import SAVED_AT, experimented


@pytest.fixture(scope="module")
def run() -> Run:
    return experimented(20_000)[0]


def contacted(run: Run) -> "pd.Series[str]":
    control = None if run.arms is None else np.equal(run.arms.codes, 0)
    return run.segmentation.customers["user_id"][np.equal(unreached(run.segmentation.customers, control), 0)]


@pytest.mark.parametrize("limit", ["all", "paying", "sends", "budget"])
def test_exactly_those_who_were_planned_can_be_reached(run: Run, limit: str) -> None:
    choice = Choice.model_validate({"limit": limit, "most": 20 if limit == "budget" else 700}).counted(run)
    some = chosen(run, choice)
    plan = planned(run, choice)
    by_segment = dict(zip((each.name for each in run.segmentation.tree.segments), some.reach.reachable, strict=True))
    assert by_segment == plan.table.set_index("segment")["sends"].to_dict()
    assert choice.chosen == plan.sends == some.reach.total == len(contacted(some))
    if limit == "sends":
        assert plan.sends == 700
    assert sum(map(sum, some.reach.counts)) == run.accounting.universe


def test_the_same_choice_takes_the_same_people_and_a_larger_one_keeps_them(run: Run) -> None:
    few, more = (set(contacted(chosen(run, Choice(limit="sends", most=most)))) for most in (300, 900))
    assert few < more
    assert few == set(contacted(chosen(run, Choice(limit="sends", most=300))))


def test_whose_consent_is_not_known_is_not_chosen_by_the_column(run: Run) -> None:
    assert says_consent(run)
    some = chosen(run, Choice(consent="column"))
    assert some.reach.total == run.reach.agreed < run.reach.total
    people = some.segmentation.customers
    assert said(people, CONSENT, True)[people["user_id"].isin(contacted(some)).to_numpy()].all()


def test_files_power_and_results_are_of_those_who_were_chosen(run: Run) -> None:
    some = chosen(run, Choice(limit="sends", most=500, consent="column"))
    assert design(some).counts.iloc[:, 1:].to_numpy().sum() == 500
    with zipfile.ZipFile(io.BytesIO(audience_zip(some, AudienceRequest("csv")))) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["in_audiences"] + sum(manifest["left_out_reachable"].values()) == 500
    assert manifest["left_out"][Unreached.NOT_CHOSEN] > 0
    listed = pd.DataFrame({"customer": run.segmentation.customers["user_id"], "converted": True})
    row = campaign_results([(some, Outcomes(listed, True, len(listed), {}))]).results.overall.iloc[0]
    assert row["n"] == 500


def test_the_control_is_chosen_as_the_treated_are(run: Run) -> None:
    even = with_experiment(run, Experiment("even", {"control": 0.5, "mail": 0.5}))
    some = chosen(even, Choice(limit="sends", most=1_000))
    held = some.reach.left_out[Unreached.CONTROL]
    assert 900 < held < 1_100
    none = chosen(even, Choice(limit="sends", most=0))
    assert (none.reach.total, none.reach.left_out[Unreached.CONTROL]) == (0, 0)


def ranked(run: Run, choice: Choice, few: int) -> list[str]:
    """Return whom a choice takes by sorting everybody at once: in the order of hashes, and then of customers."""
    segmentation, customers = run.segmentation, run.segmentation.customers
    sends = planned(run, choice).table.set_index("segment")["sends"].to_dict()
    able = np.equal(unreached(customers), 0)
    if choice.consent == "column":
        able &= said(customers, CONSENT, True)
    treated = np.ones(len(customers), dtype=np.bool_) if run.arms is None else run.arms.codes > 0
    drawn, taken = hash_ids(customers["user_id"], SALT) % (few or 1 << 60), np.zeros(len(customers), dtype=np.bool_)
    for code, segment in enumerate(segmentation.tree.segments):
        inside = np.flatnonzero(able & np.equal(segmentation.codes, code))
        inside = inside[np.argsort(drawn[inside], kind="stable")]
        taken[inside[(np.cumsum(treated[inside]) <= sends[segment.name]) & (sends[segment.name] > 0)]] = True
    return customers["user_id"][taken].tolist()


@pytest.mark.parametrize(
    ("consent", "few"),
    [
        ("column", 7),
        *(pytest.param(*each, marks=pytest.mark.slow) for each in (("column", 0), ("assumed", 0), ("assumed", 7))),
    ],
    ids=["column, ties", "column, hashes", "assumed, hashes", "assumed, ties"],
)
def test_customers_in_parts_are_chosen_as_those_in_one_piece(
    run: Run, consent: str, few: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_period, "ROWS_PER_WRITE", 300)
    if few:
        monkeypatch.setattr(choosing, "hash_ids", lambda ids, salt: hash_ids(ids, salt) % few)
    workspace = Workspace(tmp_path)
    saved = workspace.open(workspace.save(run, name="w", saved_at=SAVED_AT)).run_in_parts()
    for limit, most in (("sends", 700), ("budget", 20), ("paying", 0), ("all", 0)):
        choice = Choice.model_validate({"limit": limit, "most": most, "consent": consent})
        whole, parts = chosen(run, choice), chosen(saved, choice)
        told = pd.concat([part.segmentation.customers for part in parts.in_parts()], ignore_index=True)
        pd.testing.assert_frame_equal(told, whole.segmentation.customers)
        assert (parts.reach, parts.segmentation.sizes) == (whole.reach, whole.segmentation.sizes)
        left = said(told, Unreached.NOT_CHOSEN, True)
        assert told["user_id"][~left].tolist() == ranked(run, choice, few) or (limit, consent) == ("all", "assumed")
