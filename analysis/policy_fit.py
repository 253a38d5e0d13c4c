"""Which policies fit some customers: a split on what nobody has would give names that say what nobody knows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from data_ingestion import Intake
from retention.activity.activity import Event
from retention.customers.contracts import COLUMNS
from retention.errors import ContractError, Remedy, Setting
from retention.partition.sizing import SMALLEST_UNIVERSE
from retention.policy.policy import Policy, features

SOURCES = {"days_since_abandonment": "cart_abandoned_date", "days_since_last_order": "last_order_date"}
"""Columns that are computed, and what from."""
BOUGHT = ("last_order_date", "avg_order_value", "profitability_score")
FROM_ACTIVITY = (
    *BOUGHT,
    "cart_abandoned_date",
    "cart_value",
    "sessions_last_30d",
    "num_cart_items",
    "engagement_score",
)
MOST = 3
"""Policies that are advised."""


def known_columns(intake: Intake) -> frozenset[str]:
    """Return the columns of which somebody has a value; of activity those that it can tell."""
    rows, activity = intake.rows, intake.activity
    if activity is None or len(rows):
        # Of most columns the first rows tell.
        some = rows[:99].notna().any()
        return frozenset(str(name) for name in rows if some[str(name)] or rows[name].notna().any())
    bought, priced = activity.event == Event.PURCHASE, ~np.isnan(activity.value)
    columns = {name for name in (*activity.people, *activity.traits) if name in COLUMNS}
    columns |= {"cart_abandoned_date", "sessions_last_30d", "num_cart_items", "engagement_score"}
    columns |= {"cart_value"} if priced.any() else set()
    return frozenset(columns.union(BOUGHT if (bought & priced).any() else BOUGHT[:1] if bought.any() else ()))


def unknown_columns(policy: Policy, known: frozenset[str]) -> tuple[str, ...]:
    """Return the columns that a policy splits on and of which nobody has a value."""
    return tuple(name for name in features(policy) if SOURCES.get(name, name) not in known)


def fitting(policies: Iterable[Policy], known: frozenset[str]) -> list[str]:
    """Return the names of the policies that fit, those that tell the most apart first."""
    fit = [policy for policy in policies if not unknown_columns(policy, known)]
    return [policy.name for policy in sorted(fit, key=lambda each: (-len(features(each)), each.name))]


@dataclass(frozen=True)
class Misfit:
    """Why a policy does not fit some customers.

    Args:
        refused: Whether nothing may be analysed so. What customers did tells more as it grows, so a column that it can
            fill and does not fill yet is worth a warning alone.
    """

    error: ContractError
    refused: bool


def misfit(
    policy: Policy,
    intake: Intake,
    others: Callable[[], Iterable[Policy]],
    seen: tuple[frozenset[str], int] | None = None,
) -> Misfit | None:
    """Return why a policy does not fit some customers; None where it does.

    Args:
        policy: The decision tree.
        intake: The customers, or what they did.
        others: Returns the policies to choose from.
        seen: The columns of which somebody has a value, and how many rows there are; None: the intake has all rows.
    """
    (known, count), rows = seen or (known_columns(intake), len(intake.rows)), intake.rows
    lacking = unknown_columns(policy, known)
    names = [SOURCES.get(each, each) for each in lacking]
    absent = [name not in (FROM_ACTIVITY if intake.activity is not None else rows) for name in names]
    # So few are one segment, whatever the policy; a column that is empty changes no name.
    few = count < SMALLEST_UNIVERSE and (intake.activity is None or count > 0)
    if not lacking or (few and not any(absent)):
        return None
    return Misfit(_error(policy, intake, lacking[0], fitting(others(), known)), intake.activity is None or any(absent))


def _error(policy: Policy, intake: Intake, feature: str, fit: list[str]) -> ContractError:
    name, best = SOURCES.get(feature, feature), fit[:MOST]
    near = get_close_matches(name, [header for source in intake.sources for header in source.ignored], n=1)
    advice = f"; {' and '.join(best)} {'fits' if len(best) == 1 else 'fit'}" if best else ""
    return ContractError(
        f"the policy {policy.name} splits on {COLUMNS[feature].label}, which no customer of the input has{advice}",
        where=intake.where,
        hint=f"Rename the column '{near[0]}' to '{name}' if that is what it holds"
        if near
        else f"Add a column '{name}'",
        remedies=(Remedy(Setting.POLICY, tuple(best)),),
    )
