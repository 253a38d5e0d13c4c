"""Activity -> the customers of a window, as they stood when each abandoned a cart."""

from dataclasses import replace

import numpy as np

from data_ingestion.rows.intake import Intake
from retention.activity.activity import Activity, Event
from retention.activity.features import FeatureRules, customers_at, last_abandonment
from retention.customers.derive import FORMULAS, derive_scores
from retention.errors import ContractError, PeriodError, ensure
from retention.period import Window
from retention.wording import counted

CARTS = (Event.CART, Event.CHECKOUT)
OUTSIDE = ("pending", "bought_in_time", "no_cart")
"""What became of customers who abandoned nothing before the cutoff."""


def last_window(intake: Intake, activity: Activity, timezone: str, rules: FeatureRules) -> Window:
    """Return the seven days that end on the last abandonment that the activity shows.

    Raises:
        ContractError: There is no cart or checkout in it.
        PeriodError: Every cart was bought, or may still be.
    """
    _check_carts(activity, _names(intake))
    return Window.holding(last_abandonment(activity, rules), timezone)


def at_cutoff(
    intake: Intake, activity: Activity, window: Window, rules: FeatureRules, cutoff: int, *, chosen: bool = True
) -> tuple[Intake, dict[str, int]]:
    """Return an intake of the customers at a cutoff, and the input rows that are no customer's own.

    Args:
        intake: What was read.
        activity: Its activity.
        window: Carts from its end on are of a later one.
        rules: When a cart counts as abandoned.
        cutoff: Microseconds since 1970-01-01 UTC: what is later decides nothing and is no feature.
        chosen: Whether somebody chose the window; else it ends with the last abandonment.

    Returns:
        The intake with `rows`, and rows by reason: customers that are `pending`, `bought_in_time` or `no_cart`,
        and rows `folded` into their customer's one row.

    Raises:
        ContractError: There is no cart or checkout in the activity.
        PeriodError: Nobody abandoned one before the cutoff.
    """
    _check_carts(activity, _names(intake))
    # After a window that the activity gave there is no later one yet: what may still be bought is pending.
    activity = activity.with_carts_before(window.cutoff, None if chosen else cutoff - rules.wait)
    abandoners = customers_at(activity, cutoff, timezone=window.timezone, rules=rules)
    if not len(abandoners.customers):
        raise _nobody(window, abandoners.counts, _names(intake))
    outside = {name: abandoners.counts[name] for name in OUTSIDE}
    customers = len(activity.people)
    ensure(customers == len(abandoners.customers) + sum(outside.values()), "customers = abandoners + the others")
    ensure(intake.accepted >= customers, "every customer comes from an accepted row")
    outside["folded"] = intake.accepted - customers
    # The scores are taken out and derived again, so that they are marked and told as derived, as in a customer table.
    features = [name for name in abandoners.customers.columns if name not in FORMULAS]
    rows, derived = derive_scores(abandoners.customers[features])
    return replace(intake, rows=rows, derived=derived, folded=intake.accepted - len(rows)), outside


def _names(intake: Intake) -> str:
    return ", ".join(source.name for source in intake.sources)


def _check_carts(activity: Activity, where: str) -> None:
    if not len(activity):
        raise ContractError(
            "there are customers but no carts, checkouts or orders, so nobody in the input abandoned a cart",
            where=where,
            hint="Add the shop's abandoned checkouts or its event log",
        )
    if not np.isin(activity.event, CARTS).any():
        bought = bool((activity.event == Event.PURCHASE).any())
        what = "purchases" if bought else "visits"
        orders = "; the orders then show who came back" if bought else ", with what was put into carts"
        raise ContractError(
            f"there are {what} but no carts or checkouts, so nobody in the input abandoned one",
            where=where,
            hint=f"Add the shop's abandoned checkouts or its event log{orders}",
        )


def _nobody(window: Window, counts: dict[str, int], where: str) -> PeriodError:
    return PeriodError(
        f"nobody abandoned a cart before the end of {window}: of {counted(counts['customers'], 'customer')} "
        f"{counts['pending']:,} may still buy, {counts['bought_in_time']:,} bought in time and "
        f"{counts['no_cart']:,} had no cart by then",
        where=where,
        hint="Choose a later window",
    )
