"""What customers did after a send, out of the files that tell it: lists of outcomes, or orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import Run
from analysis.outcome_days import OutcomeDays, Sent, check_days, outcome_days
from data_ingestion import Intake, ReadOptions, read_customers
from data_ingestion.formats.header import UnknownLayout
from data_ingestion.outcomes.columns import OutcomeColumns
from data_ingestion.outcomes.outcome_list import is_outcome_list, read_outcome_list
from retention.activity.activity import Activity, Event
from retention.errors import ContractError, OptionError, Remedy, Setting
from retention.period import EPOCH, moment, zone

DAY = 86_400_000_000


@dataclass(frozen=True)
class Outcomes:
    """What customers did after the send, one row each.

    Args:
        customers: `customer` (text, distinct: a user_id, an e-mail address or a phone number), `converted` (bool), and
            where they are known `email`, `phone`, `revenue` [money], `covariate`, guardrails (see `outcome_list`) and
            `unknown` (bool: listed, but not with what came of them).
        complete: Whether customers who did nothing are listed, too; otherwise who is not listed did nothing.
        left_out: Rows that are no customer's outcome, by reason.
        days: How many of the outcome days are over; None: not known.
        country: ISO 3166 code by which national phone numbers are read; empty for none.
    """

    customers: pd.DataFrame
    complete: bool
    read: int
    left_out: Mapping[str, int]
    days: OutcomeDays | None = None
    country: str = ""


def outcomes_of_files(
    paths: Sequence[Path],
    run: Run,
    *,
    columns: OutcomeColumns | None = None,
    sent: Sent | None = None,
    reading: ReadOptions | None = None,
    now: datetime | None = None,
) -> Outcomes:
    """Return what customers did, out of a list of outcomes, or of orders after a send.

    Args:
        paths: Files of one kind: lists of outcomes, order exports, or event logs.
        run: The run that they are about; days are in its zone.
        columns: Which columns of a list hold what.
        sent: When the campaign went out; needed for orders.
        reading: How the files are read; times without a zone are in that of the run.
        now: The time of asking; None: the end of the orders alone tells how many outcome days are over.

    Raises:
        InputError: A file cannot be used, or what it needs was not told.
    """
    columns, reading = columns or OutcomeColumns(), replace(reading or ReadOptions(), timezone=run.window.timezone)
    lists = [is_outcome_list(path, columns, reading) for path in paths]
    if columns.named or all(lists):
        listed = read_outcome_list(paths, columns, reading)
        days = None if sent is None else outcome_days(sent, reading.timezone, now=now, data_end=None)
        return Outcomes(listed.customers, listed.complete, listed.read, listed.left_out, days, reading.country)
    if any(lists):
        raise OptionError("some files are lists of outcomes, some are not", hint="Give files of one kind")
    try:
        intake = read_customers(paths, options=reading)
    except UnknownLayout as error:
        raise ContractError(
            "the file is neither a list of outcomes nor a known kind of orders",
            where=error.where,
            hint="A list has a customer and an outcome in each row; name their columns",
            remedies=(Remedy(Setting.CUSTOMER_COLUMN, along_with=(Setting.OUTCOME_COLUMN,)), Remedy(Setting.MAPPING)),
        ) from error
    if sent is None:
        raise OptionError(
            "orders need the day of the send",
            hint="Say on which day the campaign went out",
            remedies=(Remedy(Setting.SENT),),
        )
    return replace(outcomes_after(intake, sent, reading.timezone, now), country=reading.country)


def outcomes_after(intake: Intake, sent: Sent, timezone: str, now: datetime | None) -> Outcomes:
    """Return who ordered after a send, and how many of its outcome days are over; errors as `outcomes_of_orders`."""
    start = datetime.combine(sent.day, time(), zone(timezone)) - EPOCH
    ordered = outcomes_of_orders(intake, start // timedelta(microseconds=1), sent.days)
    data_end = None if intake.activity is None else moment(intake.activity.last)
    return replace(ordered, days=outcome_days(sent, timezone, now=now, data_end=data_end))


def outcomes_of_orders(intake: Intake, sent: int, days: float) -> Outcomes:
    """Return who ordered in the days after a send, out of an order export or an event log.

    Args:
        intake: One with activity.
        sent: Microseconds since 1970-01-01 UTC.
        days: How long an order counts, more than 0.

    Raises:
        ContractError: The input is a customer table, or has no order from the send on.
        OptionError: No order can fall in no time.
    """
    activity = intake.activity
    if activity is None:
        raise ContractError("a customer table has no orders", where=intake.where, hint="Give orders")
    check_days(days)
    bought = activity.event == Event.PURCHASE
    inside = bought & (activity.time >= sent) & (activity.time < sent + int(days * DAY))
    # Without any order from the send on the export is older than the send; it must not count as nobody having bought.
    if not (bought & (activity.time >= sent)).any():
        raise ContractError(
            "there are no orders on or after the day of the send",
            where=intake.where,
            hint="Export the orders again, later, or check the date of the send",
        )
    return Outcomes(_buyers(activity, np.flatnonzero(inside)), False, intake.read, {})


def _buyers(activity: Activity, entries: NDArray[np.intp]) -> pd.DataFrame:
    """Return the customers of purchases with their money; unknown money counts as none."""
    who = activity.customer[entries]
    money = np.bincount(who, np.nan_to_num(activity.value[entries]), len(activity.people))
    some = np.unique(who)
    names = activity.people["user_id"].take(some).reset_index(drop=True)
    frame = pd.DataFrame({"customer": names, "converted": np.ones(len(some), dtype=np.bool_), "revenue": money[some]})
    for name in ("email", "phone"):
        if name in activity.people:
            frame[name] = activity.people[name].take(some).to_numpy()
    return frame
