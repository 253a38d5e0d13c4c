"""The scorer against a plain reference, and on every way in which a number can be missing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.partition.fitted import Partition, Segmentation
from retention.policy.policy import Assumptions, Baseline, Campaign, Lift, Policy, Sizes, Split, Weights
from retention.scores.arithmetic import WEAKNESS, overall, share_interval
from retention.scores.measures import MEASURES
from segment_scorer import NO_CAMPAIGN, Evidence, campaign_sentence, composition, score
from segmentation_engine import assign, fit
from tests.counted import counted

NAN = float("nan")
CAMPAIGN = Campaign(
    audience="People", message="Hello", offer="No discount; free delivery", channel="E-mail", timing="Today"
)
NAMES = ("Low", "Mid", "High")
BOUNDED = (*MEASURES, "Overall_Score", "Incremental_Profit")


def policy() -> Policy:
    """Return three segments by sessions: up to 2, up to 4, above; missing goes low."""
    branches: dict[str, Split | str] = {name.lower(): name for name in NAMES}
    tree = Split(split="sessions_last_30d", cuts=(2.0, 4.0), missing="low", branches=branches)
    segments = dict.fromkeys(NAMES, CAMPAIGN)
    return Policy(name="three", title="Three", description="By sessions", tree=tree, segments=segments)


def drawn(n: int, seed: int = 0, missing: float = 0.1) -> pd.DataFrame:
    """Return random customers with missing values in every scored number."""
    rng = np.random.default_rng(seed)
    numbers = pd.DataFrame(
        {
            "avg_order_value": rng.lognormal(4, 1, n),
            "cart_value": rng.lognormal(4, 1, n),
            "engagement_score": rng.random(n),
            "profitability_score": rng.random(n),
            "days_since_abandonment": rng.integers(0, 7, n).astype(float),
        }
    )
    numbers = numbers.mask(rng.random(numbers.shape) < missing)
    emails = pd.Series("a@example.com", index=range(n), dtype="str").where(rng.random(n) < 0.8)
    sessions = rng.integers(0, 7, n).astype(float)
    return numbers.assign(user_id=[str(i) for i in range(n)], email=emails, sessions_last_30d=sessions)


def segmented(customers: pd.DataFrame, sizes: Sizes | None = None) -> Segmentation:
    return assign(customers, fit(customers, policy(), sizes=sizes or Sizes(min_size=1)))


def scored(customers: pd.DataFrame, weights: Weights | None = None, sizes: Sizes | None = None) -> pd.DataFrame:
    """Return the table with the segments in the order of the tree, by name."""
    table = score(segmented(customers, sizes), weights=weights).table.set_index("Segment")
    names = [name for name in (*NAMES, "All abandoners") if name in table.index]
    return table.loc[names]


def only(**weights: float) -> Weights:
    """Return weights that are 0 but for the given ones."""
    return Weights.model_validate(dict.fromkeys(Weights.model_fields, 0.0) | weights)


def reference(customers: pd.DataFrame, assumptions: Assumptions, minimum: int) -> pd.DataFrame:
    """Return the measures by the formulas of the documentation, customer by customer."""
    rows = []
    known = customers["avg_order_value"].dropna()
    q99 = known.quantile(0.99) if len(known) else NAN
    for customer in customers.to_dict("records"):
        aov, cart, profitability = customer["avg_order_value"], customer["cart_value"], customer["profitability_score"]
        recency = np.clip((7 - customer["days_since_abandonment"]) / 7, 0, 1)
        value = 0.0 if q99 <= 0 else np.clip(np.log1p(aov) / np.log1p(q99), 0, 1)
        rows.append(
            {
                "Segment": NAMES[int(customer["sessions_last_30d"] > 2) + int(customer["sessions_last_30d"] > 4)],
                "Conv_Pot": customer["engagement_score"] * recency,
                "Profitability": profitability,
                "Strategic_Fit": 0.6 * value + 0.4 * profitability,
                "basket": aov if np.isnan(cart) else cart,
                "reach": float(isinstance(customer["email"], str)),
            }
        )
    groups = pd.DataFrame(rows).groupby("Segment")
    table = groups[["Conv_Pot", "Profitability", "Strategic_Fit", "basket", "reach"]].mean()
    table["Size"] = groups.size()
    table["Lift_vs_Control"] = assumptions.lift.value
    span = table["Size"].max() - table["Size"].min()
    table["Size_norm"] = (table["Size"] - table["Size"].min()) / span if span else 1.0
    table["Campaign_Efficiency"] = table["reach"] * (table["Size"] / minimum).clip(upper=1)
    gained = assumptions.stated_baseline[0] * assumptions.lift.value * table["basket"] * assumptions.margin
    table["Reachable"] = groups["reach"].sum()
    table["Profit_per_Send"] = gained - assumptions.contact_cost - assumptions.discount * assumptions.redemption
    table["Incremental_Profit"] = table["Reachable"] * table["Profit_per_Send"]
    table.loc[table["Reachable"] == 0, "Profit_per_Send"] = NAN
    table["Send_Order"] = table["Profit_per_Send"].rank(ascending=False)
    return table


@given(st.integers(20, 200), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.3, 0.97]), st.integers(1, 5))
def test_measures_are_those_of_a_plain_reference(n: int, seed: int, missing: float, minimum: int) -> None:
    customers = drawn(n, seed, missing)
    segmentation = segmented(customers, Sizes(min_size=minimum))
    if len(segmentation.tree.segments) < len(NAMES):
        return
    assumptions = Assumptions(discount=5, redemption=0.1)
    table = score(segmentation, assumptions=assumptions).table.set_index("Segment")
    wanted = reference(customers, assumptions, minimum).reindex(table.index)
    for name in ("Size", *MEASURES, "Incremental_Profit", "Reachable", "Profit_per_Send"):
        np.testing.assert_allclose(table[name].to_numpy(), wanted[name].to_numpy(), rtol=1e-9, atol=1e-9, err_msg=name)
    known = wanted["Profit_per_Send"].notna()
    assert table["Send_Order"][known].tolist() == wanted["Send_Order"][known].tolist()


@given(st.integers(1, 150), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.3, 0.97, 1.0]))
def test_the_table_keeps_its_promises(n: int, seed: int, missing: float) -> None:
    scores = score(segmented(drawn(n, seed, missing)), weights=Weights(campaign_efficiency=0.2))
    table = scores.table
    assert table["Size"].sum() == n
    assert table["Overall_Score"].between(0, 1).all()
    assert table["Overall_Score"].is_monotonic_decreasing
    assert table["P_best"].sum() == pytest.approx(1)
    place = np.arange(1, len(table) + 1)
    assert ((table["Rank_low"] <= place) & (place <= table["Rank_high"])).all()
    for name in BOUNDED:
        value, low, high = table[name], table[f"{name}_low"], table[f"{name}_high"]
        assert ((low <= value) & (value <= high) | low.isna()).all(), name
        assert (low.isna() == high.isna()).all(), name
        assert low[value.isna()].isna().all(), name
        assert table[f"{name}_source"].isin(list(WEAKNESS)).all(), name
    total = composition(scores)[list(MEASURES)].sum(axis=1)
    np.testing.assert_allclose(total, scores.recommended["Overall_Score"], atol=1e-12)


def test_columns_stand_in_the_order_of_the_contract() -> None:
    wanted = ["Segment", "Size", "Conv_Pot", "Lift_vs_Control", "Profitability", "Strategic_Fit", "Size_norm"]
    wanted += ["Campaign_Efficiency", "Overall_Score", "Valid", "Rules_Applied"]
    wanted += [f"{name}_{part}" for name in wanted[2:9] for part in ("low", "high", "source")]
    wanted += ["Rank_low", "Rank_high", "P_best"]
    wanted += ["Baseline", "Baseline_low", "Baseline_high", "Baseline_source"]
    wanted += ["Incremental_Profit", "Incremental_Profit_low"]
    wanted += ["Incremental_Profit_high", "Incremental_Profit_source", "Campaign", "Reachable"]
    wanted += ["Profit_per_Send", "Profit_per_Send_low", "Profit_per_Send_high", "Send_Order", "Flags"]
    assert score(segmented(drawn(100))).table.columns.tolist() == wanted


def test_ties_are_ordered_by_size_and_then_by_name() -> None:
    customers = drawn(60, missing=0).assign(sessions_last_30d=[1.0] * 10 + [3.0] * 25 + [5.0] * 25)
    table = score(segmented(customers), weights=only(lift=1)).table
    assert table["Segment"].tolist() == ["High", "Mid", "Low"]
    assert table["Overall_Score"].nunique() == 1


def test_the_policy_gives_weights_and_assumptions_unless_others_are_given() -> None:
    segmentation = segmented(drawn(100))
    own = score(segmentation)
    assert (own.weights, own.assumptions) == (segmentation.tree.policy.weights, segmentation.tree.policy.assumptions)
    given_ = score(segmentation, weights=only(lift=1), assumptions=Assumptions(lift=Lift(value=0.2, low=0.1, high=0.5)))
    assert given_.table["Overall_Score"].tolist() == pytest.approx([0.2] * 3)
    assert given_.table["Lift_vs_Control_low"].tolist() == [0.1] * 3


def test_editing_weights_moves_totals_and_nothing_that_was_measured() -> None:
    segmentation = segmented(drawn(300))
    one, other = (score(segmentation, weights=w).table.set_index("Segment").sort_index() for w in (None, only(size=1)))
    kept = [*MEASURES, "Incremental_Profit", "Incremental_Profit_low", "Conv_Pot_low", "Valid"]
    pd.testing.assert_frame_equal(one[kept], other[kept])
    assert other["Overall_Score"].tolist() == other["Size_norm"].tolist()
    assert one["Overall_Score"].tolist() == overall(one[list(MEASURES)].to_numpy(), Weights()).tolist()


def test_the_same_seed_gives_the_same_table_and_another_moves_only_simulated_numbers() -> None:
    segmentation = segmented(drawn(90))
    first, again, other = (score(segmentation, seed=seed).table for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    simulated = [
        c
        for c in map(str, first)
        if c.startswith(("Overall_Score_", "Rank", "P_best", "Incremental_Profit_", "Profit_per_Send_"))
    ]
    pd.testing.assert_frame_equal(first.drop(columns=simulated), other.drop(columns=simulated), check_exact=True)
    assert (first["Overall_Score_low"] != other["Overall_Score_low"]).all()


def test_the_order_of_the_segments_does_not_matter() -> None:
    segmentation = segmented(drawn(90))
    flipped = replace(segmentation.tree, segments=segmentation.tree.segments[::-1])
    other = replace(segmentation, tree=flipped, codes=(len(NAMES) - 1 - segmentation.codes).astype(np.uint8))
    pd.testing.assert_frame_equal(score(segmentation).table, score(other).table, check_exact=True)


def test_the_scorer_reads_no_customer() -> None:
    segmentation = segmented(drawn(90))
    blind = replace(segmentation, customers=pd.DataFrame())
    pd.testing.assert_frame_equal(score(segmentation).table, score(blind).table)


def test_simulated_intervals_agree_with_their_closed_form() -> None:
    customers = drawn(3_000, missing=0)
    assumptions = Assumptions(lift=Lift(value=0.2, low=0.2, high=0.2))
    table = score(segmented(customers), weights=only(conv_pot=1), assumptions=assumptions).table
    half = (table["Overall_Score_high"] - table["Overall_Score_low"]) / 2
    of_mean = (table["Conv_Pot_high"] - table["Conv_Pot_low"]) / 2
    np.testing.assert_allclose(half, of_mean, rtol=0.06)


def test_the_assumed_range_of_lift_reaches_the_expected_profit() -> None:
    customers = drawn(300, missing=0).assign(cart_value=100.0)
    known = Baseline(value=0.1, low=0.1, high=0.1)
    assumptions = Assumptions(
        baseline_conversion=known, margin=0.5, contact_cost=0, lift=Lift(value=0.2, low=0, high=0.4)
    )
    row = score(segmented(customers), assumptions=assumptions).table.iloc[0]
    assert row["Incremental_Profit"] == pytest.approx(row["Reachable"] * 0.1 * 0.2 * 100 * 0.5)
    edge = row["Reachable"] * 0.1 * 100 * 0.5 * 0.4
    assert row["Incremental_Profit_low"] <= 0
    assert row["Incremental_Profit_low"] == pytest.approx(0, abs=0.05 * edge)
    assert row["Incremental_Profit_high"] >= edge
    assert row["Incremental_Profit_high"] == pytest.approx(edge, rel=0.05)


def test_the_assumed_range_of_the_baseline_reaches_the_expected_profit() -> None:
    segmentation = segmented(drawn(300, missing=0).assign(cart_value=100.0))
    sure, stated = Lift(value=0.2, low=0.2, high=0.2), Baseline(value=0.1, low=0.05, high=0.3)
    for baseline, ends in ((stated, (0.05, 0.3)), (0.08, (0.0316, 0.1881))):
        assumptions = Assumptions(baseline_conversion=baseline, margin=0.5, contact_cost=0, lift=sure)
        row = score(segmentation, assumptions=assumptions).table.iloc[0]
        assert row["Incremental_Profit_low"] == pytest.approx(row["Reachable"] * ends[0] * 10, rel=0.05)
        assert row["Incremental_Profit_high"] == pytest.approx(row["Reachable"] * ends[1] * 10, rel=0.05)
        assert (row["Baseline_low"], row["Baseline_high"]) == pytest.approx(ends, abs=1e-4)


def test_discounts_cost_all_who_redeem_them_and_can_make_a_loss() -> None:
    segmentation = segmented(drawn(300))
    free, paid = (
        score(segmentation, assumptions=Assumptions(discount=discount, redemption=0.5)).table.set_index("Segment")
        for discount in (0.0, 10.0)
    )
    lost = free["Incremental_Profit"] - paid["Incremental_Profit"]
    np.testing.assert_allclose(lost, 5 * free["Reachable"])
    assert (paid["Incremental_Profit"] < 0).all()


def test_a_segment_is_valid_from_the_minimum_on() -> None:
    customers = drawn(60, missing=0).assign(sessions_last_30d=[1.0] * 10 + [3.0] * 20 + [5.0] * 30)
    segmentation = segmented(customers)
    strict = replace(
        segmentation, tree=replace(segmentation.tree, limits=replace(segmentation.tree.limits, minimum=20))
    )
    table = score(strict).table.set_index("Segment")
    assert table["Valid"].to_dict() == {"Low": False, "Mid": True, "High": True}
    reach = segmentation.customers["email"].notna()[:10].mean()
    assert table.loc["Low", "Campaign_Efficiency"] == pytest.approx(reach * 10 / 20)


def test_a_segment_in_waves_is_valid_because_each_wave_is() -> None:
    customers = drawn(90, missing=0).assign(sessions_last_30d=[1.0] * 30 + [3.0] * 30 + [5.0] * 30)
    segmentation = segmented(customers, Sizes(min_size=1, max_size=13))
    assert segmentation.wave_counts == (3, 3, 3)
    assert score(segmentation).table["Valid"].all()
    tight = replace(segmentation.tree, limits=replace(segmentation.tree.limits, maximum=9))

    class InThreeWaves(Partition):
        @property
        def wave_counts(self) -> tuple[int, ...]:
            return 3, 3, 3

    assert not score(InThreeWaves(tight, segmentation.cube)).table["Valid"].any()


def test_under_fifty_customers_are_flagged() -> None:
    customers = drawn(149, missing=0).assign(sessions_last_30d=[1.0] * 49 + [3.0] * 50 + [5.0] * 50)
    assert scored(customers)["Flags"].to_dict() == {"Low": "too few", "Mid": "", "High": ""}


def test_a_measure_known_of_few_customers_is_flagged() -> None:
    customers = drawn(180, missing=0).assign(sessions_last_30d=[1.0] * 60 + [3.0] * 60 + [5.0] * 60)
    customers.loc[3:59, "engagement_score"] = NAN
    assert scored(customers)["Flags"].to_dict() == {"Low": "few Conv_Pot", "Mid": "", "High": ""}


def test_without_engagement_the_other_weights_carry_the_total() -> None:
    table = scored(drawn(300, missing=0).assign(engagement_score=NAN))
    assert table[["Conv_Pot", "Conv_Pot_low", "Conv_Pot_high"]].isna().all(axis=None)
    assert (table["Flags"] == "no Conv_Pot").all()
    row = table.iloc[0]
    rest = 0.25 * 0.15 + 0.15 * row["Size_norm"] + 0.15 * row["Profitability"] + 0.10 * row["Strategic_Fit"]
    assert row["Overall_Score"] == pytest.approx(rest / 0.65)
    assert table[["Overall_Score_low", "P_best"]].notna().all(axis=None)


def test_without_any_value_of_money_fit_and_profit_are_null() -> None:
    table = scored(drawn(300, missing=0).assign(avg_order_value=NAN, cart_value=NAN))
    gone = ["Strategic_Fit", "Incremental_Profit", "Incremental_Profit_low", "Incremental_Profit_high"]
    assert table[gone].isna().all(axis=None)
    assert (table["Flags"] == "no Strategic_Fit; no Incremental_Profit").all()


def test_where_every_order_value_is_0_fit_is_profitability_alone() -> None:
    table = scored(drawn(300, missing=0).assign(avg_order_value=0.0))
    np.testing.assert_allclose(table["Strategic_Fit"], 0.4 * table["Profitability"])


def test_without_contact_columns_everybody_counts_as_reachable() -> None:
    table = scored(drawn(300, missing=0).drop(columns="email"))
    assert (table["Campaign_Efficiency"] == 1).all()
    assert table["Reachable"].tolist() == table["Size"].tolist()


def test_who_is_held_out_or_back_already_brings_and_costs_nothing() -> None:
    customers = drawn(300, missing=0).drop(columns="email").assign(cart_value=100.0)
    plain = scored(customers)
    name = str(plain.index[0])
    held = score(segmented(customers), evidence=Evidence(held_out={name: 0.5, "": 0.1})).table.set_index("Segment")
    assert held["Reachable"].to_dict() == {
        each: size - round(size * (0.5 if each == name else 0.1)) for each, size in plain["Size"].items()
    }
    assert held["Profit_per_Send"].tolist() == pytest.approx(plain["Profit_per_Send"].reindex(held.index).tolist())
    back = customers.assign(recovered=pd.array([True] * 100 + [False] * 200, dtype="boolean"))
    # Whoever is back has no basket to win, however large it was.
    found = scored(back.assign(cart_value=[1e6] * 100 + [100.0] * 200))
    assert found["Reachable"].sum() == 200
    assert found["Profit_per_Send"].tolist() == pytest.approx([plain["Profit_per_Send"].iloc[0]] * len(found))


def test_segments_are_sent_to_by_profit_per_contact_and_nobody_and_nothing_known_comes_last() -> None:
    customers = drawn(180, missing=0).assign(sessions_last_30d=[1.0] * 60 + [3.0] * 60 + [5.0] * 60)
    customers = customers.assign(email="a@x.org", cart_value=[50.0] * 60 + [900.0] * 60 + [90.0] * 60)
    assert scored(customers)["Send_Order"].to_dict() == {"Low": 3, "Mid": 1, "High": 2}
    nobody = scored(customers.assign(email=["a@x.org"] * 60 + [""] * 60 + ["a@x.org"] * 60))
    assert nobody["Send_Order"].to_dict() == {"Low": 2, "Mid": 3, "High": 1}
    assert (nobody.loc["Mid", "Reachable"], nobody.loc["Mid", "Incremental_Profit"]) == (0, 0)
    assert nobody["Profit_per_Send"].isna().to_dict() == {"Low": False, "Mid": True, "High": False}
    alike = scored(customers.assign(cart_value=50.0, email=["a@x.org"] * 60 + [""] + ["a@x.org"] * 119))
    assert alike["Send_Order"].to_dict() == {"High": 1, "Low": 2, "Mid": 3}


def test_where_nothing_weighed_is_known_there_is_no_total() -> None:
    customers = drawn(300, missing=0)
    customers.loc[customers["sessions_last_30d"] <= 2, "engagement_score"] = NAN
    table = score(segmented(customers), weights=only(conv_pot=1)).table
    last = table.iloc[-1]
    assert (last["Segment"], last["P_best"], last["Rank_low"], last["Rank_high"]) == ("Low", 0, 3, 3)
    assert last[["Overall_Score", "Overall_Score_low", "Overall_Score_high"]].isna().all()


def test_one_segment_is_first_for_sure() -> None:
    row = scored(drawn(19)).loc["All abandoners"]
    assert (row["Size_norm"], row["Rank_low"], row["Rank_high"], row["P_best"]) == (1, 1, 1, 1)
    assert row["Rules_Applied"] == "All"


def test_one_customer_has_values_and_no_intervals() -> None:
    row = scored(drawn(1, missing=0)).loc["All abandoners"]
    measured = ["Conv_Pot", "Profitability", "Strategic_Fit", "Overall_Score", "Incremental_Profit"]
    assert row[measured].notna().all()
    assert row[[f"{name}_{end}" for name in measured for end in ("low", "high")]].isna().all()
    assert row["Campaign_Efficiency_low"] <= row["Campaign_Efficiency"]
    assert row["Flags"] == "too few; one customer: Conv_Pot, Profitability, Strategic_Fit, Incremental_Profit"


def test_a_score_that_rests_on_one_customer_of_many_says_so() -> None:
    customers = drawn(180, missing=0).assign(sessions_last_30d=[1.0] * 60 + [3.0] * 60 + [5.0] * 60)
    customers.loc[1:59, ["engagement_score", "cart_value", "avg_order_value"]] = NAN
    flags = scored(customers)["Flags"].to_dict()
    assert flags == {"Low": "one customer: Conv_Pot, Strategic_Fit, Incremental_Profit", "Mid": "", "High": ""}


def test_a_segment_that_nobody_of_this_period_is_in_has_no_measures() -> None:
    tree = segmented(drawn(300, missing=0)).tree
    customers = drawn(100, seed=1, missing=0).assign(sessions_last_30d=5.0)
    table = score(assign(customers, tree)).table.set_index("Segment")
    empty = table.loc["Low"]
    assert (empty["Size"], empty["Size_norm"], empty["Valid"]) == (0, 0, False)
    assert empty[["Conv_Pot", "Profitability", "Strategic_Fit", "Incremental_Profit"]].isna().all()
    assert empty["Flags"].startswith("too few; no Conv_Pot")


SOURCES = [
    (Weights(), frozenset[str](), "assumed"),
    (Weights(lift=0), frozenset[str](), "heuristic"),
    (only(profitability=1, size=1), frozenset[str](), "measured"),
    (only(profitability=1, size=1), frozenset({"profitability_score"}), "heuristic"),
]


@pytest.mark.parametrize(("weights", "derived", "wanted"), SOURCES)
def test_the_total_is_as_weak_as_its_weakest_weighed_term(
    weights: Weights, derived: frozenset[str], wanted: str
) -> None:
    table = score(segmented(drawn(300, missing=0)), weights=weights, evidence=Evidence(derived=derived)).table
    assert (table["Overall_Score_source"] == wanted).all()


def test_a_null_term_does_not_weaken_the_source_of_the_total() -> None:
    customers = drawn(300, missing=0).assign(engagement_score=NAN)
    table = scored(customers, only(conv_pot=1, size=1))
    assert (table["Overall_Score_source"] == "measured").all()


@pytest.mark.parametrize(
    ("derived", "profitability"),
    [(frozenset[str](), "measured"), (frozenset({"profitability_score"}), "heuristic")],
)
def test_each_measure_says_where_it_comes_from(derived: frozenset[str], profitability: str) -> None:
    row = score(segmented(drawn(300)), evidence=Evidence(derived=derived)).table.iloc[0]
    found = {name: row[f"{name}_source"] for name in (*MEASURES, "Incremental_Profit")}
    assert found == {
        "Conv_Pot": "heuristic",
        "Lift_vs_Control": "assumed",
        "Profitability": profitability,
        "Strategic_Fit": "heuristic",
        "Size_norm": "measured",
        "Campaign_Efficiency": "heuristic",
        "Incremental_Profit": "assumed",
    }


def test_sizes_are_exact() -> None:
    table = scored(drawn(300))
    assert table["Size_norm_low"].tolist() == table["Size_norm"].tolist() == table["Size_norm_high"].tolist()


def test_the_rule_and_the_campaign_stand_beside_the_numbers() -> None:
    row = scored(drawn(300)).loc["High"]
    assert row["Rules_Applied"] == "Sessions_High"
    assert row["Campaign"] == campaign_sentence(CAMPAIGN)
    assert row["Campaign"] == "Offer: No discount; free delivery. Channel: E-mail. Timing: Today."


def test_contributions_stand_beside_their_segments() -> None:
    scores = score(segmented(drawn(300, missing=0)), weights=only(lift=1, size=3))
    parts = composition(scores)
    assert parts["Segment"].tolist() == scores.recommended["Segment"].tolist()
    assert parts["Lift_vs_Control"].tolist() == pytest.approx([0.25 * 0.15] * 3)
    assert parts["Size_norm"].tolist() == pytest.approx((0.75 * scores.recommended["Size_norm"]).tolist())


def test_chances_of_being_best_follow_the_evidence() -> None:
    rng = np.random.default_rng(3)
    customers = drawn(300, missing=0).assign(sessions_last_30d=[1.0] * 100 + [3.0] * 100 + [5.0] * 100)
    customers["profitability_score"] = np.repeat([0.30, 0.31, 0.8], 100) + rng.uniform(-0.1, 0.1, 300)
    table = scored(customers, only(profitability=1))
    assert table.loc["High", "P_best"] == 1
    assert (table.loc["High", "Rank_low"], table.loc["High", "Rank_high"]) == (1, 1)
    assert table.loc[["Low", "Mid"], "Rank_high"].tolist() == [3, 3]


def named(evidence: Evidence, customers: pd.DataFrame | None = None, cost: float = 0.02) -> pd.DataFrame:
    """Return the scores by name, of 600 customers unless others are given."""
    segmentation = segmented(drawn(600, missing=0) if customers is None else customers)
    return score(segmentation, evidence=evidence, assumptions=Assumptions(contact_cost=cost)).table.set_index("Segment")


def test_a_measured_lift_replaces_the_assumed_one_in_its_segment_only() -> None:
    plain = named(Evidence())
    name, other = plain.index[0], plain.index[1]
    table = named(Evidence(lifts=(counted(name, (14_000, 100_000), (10_000, 100_000)),)))
    row = table.loc[name]
    assert row["Lift_vs_Control"] == pytest.approx(0.4, abs=0.02)
    assert 0.35 < row["Lift_vs_Control_low"] < row["Lift_vs_Control"] < row["Lift_vs_Control_high"] < 0.45
    for measure in ("Lift_vs_Control", "Baseline", "Incremental_Profit"):
        assert table[f"{measure}_source"].to_dict() == {
            each: "measured" if each == name else "assumed" for each in table.index
        }
    assert table.loc[other, "Incremental_Profit"] == plain.loc[other, "Incremental_Profit"]
    assert row["Incremental_Profit_low"] < row["Incremental_Profit"] < row["Incremental_Profit_high"]


def test_the_measured_baseline_replaces_the_assumed_one_in_the_profit() -> None:
    name = named(Evidence()).index[0]
    profits = [
        named(Evidence(lifts=(counted(name, (int(1.2e5 * rate), 100_000), (int(1e5 * rate), 100_000)),)), cost=0).loc[
            name, "Incremental_Profit"
        ]
        for rate in (0.1, 0.2)
    ]
    assert profits[1] == pytest.approx(2 * profits[0], rel=0.05)


def test_a_control_without_conversions_does_not_end_a_campaign() -> None:
    customers = drawn(2_321, missing=0).assign(cart_value=80.0)
    plain = named(Evidence(), customers)
    lifts = [counted(name, (65, 540), (5, 60)) for name in plain.index[1:]]
    table = named(Evidence(lifts=(counted(plain.index[0], (65, 540), (0, 60)), *lifts)), customers)
    row = table.loc[plain.index[0]]
    assert row["Baseline"] > 0.05
    assert row["Incremental_Profit"] > 0.8 * plain["Incremental_Profit"].iloc[0]
    assert "do not contact" not in row["Flags"]
    assert row["Lift_vs_Control_source"] == "measured + assumed"


def test_a_null_result_moves_the_profit_by_its_information_only() -> None:
    customers = drawn(2_321, missing=0).assign(cart_value=80.0)
    plain = named(Evidence(), customers)

    def moved(size: int) -> pd.DataFrame:
        null = (int(0.08 * size), size)
        return named(Evidence(lifts=tuple(counted(name, null, null) for name in plain.index)), customers)

    small, large = moved(200), moved(100_000)
    shift = small["Incremental_Profit"] / plain.loc[small.index, "Incremental_Profit"]
    assert shift.between(0.75, 1).all()
    assert not small["Flags"].str.contains("do not contact").any()
    assert large["Lift_vs_Control"].abs().max() < 0.015
    assert set(large["Lift_vs_Control_source"]) == {"measured"}


@pytest.mark.parametrize("stated", [Lift(), Lift(value=0.1, low=0, high=0.5), Lift(value=-0.1, low=-1, high=0.2)])
def test_next_to_no_evidence_moves_next_to_nothing(stated: Lift) -> None:
    segmentation = segmented(drawn(2_000, missing=0))
    assumed = Assumptions(lift=stated, contact_cost=0)
    plain = score(segmentation, assumptions=assumed).table.set_index("Segment")
    lifts = tuple(counted(name, (0, 1), (0, 1)) for name in plain.index)
    table = score(segmentation, assumptions=assumed, evidence=Evidence(lifts=lifts)).table.set_index("Segment")
    np.testing.assert_allclose(table["Lift_vs_Control"], stated.value, atol=0.05 * (stated.high - stated.low))
    np.testing.assert_allclose(table["Incremental_Profit"], plain.loc[table.index, "Incremental_Profit"], rtol=0.4)


def test_a_rate_that_the_run_knows_is_the_baseline_of_the_profit() -> None:
    customers = drawn(3_000, missing=0).assign(recovery_estimate=(np.arange(3_000) % 4 == 0).astype(float))
    for source in ("modelled", "measured"):
        table = score(segmented(customers), evidence=Evidence(conversion=source)).table
        tolerance = 0 if source == "modelled" else 0.01
        np.testing.assert_allclose(table["Baseline"], table["Conv_Pot"], atol=tolerance)
        assert set(table["Baseline_source"]) == {source}
        assert set(table["Incremental_Profit_source"]) == {"assumed"}
        assert (table["Baseline_low"] < table["Baseline"]).all()


def test_where_nobody_came_back_the_baseline_is_not_nothing() -> None:
    came = (drawn(600, missing=0)["sessions_last_30d"] > 2) & (np.arange(600) % 3 == 0)
    customers = drawn(600, missing=0).assign(recovery_estimate=came.astype(float))
    row = named(Evidence(conversion="measured"), customers).loc["Low"]
    assert row["Conv_Pot"] == 0
    assert 0 < row["Baseline"] < 0.02
    assert row["Incremental_Profit_high"] > 0


def test_where_even_the_best_case_loses_money_nobody_is_contacted() -> None:
    plain = score(segmented(drawn(600, missing=0))).table
    name = plain["Segment"].iloc[0]
    evidence = Evidence(lifts=(counted(name, (6_000, 100_000), (10_000, 100_000)),))
    table = score(segmented(drawn(600, missing=0)), evidence=evidence).table.set_index("Segment")
    assert table.loc[name, "Incremental_Profit_high"] < 0
    assert table.loc[name, "Flags"].split("; ")[0] == "do not contact"
    assert table.loc[name, "Campaign"] == NO_CAMPAIGN
    assert not table.drop(name)["Flags"].str.contains("do not contact").any()


def test_an_observed_rate_has_the_interval_of_a_share() -> None:
    customers = drawn(400, missing=0).assign(recovery_estimate=(np.arange(400) % 4 == 0).astype(float))
    table = score(segmented(customers), evidence=Evidence(conversion="measured")).table
    low, high = share_interval(table["Conv_Pot"].to_numpy(), table["Size"].to_numpy())
    assert table["Conv_Pot_low"].tolist() == pytest.approx(low.tolist())
    assert table["Conv_Pot_high"].tolist() == pytest.approx(high.tolist())
    assert set(table["Conv_Pot_source"]) == {"measured"}
    assert float((table["Conv_Pot"] * table["Size"]).sum()) == pytest.approx(100)
