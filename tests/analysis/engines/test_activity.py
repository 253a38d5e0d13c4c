"""Event logs and orders in parts and in one piece: the same customers, segments, arms, reasons and numbers."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings, strategies as st

from analysis import Run, Settings, analyze
from analysis.engines.parts import analyze_parts
from data_ingestion import Intake, PartedActivity, ReadOptions, Spool, read_customers, read_parts
from data_ingestion.rows import by_customer, spool
from outputs import write_outputs
from retention.activity import forecast
from retention.partition import cube
from retention.period import Window
from retention.policy.policy import Policy
from tests.activity_logs import habits
from tests.analysis.engines.test_parts import ARMS, assert_same, ended
from tests.outputs.folders import content
from tests.strategies import cut, policy_of

IDS = ["a", "b", "c", "ann@x.org", "+447700900565", *(f"u{i}" for i in range(8))]
ODD = ["", "none", "'7", "1.23457E+11", "1234567890123450000"]
TIMES = [f"2025-09-{day:02} {hour}:30" for day in (1, 14, 15, 18, 20, 21) for hour in ("02", "10", "23")]
LOCAL = ["2025-10-26 02:30", "2025-03-30 02:30", "2025-09-19T23:30:00+00:00", "soon", ""]
WHO = {"user_id": st.sampled_from(IDS * 9 + ODD), "timestamp": st.sampled_from(TIMES * 6 + LOCAL)}
SURE = [
    {
        "user_id": f"sure{at}",
        "timestamp": f"2025-09-1{4 + at % 6} 12:00",
        "event_type": "cart",
        "product_id": "p",
        "price": str(at),
    }
    for at in range(6)
]
"""Rows that are carts, whatever else is drawn."""
EVENT = WHO | {
    "event_type": st.sampled_from([*["view", "cart", "cart", "checkout", "remove_from_cart", "purchase"] * 3, "odd"]),
    "product_id": st.sampled_from(["p", "q"]),
    "price": st.sampled_from([*["10", "10", "90.5", "7.25"] * 4, "0", "-1", "inf", "x", ""]),
    "session_id": st.sampled_from(["s", "t", ""]),
    "region": st.sampled_from(["", "North", "elsewhere"]),
    "currency": st.sampled_from(["EUR", "eur", ""]),
}
ORDER = {
    "user_id": st.sampled_from(IDS),
    "order_date": st.sampled_from(["2025-09-02", "2025-09-15", "2025-09-16", "2025-09-20"]),
    "order_id": st.sampled_from(["1", "2", "3"]),
    "total": st.sampled_from(["20", "0", "5.5"]),
}
KINDS = {"log": EVENT, "again": EVENT, "orders": ORDER}
FILES = st.fixed_dictionaries(
    {"log": st.lists(st.fixed_dictionaries(EVENT), min_size=1, max_size=40)},
    optional={
        name: st.lists(st.fixed_dictionaries(KINDS[name]), min_size=1, max_size=12) for name in KINDS if name != "log"
    },
)
POLICIES = [
    policy_of(cut("cart_value", ["q20", "q80"], {"l": "A", "m": "B", "h": "C"}), sizes={"min_size": 1}),
    policy_of(
        cut("days_since_last_order", [7.0, "q50"], {"l": "A", "m": "B", "h": "C"}),
        sizes={"min_size": 2, "max_size": 3},
    ),
]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few rows be many."""
    monkeypatch.setattr(cube, "BLOCK", 4)
    monkeypatch.setattr(spool, "LEAST", 1)
    monkeypatch.setattr(by_customer, "ENTRIES", 1)
    monkeypatch.setattr(by_customer, "ROUTED", 8)


def whole(paths: list[Path], policy: Policy, asked: Settings) -> Run:
    return analyze(read_customers(paths, options=ReadOptions(timezone=asked.timezone)), policy, asked)


def in_parts(paths: list[Path], policy: Policy, asked: Settings, folder: Path, rows: int = 4) -> Run:
    folder.mkdir()
    intake = read_parts(paths, Spool(folder), options=ReadOptions(timezone=asked.timezone), rows=rows)
    if isinstance(intake, Intake):
        return analyze(intake, policy, asked)
    return analyze_parts(intake, policy, asked, rows=rows)


@settings(max_examples=settings().max_examples // 2, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    FILES,
    st.sampled_from(POLICIES),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.sampled_from([None, "2025-09-14", "2025-09-21"]),
    st.sampled_from([None, ARMS]),
    st.booleans(),
)
def test_parts_say_of_every_customer_what_one_piece_says(
    files: dict[str, list[dict[str, str]]], policy: Policy, timezone: str, end: str | None, arms: object, skewed: bool
) -> None:
    window = None if end is None else Window.ending(pd.Timestamp(end).date(), timezone)
    asked = Settings(timezone=timezone, window=window, experiment=ARMS if arms else None)
    with TemporaryDirectory() as place:
        paths = [Path(place) / f"{name}.csv" for name in files]
        for path, rows in zip(paths, files.values(), strict=True):
            # Half of all events are of one customer.
            held = [row | {"user_id": "a"} if skewed and at % 2 else row for at, row in enumerate(rows)]
            held += SURE if path.stem == "log" else []
            pd.DataFrame(held).to_csv(path, index=False)
        one = ended(lambda: whole(paths, policy, asked))
        other = ended(lambda: in_parts(paths, policy, asked, Path(place) / "parts"))
        if isinstance(one, str) or isinstance(other, str):
            assert one == other
        else:
            assert_same(one, other)
            for made, name in ((one, "one"), (other, "other")):
                write_outputs(made, Path(place) / name)
            assert content(Path(place) / "other") == content(Path(place) / "one")


def test_a_log_of_weeks_teaches_the_same_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "MOST_KNOWN", 700)
    log = habits(customers=2_400)
    known = log.time < np.datetime64("2025-10-06", "us").astype(np.int64)
    words = np.array(["view", "cart", "remove_from_cart", "checkout", "purchase"], dtype=object)
    table = pd.DataFrame(
        {
            "user_id": log.people["user_id"].to_numpy()[log.customer],
            "timestamp": pd.to_datetime(log.time, unit="us").strftime("%Y-%m-%d %H:%M:%S"),
            "event_type": words[log.event],
            "product_id": "p",
            "price": log.value,
        }
    )[known]
    # Half of all events are of one customer.
    table = pd.concat([table, table.assign(user_id="half", event_type="view")]).sample(frac=1, random_state=1)
    path = tmp_path / "log.csv"
    table.to_csv(path, index=False)
    policy, asked = POLICIES[0], Settings(timezone="Europe/Berlin")
    (tmp_path / "spool").mkdir()
    intake = read_parts([path], Spool(tmp_path / "spool"), options=ReadOptions(timezone="Europe/Berlin"), rows=300)
    assert isinstance(intake, PartedActivity)
    assert len(list(intake)) > 5
    one, other = whole([path], policy, asked), analyze_parts(intake, policy, asked, rows=300)
    assert any("is modelled" in each and "learned from 70" in each for each in one.warnings)
    assert_same(one, other)


def test_rows_that_an_id_does_not_tell_apart_are_read_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = [row | {"email": ""} for row in SURE] + [SURE[0] | {"user_id": "", "email": "ann@x.org"}]
    pd.DataFrame(rows).to_csv(path, index=False)
    assert isinstance(read_parts([path], Spool(tmp_path)), Intake)
