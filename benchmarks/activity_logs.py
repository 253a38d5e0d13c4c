"""A log of activity to measure on: the same in every run, in the order of time, with the ties and gaps of real ones."""

import numpy as np
import pandas as pd

from retention.activity.activity import NONE, Activity, Event

DAY = 86_400_000_000
START = 1_756_684_800_000_000
"""2025-09-01 00:00 UTC in microseconds."""
DAYS = 60

_SHARES = {Event.VIEW: 0.62, Event.CART: 0.2, Event.REMOVE: 0.06, Event.CHECKOUT: 0.03, Event.PURCHASE: 0.09}
_VISITS = 4


def activity(entries: int, *, customers: int, seed: int = 20250930) -> Activity:
    """Return entries of customers over 60 days, in about four visits each; few customers make most of them.

    One value in twenty is unknown and one visit in fifty has no code, as in real logs.
    """
    rng = np.random.default_rng(seed)
    customer = np.minimum((rng.random(entries) ** 2 * customers).astype(np.int32), customers - 1)
    slot = rng.integers(0, _VISITS, entries, dtype=np.int32)
    visit = customer * _VISITS + slot
    began = rng.integers(0, DAYS * 86_400, customers * _VISITS)
    time = START + (began[visit] + rng.integers(0, 1_800, entries)) * 1_000_000
    order = np.argsort(time, kind="stable")
    kinds = np.array(list(_SHARES), dtype=np.int8)
    event = rng.choice(kinds, entries, p=list(_SHARES.values())).astype(np.int8)
    value = np.round(rng.lognormal(3, 0.8, entries), 2)
    value[rng.random(entries) < 0.05] = np.nan
    visit, bought = visit[order], event == Event.PURCHASE
    return Activity(
        customer=customer[order],
        time=time[order],
        event=event,
        value=value,
        items=rng.integers(1, 4, entries).astype(np.float64),
        visit=np.where(visit % 50 == 0, np.int32(NONE), visit),
        order=np.where(bought, visit, np.int32(NONE)),
        people=pd.DataFrame({"user_id": pd.Series(np.arange(customers)).astype("str")}),
    )
