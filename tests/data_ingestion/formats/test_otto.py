"""OTTO sessions: a session is a customer and a visit; its events are rows."""

import numpy as np

from data_ingestion import read_customers
from retention.activity.activity import Event
from tests.data_ingestion.conftest import Read
from tests.real_data import DATA

EVENT = '{"aid":7,"ts":1659304800025,"type":"clicks"}'


def session(*events: str, number: int = 1) -> str:
    return f'{{"session":{number},"events":[{",".join(events)}]}}\n'


def test_every_event_of_a_session_is_a_row(read: Read) -> None:
    cart, order = EVENT.replace("clicks", "carts"), EVENT.replace("clicks", "orders").replace("025", "026")
    activity = read(session(EVENT, cart, order) + session(EVENT, number=2)).activity
    assert activity is not None
    assert activity.people["user_id"].tolist() == ["1", "2"]
    assert activity.customer.tolist() == [0, 0, 0, 1]
    assert activity.visit.tolist() == [0, 0, 0, 1]
    assert activity.event.tolist() == [Event.VIEW, Event.CART, Event.PURCHASE, Event.VIEW]
    assert activity.time[0] == np.datetime64("2022-07-31T22:00:00.025", "us").astype(int)
    assert np.isnan(activity.value).all()


def test_articles_ordered_at_one_time_are_one_order(read: Read) -> None:
    first = EVENT.replace("clicks", "orders")
    later = first.replace("025", "999")
    activity = read(session(first, first.replace(":7,", ":8,"), later)).activity
    assert activity is not None
    assert activity.order.tolist() == [0, 0, 1]


def test_unknown_words_and_repeats_are_set_aside_with_the_line_of_their_session(read: Read) -> None:
    intake = read(session(EVENT) + session(EVENT.replace("clicks", "returns"), EVENT, EVENT, number=2))
    assert intake.quarantine[["line", "reason"]].to_numpy().tolist() == [[2, "unknown_event"], [2, "duplicate"]]
    assert intake.read == 4


def test_the_real_sessions_are_read_whole() -> None:
    intake = read_customers([DATA / "otto" / "train.jsonl"])
    assert intake.activity is not None
    assert (intake.read, intake.accepted, len(intake.activity.people)) == (862, 862, 20)
    assert np.bincount(intake.activity.event).tolist() == [800, 52, 0, 0, 10]
