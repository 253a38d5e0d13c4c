"""Options about what customers did after a send -> what reads it."""

from dataclasses import replace

from analysis.outcome_days import DAYS, Sent
from cli.inputs.request import day_of
from cli.options.experiments import AfterSend
from data_ingestion.outcomes.columns import OutcomeColumns
from retention.errors import OptionError
from run_store import RunSummary


def columns_of(after: AfterSend) -> OutcomeColumns:
    """Return which columns of a list hold what."""
    return OutcomeColumns(customer=after.customer or "", outcome=after.outcome or "", revenue=after.revenue or "")


def asked_send(after: AfterSend) -> Sent | None:
    """Return when the campaign went out as options say it."""
    day = day_of(after.sent, "--sent")
    return None if day is None else Sent(day, DAYS if after.days is None else after.days)


def send_of(after: AfterSend, period: RunSummary) -> Sent | None:
    """Return when the campaign of a period went out, as options say or the period remembers; the days may be others."""
    sent = asked_send(after) or period.sent
    if after.days is None or sent is None:
        if after.days is not None:
            raise OptionError("--days counts from the day of the send", hint="Add --sent DATE")
        return sent
    return replace(sent, days=after.days)
