"""Customers in parts and in one piece: the same segments, waves, arms, reasons and numbers."""

import gc
import tempfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings, strategies as st

from analysis import Run, Settings, analyze
from analysis.engines import anywhere
from analysis.engines.parts import analyze_parts
from data_ingestion import PartedIntake, ReadOptions, Repairs, Spool, read_customers, read_parts
from data_ingestion.rows import spool
from outputs import write_outputs
from retention.customers.universe import OnConflict
from retention.errors import InputError
from retention.experiment.arms import Experiment
from retention.partition import cube, learning
from retention.policy.policy import Policy
from tests.outputs.folders import content
from tests.strategies import cut, policy_of

IDS = ["a", "b", "c", "ann@x.org", "Ann@X.org", "+447700900565", "'7", "1.23457E+11", "1234567890123450000", "", "none"]
TIMES = [
    *("2025-09-20", "2025-09-20 10:00", "2025-09-19T23:30:00+00:00", "2025-09-14", "2025-09-13 23:59", "2025-08-01"),
    *("2025-10-26 02:30", "2025-10-25T22:30:00Z", "2025-03-30 02:30", "soon", "", "1758360000"),
]
ROW = st.fixed_dictionaries(
    {
        "user_id": st.sampled_from([*IDS, *(f"u{i}" for i in range(30))]),
        "cart_abandoned_date": st.sampled_from(TIMES[:3] * 4 + TIMES),
        "last_order_date": st.sampled_from(["", "2025-09-01", "2025-09-25", "never"]),
        "avg_order_value": st.sampled_from(["", "0", "10", "10", "90.5", "1e300", "inf", "-1", "x"]),
        "engagement_score": st.sampled_from(["", "0.5", "0.25", "1", "2"]),
        "sessions_last_30d": st.sampled_from(["", "3", "many"]),
        "num_cart_items": st.sampled_from(["", "1"]),
        "email": st.sampled_from(["", "bob@x.org", "no"]),
        "email_consent": st.sampled_from(["", "yes", "no", "perhaps"]),
        "region": st.sampled_from(["", "North", " north ", "elsewhere"]),
        "currency": st.sampled_from(["", "EUR", "eur"]),
        "recovered": st.sampled_from(["", "yes", "no"]),
    }
)
FILES = st.lists(st.lists(ROW, min_size=1, max_size=25), min_size=1, max_size=4)
POLICIES = [
    policy_of(cut("avg_order_value", ["q20", "q80"], {"l": "A", "m": "B", "h": "C"}), sizes={"min_size": 1}),
    policy_of(
        cut("days_since_last_order", [7.0, "q50"], {"l": "A", "m": "B", "h": "C"}),
        sizes={"min_size": 2, "max_size": 3},
    ),
    policy_of(
        cut("days_since_last_order", [7.0], {"l": "A", "h": "B"}),
        sizes={"min_size": 1, "max_size": 2, "split_oversize": True},
    ),
    *(
        policy_of(cut("avg_order_value", learned, {"l": "A", "m": "B", "h": "C"}), sizes={"min_size": 1})
        for learned in ({"method": "kmeans"}, {"method": "supervised", "outcome": "engagement_score"})
    ),
]
ARMS = Experiment("spring", {"control": 0.3, "mail": 0.7})


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few rows be many."""
    monkeypatch.setattr(cube, "BLOCK", 4)
    monkeypatch.setattr(learning, "MOST", 6)
    monkeypatch.setattr(learning, "FEWEST", 3)
    monkeypatch.setattr(spool, "LEAST", 1)


def both(paths: list[Path], policy: Policy, asked: Settings, folder: Path) -> tuple[Run | str, Run | str]:
    """Return an analysis in one piece and one in parts, or the errors that they end with."""
    options = ReadOptions(timezone=asked.timezone)

    def whole() -> Run:
        return analyze(read_customers(paths, options=options), policy, asked)

    def parted() -> Run:
        intake = read_parts(paths, Spool(folder), options=options, rows=1)
        assert isinstance(intake, PartedIntake)
        return analyze_parts(intake, policy, asked, rows=4)

    return ended(whole), ended(parted)


def ended(of: Callable[[], Run]) -> Run | str:
    try:
        return of()
    except InputError as error:
        return str(error)


def assert_same(one: Run, other: Run) -> None:
    """Assert that two analyses hold the same of every row."""
    parts = list(other.in_parts())
    customers = pd.concat([part.segmentation.customers for part in parts], ignore_index=True)
    pd.testing.assert_frame_equal(customers, one.segmentation.customers)
    for name in ("codes", "waves"):
        joined = np.concatenate([getattr(part.segmentation, name) for part in parts])
        np.testing.assert_array_equal(joined, getattr(one.segmentation, name))
    if one.arms is not None:
        assert [arm for part in parts for arm in part.arms or ()] == list(one.arms)
    for table in ("quarantine", "cells"):
        pd.testing.assert_frame_equal(getattr(other, table), getattr(one, table))
    pd.testing.assert_frame_equal(other.scores.table, one.scores.table, rtol=1e-9)
    assert other.segmentation.tree.thresholds == one.segmentation.tree.thresholds
    assert other.segmentation.sizes == one.segmentation.sizes
    assert other.segmentation.sizing_log == one.segmentation.sizing_log
    for name in ("window", "accounting", "sources", "warnings", "currency", "input_hash", "reach", "proof"):
        assert getattr(other, name) == getattr(one, name), name


def shaped(rows: list[dict[str, str]], shape: set[str]) -> list[dict[str, str]]:
    """Return rows of which half are one customer's, or after which nobody is a customer of the window for a while."""
    half = [row | {"user_id": "a"} if at % 2 else row for at, row in enumerate(rows)] if "skewed" in shape else rows
    # Parts whose rows are all set aside, or of other weeks, have no customers.
    return half + [rows[0] | {"cart_abandoned_date": day} for day in ("soon", "2025-08-01") * 4 if "hollow" in shape]


@settings(max_examples=settings().max_examples // 2, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    FILES,
    st.sampled_from(POLICIES),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.sampled_from(["quarantine", "latest"]),
    st.sampled_from([None, ARMS]),
    st.sets(st.sampled_from(["skewed", "hollow"])),
)
def test_parts_say_of_every_row_what_one_piece_says(
    files: list[list[dict[str, str]]],
    policy: Policy,
    timezone: str,
    on_conflict: OnConflict,
    experiment: Experiment | None,
    shape: set[str],
) -> None:
    asked = Settings(timezone=timezone, on_conflict=on_conflict, experiment=experiment)
    with TemporaryDirectory() as place:
        paths = [Path(place) / f"{number}.csv" for number in range(len(files))]
        for path, rows in zip(paths, files, strict=True):
            pd.DataFrame(shaped(rows, shape)).to_csv(path, index=False)
        (Path(place) / "parts").mkdir()
        one, other = both(paths, policy, asked, Path(place) / "parts")
        if isinstance(one, str) or isinstance(other, str):
            assert one == other
        else:
            assert_same(one, other)
            for made, name in ((one, "one"), (other, "other")):
                write_outputs(made, Path(place) / name)
            assert content(Path(place) / "other") == content(Path(place) / "one")


def test_files_are_analysed_on_the_engine_that_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, room = tmp_path / "a.csv", tmp_path / "room"
    room.mkdir()
    path.write_text(
        "user_id,cart_abandoned_date,avg_order_value\n" + "".join(f"u{i},2025-09-20,{i}\n" for i in range(9))
    )
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    one = analyze([path], POLICIES[0])
    assert len(one.segmentation.customers) == 9
    assert not list(room.iterdir())
    monkeypatch.setattr(anywhere, "free", lambda: 10)
    for engine in ("auto", "duckdb"):
        other = analyze([path], POLICIES[0], engine=engine)
        assert other.segmentation.customers.empty
        assert_same(one, other)
        assert len(list(room.iterdir())) == 1
        # The parts go with the run.
        del other
        gc.collect()
        assert not list(room.iterdir())
    assert len(analyze([path], POLICIES[0], engine="memory").segmentation.customers) == 9
    with pytest.raises(InputError, match="rows are repaired"):
        analyze([path], POLICIES[0], engine="duckdb", options=ReadOptions(repairs={"a.csv": Repairs((), {})}))
