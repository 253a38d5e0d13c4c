"""Whom nobody contacts for now: who is on a list, and whom other campaigns contacted in the last days."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from audience_export import PeopleList, contacts_of, read_people
from data_ingestion import ReadOptions
from retention.customers.reach import LeftAlone, Unreached
from retention.period import zone
from run_store import Weeks, Workspace


def recent_contacts(workspace: Workspace, days: int, today: date, country: str, *, own: str = "") -> PeopleList:
    """Return whom the saved periods of a workspace, but for one, contacted in the last days."""
    recent = [
        (Weeks(workspace).campaign_run(period.id), period.sent.day)
        for period in workspace.periods()
        if period.sent is not None and period.id != own and 0 <= (today - period.sent.day).days <= days
    ]
    return contacts_of(recent, country)


def left_alone_of(
    suppress: Sequence[Path], rest_days: int | None, workspace: Workspace, reading: ReadOptions, moment: datetime
) -> LeftAlone:
    """Return whom nobody contacts for now."""
    lists = {}
    if suppress:
        lists[Unreached.UNSUBSCRIBED] = [read_people(path, reading).refused() for path in suppress]
    if rest_days is not None:
        today = moment.astimezone(zone(reading.timezone)).date()
        lists[Unreached.CONTACTED] = [recent_contacts(workspace, rest_days, today, reading.country)]
    notices = tuple(notice for people in lists.values() for each in people for notice in each.notices)
    return LeftAlone({reason: _names(people) for reason, people in lists.items()}, reading.country, notices)


def _names(lists: list[PeopleList]) -> frozenset[str]:
    parts = [part for each in lists for part in (each.user_id, each.bare_ids, each.email, each.phone)]
    return frozenset(name for part in parts for name in part.drop_null().to_pylist())
