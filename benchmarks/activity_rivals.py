"""What someone would write who needs the customers at a cutoff: plain pandas, and SQL on DuckDB.

Both start from the columns of the activity and give one row per abandoner, by customer.
"""

import duckdb
import numpy as np
import pandas as pd

from retention.activity.activity import NONE, Activity, Event

HOUR = 3_600_000_000
RECOVERY, OUTCOME, LOOK_BACK, QUIET = 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR, HOUR // 2
COLUMNS = ("customer", "time", "event", "value", "items", "visit", "order")


def frame_of(activity: Activity) -> pd.DataFrame:
    """Return the columns of the activity as a frame, without copying them."""
    return pd.DataFrame({name: getattr(activity, name) for name in COLUMNS}, copy=False)


def by_pandas(log: pd.DataFrame, cutoff: int) -> pd.DataFrame:
    """Return the customers by merges and groupby."""
    known = log[log["time"] < cutoff]
    bought = log.loc[log["event"] == Event.PURCHASE, ["customer", "time", "value", "order"]]
    at = _abandoned(known, bought[bought["time"] < cutoff], cutoff)
    bought = bought.join(at, on="customer", how="inner")
    before = bought[bought["time"] < bought["abandoned"]]
    again = bought[(bought["time"] >= bought["abandoned"]) & (bought["time"] < cutoff)]
    later = bought[(bought["time"] >= cutoff) & (bought["time"] < cutoff + OUTCOME)]
    result = at.to_frame().join(_orders(before))
    result = result.join(_carts(known, result)).join(_sessions(known, at))
    result["recovered"] = result.index.isin(again["customer"]).astype(float)
    known = (result["recovered"] == 0) & (log["time"].max() + 1 >= cutoff + OUTCOME)
    result["came_back"] = np.where(known, result.index.isin(later["customer"]), np.nan)
    result["orders"] = result["orders"].fillna(0)
    by_sessions = result["sessions"] / (result["sessions"] + 6)
    both = 0.7 * by_sessions + 0.3 * result["cart_items"] / (result["cart_items"] + 3)
    result["engagement"] = both.fillna(by_sessions)
    result["profitability"] = result["mean"] / (result["mean"] + 100)
    return result.sort_index()


def _abandoned(known: pd.DataFrame, bought: pd.DataFrame, cutoff: int) -> "pd.Series[int]":
    carts = known.loc[known["event"].isin([Event.CART, Event.CHECKOUT]), ["customer", "time"]]
    carts = carts[carts["time"] <= cutoff - RECOVERY].sort_values("time")
    following = bought[["customer", "time"]].rename(columns={"time": "bought"}).sort_values("bought")
    carts = pd.merge_asof(carts, following, left_on="time", right_on="bought", by="customer", direction="forward")
    left = carts[~(carts["bought"] - carts["time"] <= RECOVERY)]
    return left.groupby("customer")["time"].max().rename("abandoned")


def _orders(before: pd.DataFrame) -> pd.DataFrame:
    lines = before.groupby("customer")
    coded = before["order"] != NONE
    orders = before[coded].groupby(["customer", "order"])["value"].sum(min_count=1).groupby("customer")
    single = before[~coded].groupby("customer")["value"]
    found = pd.DataFrame({"first": lines["time"].min(), "last": lines["time"].max()})
    found["orders"] = orders.size().add(single.size(), fill_value=0)
    with_value = orders.count().add(single.count(), fill_value=0)
    found["spent"] = lines["value"].sum(min_count=1)
    found["mean"] = found["spent"] / with_value
    return found


def _carts(known: pd.DataFrame, result: pd.DataFrame) -> pd.DataFrame:
    began = result[["abandoned"]].assign(after=np.fmax(result["abandoned"] - RECOVERY, result["last"]))
    events = known[known["event"].isin([Event.CART, Event.REMOVE, Event.CHECKOUT])]
    events = events.join(began, on="customer", how="inner")
    events = events[(events["time"] <= events["abandoned"]) & (events["time"] > events["after"])]
    stated = events[events["event"] == Event.CHECKOUT].groupby("customer")["time"].max().rename("stated")
    events = events.join(stated, on="customer")
    same = (events["time"] == events["stated"]) & (events["event"] == Event.CHECKOUT)
    events = events[events["stated"].isna() | (events["time"] > events["stated"]) | same]
    out = events["event"] == Event.REMOVE
    added, removed = events[~out].groupby("customer"), events[out].groupby("customer")
    sums = {
        f"cart_{name}": added[name].sum(min_count=1).sub(removed[name].sum().reindex(result.index, fill_value=0))
        for name in ("value", "items")
    }
    return pd.DataFrame(sums).clip(lower=0)


def _sessions(known: pd.DataFrame, at: "pd.Series[int]") -> pd.DataFrame:
    seen = known[["customer", "time", "visit"]].join(at, on="customer", how="inner")
    seen = seen[(seen["time"] <= seen["abandoned"]) & (seen["time"] > seen["abandoned"] - LOOK_BACK)]
    coded = seen["visit"] != NONE
    visits = seen[coded].groupby("customer")["visit"].nunique()
    quiet = seen[~coded].sort_values(["customer", "time"])
    starts = ~(quiet.groupby("customer")["time"].diff() < QUIET)
    return visits.add(starts.groupby(quiet["customer"]).sum(), fill_value=0).to_frame("sessions")


SQL = f"""
WITH known AS (SELECT * FROM log WHERE time < $cutoff),
bought AS (SELECT customer, time, value, "order" FROM log WHERE event = {Event.PURCHASE}),
carts AS (
    SELECT customer, time FROM known
    WHERE event IN ({Event.CART}, {Event.CHECKOUT}) AND time <= $cutoff - {RECOVERY}
),
abandoned AS (
    SELECT carts.customer, max(carts.time) AS t
    FROM carts ASOF LEFT JOIN (SELECT customer, time FROM bought WHERE time < $cutoff) AS following
        ON carts.customer = following.customer AND following.time >= carts.time
    WHERE following.time IS NULL OR following.time - carts.time > {RECOVERY}
    GROUP BY ALL
),
lines AS (SELECT bought.*, t FROM bought JOIN abandoned USING (customer)),
orders AS (
    SELECT customer, min(time) AS first, max(time) AS last, sum(value) AS spent,
        count(DISTINCT "order") FILTER ("order" <> {NONE}) + count(*) FILTER ("order" = {NONE}) AS orders,
        count(DISTINCT "order") FILTER ("order" <> {NONE} AND value IS NOT NULL)
            + count(value) FILTER ("order" = {NONE}) AS valued
    FROM lines WHERE time < t GROUP BY ALL
),
again AS (SELECT DISTINCT customer FROM lines WHERE time >= t AND time < $cutoff),
later AS (SELECT DISTINCT customer FROM lines WHERE time >= $cutoff AND time < $cutoff + {OUTCOME}),
filled AS (
    SELECT customer, event, time, value, items
    FROM known JOIN abandoned USING (customer) LEFT JOIN orders USING (customer)
    WHERE event IN ({Event.CART}, {Event.REMOVE}, {Event.CHECKOUT})
        AND time <= t AND time > t - {RECOVERY} AND (last IS NULL OR time > last)
),
stated AS (SELECT customer, max(time) AS stated FROM filled WHERE event = {Event.CHECKOUT} GROUP BY ALL),
contents AS (
    SELECT customer,
        greatest(0, sum(value) FILTER (event <> {Event.REMOVE})
            - coalesce(sum(value) FILTER (event = {Event.REMOVE}), 0)) AS cart_value,
        greatest(0, sum(items) FILTER (event <> {Event.REMOVE})
            - coalesce(sum(items) FILTER (event = {Event.REMOVE}), 0)) AS cart_items,
        count(value) FILTER (event <> {Event.REMOVE}) AS known_values,
        count(items) FILTER (event <> {Event.REMOVE}) AS known_items
    FROM filled LEFT JOIN stated USING (customer)
    WHERE stated IS NULL OR time > stated OR (time = stated AND event = {Event.CHECKOUT})
    GROUP BY ALL
),
seen AS (
    SELECT customer, time, visit FROM known JOIN abandoned USING (customer)
    WHERE time <= t AND time > t - {LOOK_BACK}
),
coded AS (SELECT customer, count(DISTINCT visit) AS visits FROM seen WHERE visit <> {NONE} GROUP BY ALL),
gaps AS (
    SELECT customer, time - lag(time) OVER (PARTITION BY customer ORDER BY time) AS gap FROM seen WHERE visit = {NONE}
),
runs AS (SELECT customer, count(*) AS runs FROM gaps WHERE gap IS NULL OR gap >= {QUIET} GROUP BY ALL),
result AS (
    SELECT customer, t AS abandoned, first, last, coalesce(orders, 0) AS orders,
        spent,
        CASE WHEN valued > 0 THEN spent / valued END AS mean,
        CASE WHEN known_values > 0 THEN cart_value END AS cart_value,
        CASE WHEN known_items > 0 THEN cart_items END AS cart_items,
        coalesce(visits, 0) + coalesce(runs, 0) AS sessions,
        CASE WHEN again.customer IS NULL THEN 0 ELSE 1 END AS recovered,
        CASE WHEN again.customer IS NULL AND $cutoff + {OUTCOME} <= (SELECT max(time) + 1 FROM log)
            THEN CASE WHEN later.customer IS NULL THEN 0 ELSE 1 END END AS came_back
    FROM abandoned LEFT JOIN orders USING (customer) LEFT JOIN contents USING (customer)
        LEFT JOIN coded USING (customer) LEFT JOIN runs USING (customer) LEFT JOIN later USING (customer)
        LEFT JOIN again USING (customer)
)
SELECT *, mean / (mean + 100) AS profitability,
    coalesce(0.7 * sessions / (sessions + 6) + 0.3 * cart_items / (cart_items + 3), sessions / (sessions + 6))
        AS engagement
FROM result ORDER BY customer
"""


def by_duckdb(log: pd.DataFrame, cutoff: int) -> pd.DataFrame:
    """Return the customers by SQL."""
    with duckdb.connect() as database:
        database.register("log", log)
        return database.execute(SQL, {"cutoff": cutoff}).df().set_index("customer")
