"""Recorded arms and later outcomes: everybody who was assigned counts, and every row is accounted for."""

import numpy as np
import pandas as pd
import pytest

from data_generation import draw_outcomes, generate
from retention.activity import NONE, Activity, Event
from retention.arms import Experiment, assign
from retention.errors import ContractError, InvariantError
from retention.experiment import Planned, measure
from retention.outcomes import join_outcomes, outcomes_of_orders

ARMS = ("control", "mail")
ASSIGNED = pd.DataFrame(
    {
        "user_id": pd.Series(["a", "b", "c", "d"], dtype="str"),
        "Arm": pd.Categorical(["control", "mail", "mail", "control"]),
        "Segment": ["VIP", "VIP", "Rest", "Rest"],
    }
)


def outcomes(*rows: tuple[str, bool | None, float | None]) -> pd.DataFrame:
    ids, converted, revenue = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "user_id": pd.Series(ids, dtype="str"),
            "converted": pd.Series(converted, dtype="boolean"),
            "revenue": pd.Series(revenue, dtype="float64"),
        }
    )


def test_who_is_not_in_a_complete_list_did_not_convert() -> None:
    joined = join_outcomes(ASSIGNED, outcomes(("b", True, 20.0), ("x", True, 5.0)), arms=ARMS, absent_is_no=True)
    seen = joined.observations
    assert seen.arm.tolist() == [0, 1, 1, 0]
    assert seen.converted.tolist() == [False, True, False, False]
    assert seen.revenue is not None
    assert seen.revenue.tolist() == [0, 20, 0, 0]
    assert seen.groups == ("Rest", "VIP")
    assert (joined.assigned, dict(joined.left_out), joined.foreign_rows) == ((2, 2), {}, 1)


def test_of_who_is_not_in_a_table_of_outcomes_nothing_is_known() -> None:
    given = outcomes(("a", False, None), ("b", True, 20.0), ("c", True, None), ("b", False, None), ("b", True, 2.0))
    joined = join_outcomes(ASSIGNED, given, arms=ARMS, absent_is_no=False)
    assert joined.observations.arm.tolist() == [0, 1]
    assert joined.observations.revenue is not None
    assert joined.observations.revenue.tolist() == [0, 22]
    assert joined.assigned == (2, 2)
    assert dict(joined.left_out) == {"missing_outcome": 1, "missing_revenue": 1}


def test_outcomes_of_other_people_are_refused() -> None:
    with pytest.raises(ContractError, match="no row of the outcomes is about a customer"):
        join_outcomes(ASSIGNED, outcomes(("x", True, 1.0)), arms=ARMS, absent_is_no=True)


def test_an_arm_that_is_not_one_of_the_experiment_is_our_fault() -> None:
    with pytest.raises(InvariantError, match="customers of the arms"):
        join_outcomes(ASSIGNED, outcomes(("a", True, 1.0)), arms=("control", "letter"), absent_is_no=True)


def orders(*rows: tuple[int, int, float], event: Event = Event.PURCHASE) -> Activity:
    customer, time, value = (np.array(column) for column in zip(*rows, strict=True))
    n = len(rows)
    return Activity(
        customer.astype(np.int32),
        time.astype(np.int64),
        np.full(n, event, dtype=np.int8),
        value.astype(np.float64),
        np.ones(n),
        np.full(n, NONE, dtype=np.int32),
        np.full(n, NONE, dtype=np.int32),
        pd.DataFrame({"user_id": pd.Series(["a", "b", "c"], dtype="str")}),
    )


def test_orders_count_from_the_send_until_the_end() -> None:
    table = outcomes_of_orders(orders((0, 9, 1.0), (1, 10, 2.0), (1, 19, 3.0), (2, 20, 4.0)), 10, 20)
    assert table.to_dict("list") == {"user_id": ["b"], "converted": [True], "revenue": [5.0]}


def test_an_order_of_unknown_value_makes_the_sum_unknown() -> None:
    table = outcomes_of_orders(orders((1, 10, 2.0), (1, 11, float("nan"))), 10, 20)
    assert table["revenue"].isna().all()


def test_a_time_without_orders_is_refused() -> None:
    with pytest.raises(ContractError, match="no order falls into the time"):
        outcomes_of_orders(orders((1, 5, 1.0)), 10, 20)
    with pytest.raises(ContractError, match="no order falls into the time"):
        outcomes_of_orders(orders((1, 12, 1.0), event=Event.CART), 10, 20)


def test_the_loop_closes_on_synthetic_customers() -> None:
    synthetic = generate(20_000, seed=3)
    experiment = Experiment("spring", {"control": 0.3, "mail": 0.7})
    customers = synthetic.customers
    arm = assign(customers["user_id"], experiment)
    drawn = draw_outcomes(synthetic, np.asarray(arm == "mail"), seed=1)
    assigned = pd.DataFrame(
        {"user_id": customers["user_id"], "Arm": arm, "Segment": customers["archetype"].fillna("none")}
    )
    joined = join_outcomes(
        assigned,
        drawn[drawn["converted"].eq(1)].sample(frac=1, random_state=1),
        arms=experiment.arms,
        absent_is_no=True,
    )
    results = measure(joined.observations, planned=Planned(experiment.shares_of(""), assigned=joined.assigned))
    assert results.sample_ratio.status == "passed"
    assert results.overall["converted"].item() == int(drawn["converted"][np.asarray(arm == "mail")].sum())
    assert results.overall["revenue"].item() == pytest.approx(drawn["revenue"][np.asarray(arm == "mail")].mean())
