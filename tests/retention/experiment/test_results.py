"""Verdicts of whole experiments: checks first, nothing claimed that was not shown."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from retention.errors import OptionError
from retention.experiment.guardrails import Guardrail
from retention.experiment.lift import Costs, holm
from retention.experiment.observations import EVERYONE, Observations
from retention.experiment.results import Planned, Results, measure
from retention.experiment.words import MEANING, groups_words
from tests.retention.experiment.experiments import counts, drawn, hillstrom, of_mailing


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def only(results: Results) -> dict[str, Any]:
    (row,) = rows_of(results.overall)
    return row


def test_a_null_result_claims_nothing() -> None:
    row = only(measure(counts((100, 1000), (104, 1000))))
    assert row["verdict"] == "nothing shown"
    assert "No difference is shown" in row["words"]
    assert "that there is no effect is not shown either" in row["words"]


def test_a_negative_effect_is_called_harm() -> None:
    row = only(measure(counts((150, 1000), (80, 1000))))
    assert row["verdict"] == "harms"
    assert row["words"].startswith("Fewer conversions")
    assert row["difference_high"] < 0


def test_a_significant_lift_that_loses_money_is_called_so() -> None:
    rng = np.random.default_rng(1)
    seen = drawn(rng, [[20_000, 20_000]], [[0.05, 0.06]], revenue=20).ungrouped()
    paid = only(measure(seen, costs=Costs(margin=0.3, contact_cost=0.5)))
    assert paid["p"] < 0.01
    assert paid["verdict"] == "loses money"
    assert "It loses money: net profit -" in paid["words"]
    euros = only(measure(seen, costs=Costs(margin=0.3, contact_cost=0.5), currency="EUR"))
    assert "net profit -\u20ac" in euros["words"]
    assert only(measure(seen, costs=Costs(margin=0.3, contact_cost=0.001)))["verdict"] in ("pays", "works")


def test_a_loss_that_may_be_chance_is_no_loss_that_is_shown() -> None:
    rng = np.random.default_rng(1)
    seen = drawn(rng, [[20_000, 20_000]], [[0.05, 0.06]], revenue=20).ungrouped()
    break_even = only(measure(seen, costs=Costs(margin=0.3)))["profit"]
    row = only(measure(seen, costs=Costs(margin=0.3, contact_cost=break_even + 0.001)))
    assert row["net_profit"] < 0 < row["net_profit_high"]
    assert row["verdict"] == "works"
    assert "Whether it pays is not shown" in row["words"]


def test_a_campaign_that_costs_more_than_it_can_bring_loses_money_whatever_it_does_to_conversions() -> None:
    rng = np.random.default_rng(3)
    seen = drawn(rng, [[5_000, 5_000]], [[0.05, 0.05]], revenue=20).ungrouped()
    row = only(measure(seen, costs=Costs(margin=0.3, contact_cost=2.0)))
    assert row["verdict"] == "loses money"
    assert row["net_profit_high"] < 0
    assert "No difference in conversions is shown" in row["words"]


def test_without_costs_no_more_than_more_revenue_is_said() -> None:
    rng = np.random.default_rng(1)
    row = only(measure(drawn(rng, [[20_000, 20_000]], [[0.05, 0.065]], revenue=20).ungrouped()))
    assert row["verdict"] == "more revenue"
    assert "pays" not in row["words"]
    assert np.isnan(row["net_profit"])
    assert 1 < row["revenue_ratio_low"] < row["revenue_ratio"] < row["revenue_ratio_high"]


def test_eighteen_purchases_against_none_say_one_thing_about_money() -> None:
    bought = np.concatenate([np.zeros(100), np.arange(900) < 18]) > 0
    seen = Observations(("control", "mail"), np.repeat([0, 1], [100, 900]), bought, np.where(bought, 50.0, 0.0))
    row = only(measure(seen, costs=Costs(0.3, 0.02)))
    assert row["verdict"] == "nothing shown"
    assert np.isnan([row["revenue_p"], row["revenue_difference_low"], row["net_profit_high"]]).all()
    assert "Too few purchases to judge money: 18 in the treatment, 0 in the control" in row["words"]


@pytest.mark.untraced
def test_money_is_not_shown_without_conversions_or_baskets() -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        row = only(measure(drawn(rng, [[800, 4_000]], [[0.03, 0.042]], revenue=20).ungrouped()))
        if row["revenue_p"] < 0.05:
            assert min(row["p"], row["basket_p"]) < 0.05
        assert (row["revenue_p"] < 0.05) == (not row["revenue_difference_low"] <= 0 <= row["revenue_difference_high"])
        assert (row["revenue_p"] < 0.05) == (not row["revenue_ratio_low"] <= 1 <= row["revenue_ratio_high"])


def test_harm_never_stands_beside_a_gain() -> None:
    rng = np.random.default_rng(5)
    seen = drawn(rng, [[20_000, 20_000]], [[0.06, 0.05]], revenue=20).ungrouped()
    assert seen.revenue is not None
    larger = replace(seen, revenue=seen.revenue * np.where(seen.arm == 1, 3, 1))
    row = only(measure(larger, costs=Costs(margin=0.3)))
    assert row["verdict"] == "pays"
    assert row["words"].startswith("Fewer conversions")
    assert "It pays" in row["words"]


def test_all_treatments_together_belong_to_the_family() -> None:
    results = measure(counts((100, 1_000), (140, 1_000), (150, 1_000)))
    raw = [*results.overall["p"], *results.pooled["p"]]
    assert [*results.overall["p_adjusted"], *results.pooled["p_adjusted"]] == pytest.approx(holm(raw).tolist())


def test_capping_cuts_the_largest_purchases_and_says_so() -> None:
    rng = np.random.default_rng(5)
    seen = drawn(rng, [[2_000, 2_000]], [[0.1, 0.12]], revenue=20).ungrouped()
    assert seen.revenue is not None
    results = measure(seen, cap=0.9)
    assert results.capping is not None
    assert results.capping.amount == pytest.approx(np.quantile(seen.revenue[seen.revenue > 0], 0.9))
    assert "the 90 % quantile" in results.capping.words
    assert only(results)["revenue"] < only(measure(seen))["revenue"]
    with pytest.raises(OptionError, match="is not a quantile to cap at"):
        measure(seen, cap=99)


def test_a_broken_guardrail_is_named_by_the_verdict() -> None:
    rng = np.random.default_rng(6)
    seen = drawn(rng, [[8_000, 8_000]], [[0.05, 0.07]], revenue=20).ungrouped()
    left = (rng.random(16_000) < np.where(seen.arm == 1, 0.03, 0.01)).astype(float)
    refunds = np.where(seen.converted, 2.0, 0.0)
    seen = replace(seen, guardrails={"left": left, "refunds": refunds})
    rails = [Guardrail("left"), Guardrail("refunds", 5.0), Guardrail("left", 0.05)]
    results = measure(seen, costs=Costs(0.5), guardrails=rails)
    assert [each.status for each in results.guardrails] == ["broken", "kept", "kept"]
    assert only(results)["verdict"] == "guardrail broken"
    assert "Guardrail broken: left +2." in only(results)["words"]


def test_a_sample_ratio_mismatch_blocks_every_verdict() -> None:
    seen = replace(counts((100, 4_000), (300, 5_000)), groups=("a", "b"), group=np.arange(9_000) % 2)
    results = measure(seen, planned=Planned((0.5, 0.5)))
    assert results.sample_ratio.status == "mismatch"
    assert set(results.overall["verdict"]) == set(results.groups["verdict"]) == {"blocked"}
    assert only(results)["words"] == MEANING["blocked"]
    assert not results.groups["do_not_contact"].any()
    assert {each.words for each in results.differing} == {MEANING["blocked"]}
    assert measure(seen, planned=Planned((4 / 9, 5 / 9))).sample_ratio.status == "passed"
    assert measure(seen).sample_ratio.status == "not checked"


def test_the_check_counts_customers_without_an_outcome() -> None:
    seen = counts((100, 1_000), (150, 1_400))
    assert measure(seen, planned=Planned((0.5, 0.5))).sample_ratio.status == "mismatch"
    results = measure(seen, planned=Planned((0.5, 0.5), assigned=(1_450, 1_400)))
    assert results.sample_ratio.status == "passed"
    assert any("not spread evenly over the arms" in warning for warning in results.warnings)


def test_a_group_that_the_treatment_decides_is_found() -> None:
    arm = np.repeat([0, 1], 10_000)
    opened = np.random.default_rng(2).random(20_000) < np.where(arm == 1, 0.4, 0.1)
    seen = Observations(
        ("control", "mail"), arm, opened & (np.arange(20_000) % 3 == 0), None, None, ("no", "yes"), opened * 1
    )
    results = measure(seen, planned=Planned((0.5, 0.5)))
    assert results.sample_ratio.status == "passed"
    assert {check.status for check in results.group_ratios} == {"mismatch"}
    assert set(results.groups["verdict"]) == {"blocked"}
    assert any("the treatment may decide which group" in warning for warning in results.warnings)
    assert any("the treatment may decide" in warning for warning in measure(seen).warnings)


def test_groups_may_have_shares_of_their_own() -> None:
    rng = np.random.default_rng(5)
    seen = drawn(rng, [[1_000, 9_000], [5_000, 5_000]], [[0.1, 0.1], [0.1, 0.1]])
    shares = {"group 1": (0.5, 0.5)}
    results = measure(seen, planned=Planned((0.1, 0.9), shares))
    assert results.sample_ratio.status == "passed"
    assert {check.status for check in results.group_ratios} == {"passed"}
    assert measure(seen, planned=Planned((0.1, 0.9))).sample_ratio.status == "mismatch"


def test_an_effect_in_one_group_only_is_found_there_and_the_groups_are_said_to_differ() -> None:
    rng = np.random.default_rng(6)
    rates = [[0.10, 0.16], [0.10, 0.10], [0.10, 0.10], [0.10, 0.10]]
    results = measure(drawn(rng, [[6_000, 6_000]] * 4, rates))
    assert list(results.groups["verdict"]) == ["works", "nothing shown", "nothing shown", "nothing shown"]
    (differing,) = results.differing
    assert differing.difference_p < 0.001
    assert differing.words.startswith("The effect differs between the groups")


def test_one_effect_for_all_does_not_make_groups_differ() -> None:
    rng = np.random.default_rng(7)
    (differing,) = measure(drawn(rng, [[6_000, 6_000]] * 5, [[0.10, 0.13]] * 5)).differing
    assert differing.difference_p > 0.05
    assert "is not shown" in differing.words


def test_a_group_with_one_arm_only_has_no_verdict_and_stops_nothing() -> None:
    rng = np.random.default_rng(8)
    results = measure(drawn(rng, [[500, 500], [0, 40], [30, 0]], [[0.1, 0.2]] * 3))
    assert list(results.groups["verdict"]) == ["works", "no data", "no data"]


def test_several_treatments_are_also_compared_as_one() -> None:
    results = measure(counts((100, 1_000), (160, 1_000), (150, 1_000)))
    (row,) = rows_of(results.pooled)
    assert (row["arm"], row["n"], row["converted"]) == (EVERYONE, 2_000, 310)
    assert results.overall["p_adjusted"].ge(results.overall["p"]).all()
    assert measure(counts((1, 10), (2, 10))).pooled.empty


def test_where_the_best_that_fits_is_a_loss_nobody_is_contacted() -> None:
    rng = np.random.default_rng(9)
    seen = drawn(rng, [[4_000, 4_000]] * 3, [[0.05, 0.05]] * 3, revenue=10)
    assert measure(seen, costs=Costs(margin=0.3, contact_cost=3.0)).groups["do_not_contact"].all()
    assert not measure(seen, costs=Costs(margin=0.3)).groups["do_not_contact"].any()
    harmful = drawn(rng, [[4_000, 4_000]] * 3, [[0.10, 0.05]] * 3)
    assert measure(harmful).groups["do_not_contact"].all()


@pytest.mark.parametrize("experiment", [of_mailing, hillstrom])
def test_an_experiment_with_two_treatments_that_pay_shows_so(experiment: Callable[..., Observations]) -> None:
    results = measure(experiment(by="channel"), planned=Planned((1, 1, 1)), costs=Costs(0.3, 0.02))
    assert results.sample_ratio.status == "passed"
    assert list(results.overall["verdict"]) == ["pays", "pays"]
    assert len(results.groups) == 6
    assert all("is not shown" in each.words for each in results.differing)


@pytest.mark.parametrize(
    ("points", "ratio", "start"),
    [
        (0.01, 0.01, "The effect differs"),
        (0.01, 0.5, "The effect in percentage points differs"),
        (0.5, 0.01, "The relative lift differs"),
        (0.5, 0.5, "That the effect differs between the groups is not shown"),
        (float("nan"), float("nan"), "With fewer than two groups"),
    ],
)
def test_groups_are_said_to_differ_in_what_they_differ(points: float, ratio: float, start: str) -> None:
    assert groups_words(points, ratio).startswith(start)
