"""Retailrocket events: milliseconds since 1970, three words, no money."""

import numpy as np
import pytest

from retention.activity.activity import NONE, Event
from tests.data_ingestion.conftest import Read

TOP = "timestamp,visitorid,event,itemid,transactionid\n"


def test_events_become_activity_and_the_transaction_is_the_order(read: Read) -> None:
    rows = (
        "1433221332117,257597,view,355908,\n"
        "1433221332118,257597,addtocart,355908,\n"
        "1433222276276,257597,transaction,356475,4000\n"
        "1433222276276,257597,transaction,15335,4000\n"
        "1433223000000,99,view,1,\n"
    )
    activity = read(TOP + rows).activity
    assert activity is not None
    assert activity.people["user_id"].tolist() == ["257597", "99"]
    assert activity.event.tolist() == [Event.VIEW, Event.CART, Event.PURCHASE, Event.PURCHASE, Event.VIEW]
    assert activity.order.tolist() == [NONE, NONE, 0, 0, NONE]
    assert activity.time[0] == np.datetime64("2015-06-02T05:02:12.117", "us").astype(int)
    assert np.isnan(activity.value).all()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1433221332117,,view,355908,", "missing_user_id"),
        (",257597,view,355908,", "missing_date"),
        ("1433221332117,257597,wishlist,355908,", "unknown_event"),
        ("1433221332117,257597,,355908,", "unknown_event"),
        ("1433221332116,1,view,355908,", "duplicate"),
    ],
)
def test_what_says_nothing_is_set_aside(row: str, reason: str, read: Read) -> None:
    intake = read(f"{TOP}1433221332116,1,view,355908,\n{row}\n")
    assert intake.quarantine[["line", "reason"]].to_numpy().tolist() == [[3, reason]]
