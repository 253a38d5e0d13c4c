"""Activity -> the customers of a window, as they stood when each abandoned a cart."""

from collections.abc import Mapping
from dataclasses import replace

from data_ingestion.rows.intake import Intake
from retention.activity.activity import NOT_YET, Activity, Span
from retention.activity.features import CustomersAt, FeatureRules, carts_left, customers_at
from retention.customers.derive import FORMULAS, derive_scores
from retention.errors import ContractError, PeriodError, ensure
from retention.period import Window
from retention.wording import counted

OUTSIDE = ("pending", "bought_in_time", "no_cart")
"""What became of customers who abandoned nothing before the cutoff."""


def last_window(intake: Intake, activity: Activity, timezone: str, rules: FeatureRules) -> Window:
    """Return the seven days that end on the last abandonment that the activity shows.

    Raises:
        ContractError: There is no cart or checkout in it.
        PeriodError: Every cart was bought, or may still be.
    """
    check_carts(intake, activity.span)
    return Window.holding(carts_left(activity, rules).last_of(rules), timezone)


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
    known = unscored(activity, window, rules, cutoff, chosen=chosen)
    outside = outside_of(intake, activity.span, window, known.counts)
    rows, derived = derive_scores(known.customers)
    return replace(intake, rows=rows, derived=derived, folded=intake.accepted - len(rows)), outside


def unscored(activity: Activity, window: Window, rules: FeatureRules, cutoff: int, *, chosen: bool) -> CustomersAt:
    """Return the customers at a cutoff without scores, which are derived later; arguments as `at_cutoff`."""
    # After a window that the activity gave there is no later one yet: what may still be bought is pending.
    activity = activity.with_carts_before(window.cutoff, None if chosen else cutoff - rules.wait)
    known = customers_at(activity, cutoff, timezone=window.timezone, rules=rules)
    return replace(known, customers=known.customers.drop(columns=[*FORMULAS]))


def outside_of(intake: Intake, span: Span, window: Window, counts: Mapping[str, int]) -> dict[str, int]:
    """Return the input rows that are no customer's own, by reason, given what `CustomersAt` counts of all customers."""
    check_carts(intake, span)
    if not counts["abandoners"]:
        raise _nobody(window, counts, intake.where)
    outside = {name: counts[name] for name in OUTSIDE}
    ensure(counts["customers"] == counts["abandoners"] + sum(outside.values()), "customers = abandoners + the others")
    ensure(intake.accepted >= counts["customers"], "every customer comes from an accepted row")
    return outside | {"folded": intake.accepted - counts["customers"]}


def check_carts(intake: Intake, span: Span) -> None:
    """Check that there are carts or checkouts, so that somebody may have abandoned one."""
    where = intake.where
    if span == Span():
        raise ContractError(
            "there are customers but no carts, checkouts or orders, so nobody in the input abandoned a cart",
            where=where,
            hint="Add the shop's abandoned checkouts or its event log",
        )
    if span.cart == NOT_YET:
        bought = span.purchase != NOT_YET
        what = "purchases" if bought else "visits"
        orders = "; the orders then show who came back" if bought else ", with what was put into carts"
        raise ContractError(
            f"there are {what} but no carts or checkouts, so nobody in the input abandoned one",
            where=where,
            hint=f"Add the shop's abandoned checkouts or its event log{orders}",
        )


def _nobody(window: Window, counts: Mapping[str, int], where: str) -> PeriodError:
    return PeriodError(
        f"nobody abandoned a cart before the end of {window}: of {counted(counts['customers'], 'customer')} "
        f"{counts['pending']:,} may still buy, {counts['bought_in_time']:,} bought in time and "
        f"{counts['no_cart']:,} had no cart by then",
        where=where,
        hint="Choose a later window",
    )
