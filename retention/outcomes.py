"""What came of an experiment: recorded arms and later outcomes, joined customer by customer.

Every assigned customer stays in its arm, whatever happened (intention to treat), and every row of the outcomes is
accounted for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.activity import Activity, Event
from retention.errors import ContractError, ensure
from retention.tally import Observations


@dataclass(frozen=True)
class Joined:
    """The customers of an experiment with their outcomes.

    Args:
        observations: Customers whose outcome is known; the groups are their segments.
        assigned: Customers per arm, those without an outcome included.
        left_out: Customers who do not count, by reason.
        foreign_rows: Rows of the outcomes about nobody in the experiment.
    """

    observations: Observations
    assigned: tuple[int, ...]
    left_out: Mapping[str, int]
    foreign_rows: int


def outcomes_of_orders(activity: Activity, start: int, end: int) -> pd.DataFrame:
    """Return who bought in a time: `user_id`, `converted` (always True), `revenue` (NaN where a value is unknown).

    Args:
        activity: An order history, read after the time was over.
        start: When the campaign was sent, in microseconds since 1970 UTC; it belongs to the time.
        end: When the time is over; it does not.

    Raises:
        ContractError: Nobody bought anything in the time.
    """
    inside = (activity.event == Event.PURCHASE) & (activity.time >= start) & (activity.time < end)
    if not inside.any():
        raise ContractError("no order falls into the time of the experiment", hint="Export the orders after the send")
    revenue = pd.Series(activity.value[inside]).groupby(activity.customer[inside]).sum(min_count=1, skipna=False)
    ids = activity.people["user_id"].iloc[revenue.index].reset_index(drop=True)
    return pd.DataFrame({"user_id": ids, "converted": True, "revenue": revenue.to_numpy(dtype=np.float64)})


def join_outcomes(assigned: pd.DataFrame, outcomes: pd.DataFrame, *, arms: Sequence[str], absent_is_no: bool) -> Joined:
    """Return the customers of an experiment with what came of them.

    Args:
        assigned: Columns `user_id` (text, distinct), `Arm` and `Segment`, as they were recorded.
        outcomes: Columns `user_id` and `converted` (missing: not known), and where known `revenue` and `covariate`.
            Several rows of one customer are added up: converted if any says so, revenue as their sum.
        arms: Labels, the control first.
        absent_is_no: Whether a customer without a row did not convert, as in a complete list of orders; otherwise
            nothing is known of such a customer.

    Raises:
        ContractError: No customer of the experiment has an outcome.
    """
    ensure(bool(assigned["user_id"].is_unique), "a customer is assigned once")
    known = outcomes[outcomes["user_id"].isin(assigned["user_id"])]
    if known.empty:
        raise ContractError(
            "no row of the outcomes is about a customer of the experiment",
            hint="The identifiers must be written as in the audience files",
        )
    table = assigned.merge(_one_row_each(known), on="user_id", how="left", validate="one_to_one", indicator="found")
    converted = table["converted"].astype("boolean")
    if absent_is_no:
        converted = converted.mask(table["found"].eq("left_only"), other=False)
    counts = table["Arm"].value_counts().reindex(list(arms)).fillna(0).astype(int)
    ensure(int(counts.sum()) == len(assigned), "customers of the arms = customers assigned")
    revenue = _revenue(table, converted)
    unknown = converted.isna().to_numpy(dtype=bool)
    unpaid = ~unknown & (np.zeros(len(table), dtype=bool) if revenue is None else revenue.isna().to_numpy(dtype=bool))
    keep = ~unknown & ~unpaid
    reasons = {"missing_outcome": int(unknown.sum()), "missing_revenue": int(unpaid.sum())}
    ensure(int(keep.sum()) + sum(reasons.values()) == len(assigned), "customers = used + left out")
    return Joined(
        _observations(table[keep], converted[keep], None if revenue is None else revenue[keep], arms),
        tuple(int(count) for count in counts),
        {reason: count for reason, count in reasons.items() if count},
        len(outcomes) - len(known),
    )


def _one_row_each(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per customer."""
    rows = outcomes.assign(converted=outcomes["converted"].astype("boolean"))
    by = rows.groupby("user_id", sort=False)
    out = by["converted"].max().to_frame()
    if "revenue" in rows:
        # One unknown amount makes the sum unknown, but a row without conversion brought nothing.
        paid = rows["revenue"].mask(rows["revenue"].isna() & rows["converted"].eq(False).fillna(False), 0.0)
        out["revenue"] = paid.groupby(rows["user_id"], sort=False).sum(min_count=1, skipna=False)
    if "covariate" in rows:
        out["covariate"] = by["covariate"].first()
    return out.reset_index()


def _revenue(table: pd.DataFrame, converted: "pd.Series[bool]") -> "pd.Series[float] | None":
    """Return the money of each customer; 0 without conversion, NaN where it is not known."""
    if "revenue" not in table:
        return None
    nothing = table["revenue"].isna() & ~converted.fillna(True).astype(bool)
    return table["revenue"].mask(nothing, 0.0)


def _observations(
    table: pd.DataFrame, converted: "pd.Series[bool]", revenue: "pd.Series[float] | None", arms: Sequence[str]
) -> Observations:
    group, groups = pd.factorize(table["Segment"].astype("str"), sort=True)
    covariate = None
    if "covariate" in table and table["covariate"].notna().any():
        covariate = np.asarray(table["covariate"].fillna(table["covariate"].mean()), dtype=np.float64)
    return Observations(
        tuple(arms),
        pd.Categorical(table["Arm"].astype("str"), categories=pd.Index(arms)).codes.astype(np.int64),
        converted.to_numpy(dtype=bool),
        None if revenue is None else np.asarray(revenue, dtype=np.float64),
        covariate,
        tuple(map(str, groups)),
        group,
    )
