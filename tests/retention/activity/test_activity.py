import numpy as np
import pandas as pd

from retention.activity.activity import Event, Trait
from tests.activity_logs import START, activity_of, micros


def trait(*rows: tuple[int, int, str]) -> Trait:
    return Trait(
        np.array([row[0] for row in rows], dtype=np.int32),
        np.array([row[1] for row in rows], dtype=np.int64),
        pd.Series([row[2] for row in rows], dtype="str"),
    )


def test_a_trait_is_what_was_known_last_by_each_customers_time() -> None:
    told = trait((0, 10, "DE"), (0, 20, "FR"), (1, 30, "US"), (2, 5, "AT"))
    assert told.known_at(np.array([15, 15, 5])).fillna("?").tolist() == ["DE", "?", "AT"]
    assert told.known_at(np.array([20, 40, 4])).fillna("?").tolist() == ["FR", "US", "?"]


def test_a_trait_does_not_depend_on_the_order_of_the_rows() -> None:
    rows = [(0, 10, "DE"), (0, 10, "FR"), (0, 5, "ZZ")]
    found = {trait(*order).known_at(np.array([10]))[0] for order in (rows, rows[::-1])}
    assert found == {"FR"}


def test_carts_of_a_later_period_are_mere_views() -> None:
    log = activity_of([("a", START, Event.CART, 1.0), ("a", START.replace(day=2), Event.CHECKOUT, 1.0)])
    seen = log.with_carts_before(micros(START.replace(day=2)))
    assert seen.event.tolist() == [Event.CART, Event.VIEW]
    assert seen.last == log.last
    assert log.with_carts_before(micros(START.replace(day=3))) is log
