"""Small event logs for tests: customers whose habit to come back is known."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from retention.activity.activity import NONE, Activity, Event

START = datetime(2025, 9, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def activity_of(rows: list[tuple[str, datetime, Event, float]]) -> Activity:
    """Return the activity of `(user_id, time, event, value)` rows, one item each."""
    ids = sorted({row[0] for row in rows})
    place = {name: number for number, name in enumerate(ids)}
    size = len(rows)
    return Activity(
        customer=np.array([place[row[0]] for row in rows], dtype=np.int32),
        time=np.array([micros(row[1]) for row in rows], dtype=np.int64),
        event=np.array([row[2] for row in rows], dtype=np.int8),
        value=np.array([row[3] for row in rows], dtype=np.float64),
        items=np.ones(size),
        visit=np.full(size, NONE, dtype=np.int32),
        order=np.full(size, NONE, dtype=np.int32),
        people=pd.DataFrame({"user_id": pd.array(ids, dtype="str")}),
    )


def habits(customers: int = 3000, weeks: int = 6, seed: int = 1) -> Activity:
    """Return a log in which a customer with a large cart comes back in 60 of 100 cases, one with a small cart in 10.

    Each customer leaves one cart, at a time of their own; who comes back does so three days later.
    """
    rng = np.random.default_rng(seed)
    rows = list[tuple[str, datetime, Event, float]]()
    for number in range(customers):
        at = START + timedelta(minutes=int(rng.integers(0, weeks * 7 * 24 * 60)))
        value = float(rng.choice([20.0, 200.0])) + float(rng.integers(0, 10))
        rows.append((f"c{number}", at, Event.CART, value))
        if rng.random() < (0.6 if value > 100 else 0.1):
            rows.append((f"c{number}", at + timedelta(days=3), Event.PURCHASE, value))
    return activity_of(rows)
