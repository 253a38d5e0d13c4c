"""The lift table: known numbers of a real experiment, and what must hold for any counts."""

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from retention.errors import OptionError
from retention.experiment.lift import Costs, add_shrunk, arm_table, holm, lift_table
from retention.experiment.observations import Observations, tally
from tests.retention.experiment.experiments import counts, drawn, hillstrom, hillstrom_counts, of_mailing

USUAL = (0.15, 0.0, 0.30)
KNOWN = {
    # outcome, treatment: difference and Wald interval in percentage points, as the data's description prints them
    ("visit", "all treatments"): (6.088, 5.544, 6.633),
    ("conversion", "all treatments"): (0.495, 0.355, 0.636),
    ("conversion", "Mens E-Mail"): (0.680, 0.500, 0.861),
    ("conversion", "Womens E-Mail"): (0.311, 0.150, 0.472),
}


def table_of(observations: Observations, **costs: float) -> pd.DataFrame:
    pooled = lift_table(observations.pooled(), Costs(**costs))
    return pd.concat([lift_table(observations, Costs(**costs)), pooled])


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def row_of(table: pd.DataFrame, arm: str) -> dict[str, Any]:
    (row,) = [row for row in rows_of(table) if row["arm"] == arm]
    return row


def test_the_arms_of_the_real_experiment_are_as_described() -> None:
    arms = arm_table(tally(hillstrom_counts()))
    assert arms.set_index("arm")["n"].to_dict() == {"No E-Mail": 21_306, "Mens E-Mail": 21_307, "Womens E-Mail": 21_387}
    assert round(100 * row_of(arms, "No E-Mail")["rate"], 4) == 0.5726
    visits = arm_table(tally(hillstrom_counts("visit")))
    assert round(100 * row_of(visits, "No E-Mail")["rate"], 3) == 10.617


@pytest.mark.parametrize(("outcome", "arm"), KNOWN)
def test_the_differences_of_the_real_experiment_come_out_to_the_printed_digit(outcome: str, arm: str) -> None:
    row = row_of(table_of(hillstrom_counts(outcome)), arm)
    wald = confint_proportions_2indep(
        row["converted"], row["n"], row["converted_control"], row["n_control"], method="wald", compare="diff"
    )
    printed = tuple(round(100 * value, 3) for value in (row["difference"], *wald))
    # The description cuts 0.6805 to 0.680; a unit of the last digit is allowed for that.
    assert printed == pytest.approx(KNOWN[outcome, arm], abs=0.00101)
    # Newcombe's interval is near, and not the same.
    assert [100 * row["difference_low"], 100 * row["difference_high"]] == pytest.approx(printed[1:], abs=0.01)


def test_newcombes_interval_of_the_real_experiment_is_known() -> None:
    mens = row_of(table_of(hillstrom_counts()), "Mens E-Mail")
    assert [round(100 * mens[f"difference_{end}"], 3) for end in ("low", "high")] == [0.501, 0.864]


def test_the_difference_in_spending_is_that_of_the_means_and_its_interval_is_near_that_of_welch() -> None:
    seen = of_mailing()
    assert seen.revenue is not None
    row = row_of(table_of(seen), "all treatments")
    treated, control = seen.revenue[seen.arm > 0], seen.revenue[seen.arm == 0]
    error = np.sqrt(treated.var(ddof=1) / len(treated) + control.var(ddof=1) / len(control))
    gap = treated.mean() - control.mean()
    assert row["revenue_difference"] == pytest.approx(gap)
    ends = [row["revenue_difference_low"], row["revenue_difference_high"]]
    assert ends == pytest.approx([gap - 1.96 * error, gap + 1.96 * error], abs=0.3 * error)
    assert row["revenue_ratio"] == pytest.approx(treated.mean() / control.mean())


def test_the_spending_of_the_real_experiment_is_as_described() -> None:
    control = row_of(arm_table(tally(hillstrom())), "No E-Mail")
    assert round(control["revenue"], 4) == 0.6528
    row = row_of(table_of(hillstrom()), "all treatments")
    assert round(row["revenue_difference"], 3) == 0.597
    # The description prints Wald's interval; this one is a little wider, as 122 purchases of the control ask for.
    assert row["revenue_difference_low"] == pytest.approx(0.376, abs=0.03)
    assert row["revenue_difference_high"] == pytest.approx(0.817, abs=0.03)


def test_a_known_cell_on_which_libraries_fail() -> None:
    row = lift_table(counts((28, 4044), (89, 8245)), Costs()).iloc[0]
    assert row["difference"] == pytest.approx(89 / 8245 - 28 / 4044)
    assert (round(row["difference_low"], 6), round(row["difference_high"], 6)) == (0.000203, 0.007131)
    assert row["ratio_low"] < row["ratio"] < row["ratio_high"]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=3))
def test_any_counts_give_a_table(arms: list[tuple[int, int]]) -> None:
    arms = [(min(x, n), n) for x, n in arms]
    if not sum(n for _, n in arms):
        return
    table = lift_table(counts(*arms), Costs())
    assert len(table) == len(arms) - 1
    for row, (_, n) in zip(rows_of(table), arms[1:], strict=True):
        if n and arms[0][1]:
            assert -1 <= row["difference_low"] <= row["difference"] <= row["difference_high"] <= 1
            assert 0 <= row["ratio_low"] < row["ratio_high"]
            assert 0 <= row["p"] <= row["p_adjusted"] <= 1
        else:
            assert math.isnan(row["difference_low"])
            assert math.isnan(row["p"])


def test_profit_is_margin_of_the_extra_revenue_less_contacts_and_discounts() -> None:
    rng = np.random.default_rng(4)
    seen = drawn(rng, [[4_000, 6_000]], [[0.10, 0.14]], revenue=80).ungrouped()
    free = lift_table(seen, Costs()).iloc[0]
    paid = lift_table(seen, Costs(margin=0.3, contact_cost=0.5, discount=5)).iloc[0]
    assert free["net_profit"] == pytest.approx(free["incremental_revenue"])
    assert free["incremental_revenue"] == pytest.approx(6_000 * (free["revenue"] - free["revenue_control"]))
    by_hand = 0.3 * free["incremental_revenue"] - 0.5 * 6_000 - 5 * free["converted"]
    assert paid["net_profit"] == pytest.approx(by_hand)
    assert paid["net_profit_low"] < by_hand < paid["net_profit_high"]


def test_the_order_of_the_rows_changes_nothing() -> None:
    rng = np.random.default_rng(9)
    seen = drawn(rng, [[300, 500, 400]] * 3, [[0.1, 0.12, 0.2]] * 3, revenue=30)
    order = rng.permutation(len(seen.arm))
    assert seen.revenue is not None
    assert seen.group is not None
    mixed = Observations(
        seen.arms, seen.arm[order], seen.converted[order], seen.revenue[order], None, seen.groups, seen.group[order]
    )
    first, second = (lift_table(one, Costs()) for one in (seen, mixed))
    pd.testing.assert_frame_equal(first, second, rtol=1e-9)


@settings(max_examples=8)  # the library collects garbage at each call
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_is_that_of_the_library(p: list[float]) -> None:
    assert holm(p).tolist() == pytest.approx(multipletests(p, method="holm")[1].tolist())
    assert holm([*p, math.nan])[:-1].tolist() == holm(p).tolist()


def test_holm_is_the_stepwise_rule() -> None:
    assert holm([0.01, 0.04, 0.03, math.nan]).tolist() == pytest.approx([0.03, 0.06, 0.06, math.nan], nan_ok=True)


def test_shrinking_draws_groups_together_and_keeps_every_row() -> None:
    rng = np.random.default_rng(2)
    table = lift_table(drawn(rng, [[500, 500]] * 8, [[0.10, 0.13]] * 8, revenue=50), Costs())
    shrunk = add_shrunk(table, USUAL)
    assert len(shrunk) == len(table)
    assert shrunk["shrunk_difference"].std() < table["difference"].std()
    width = shrunk["shrunk_difference_high"] - shrunk["shrunk_difference_low"]
    assert (width < table["difference_high"] - table["difference_low"]).all()
    assert (shrunk["shrunk_lift_low"] > -1).all()


def test_a_group_without_a_control_gets_what_the_others_suggest() -> None:
    rng = np.random.default_rng(2)
    sizes = [[2_000, 2_000], [2_000, 2_000], [2_000, 2_000], [0, 50]]
    shrunk = add_shrunk(lift_table(drawn(rng, sizes, [[0.10, 0.13]] * 4), Costs()), USUAL)
    last = rows_of(shrunk)[-1]
    assert math.isnan(last["difference"])
    assert last["shrunk_difference"] == pytest.approx(shrunk["shrunk_difference"][:3].mean(), abs=0.01)


@pytest.mark.parametrize(
    ("costs", "message"),
    [
        ({"margin": 30}, "30 is not a share of revenue. 30 % is 0.3"),
        ({"margin": 0}, "0 is not a share"),
        ({"contact_cost": -1}, "-1 is not an amount of money"),
        ({"discount": math.inf}, "inf is not an amount of money"),
        ({"contact_cost": math.nan}, "nan is not an amount of money"),
    ],
)
def test_costs_that_make_no_sense_are_refused(costs: dict[str, float], message: str) -> None:
    with pytest.raises(OptionError, match=message.replace(".", r"\.")):
        Costs(**costs)


def test_the_table_can_become_json() -> None:
    table = lift_table(counts((28, 4044), (89, 8245)), Costs())
    assert json.loads(table.to_json(orient="records"))[0]["n"] == 8245
