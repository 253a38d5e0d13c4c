"""Small runs to save, and what it means that two are equal."""

from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from analysis import Run, Settings, analyze
from data_ingestion import read_customers
from retention.partition.cube import Cube
from retention.partition.what_if import WhatIf, build_what_if
from retention.policy.policy import Sizes
from run_store import Workspace, load_policy

SAVED_AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
HEADER = (
    "user_id,cart_abandoned_date,avg_order_value,engagement_score,profitability_score,email,phone,region,email_consent"
)
BROKEN = (
    "u003,yesterday,10,0.5,0.5,u003@example.com,,North,yes",
    "x1,2026-01-02,-4,0.5,0.5,,,South,no",
    "x2,2026-01-02,10,0.5,1.5,u003@example.com and more,,South,no",
)
"""Rows that are quarantined."""


def row_of(number: int) -> str:
    """Return one customer as a line: values spread, some missing."""
    value = "" if number % 11 == 0 else f"{(number * 37) % 200}.{number % 10}"
    engagement = f"{(number * 7) % 100 / 100}"
    email = "" if number % 5 == 0 else f"U{number:03}@example.com"
    day = f"2026-01-0{number % 7 + 1}T0{number % 10}:00:00+00:00"
    return f"u{number:03},{day},{value},{engagement},{(number * 3) % 10 / 10},{email},+1555{number:07},North,yes"


@cache
def run_of(policy: str = "five-segments", customers: int = 120, maximum: int = 20_000) -> Run:
    """Return a run of a small file with some broken rows."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "week.csv")
        path.write_text("\n".join([HEADER, *(row_of(n) for n in range(customers)), *BROKEN, ""]), encoding="utf-8")
        intake = read_customers([path])
    sizes = Sizes(min_size=5, max_size=maximum)
    return analyze(intake, load_policy(policy), Settings(sizes=sizes, currency="EUR"))


def saved(workspace: Path, run: Run | None = None, name: str = "Week 1") -> str:
    """Save a run and return its identifier."""
    kept = run or run_of()
    return Workspace(workspace).save(
        kept, name=name, saved_at=SAVED_AT, what_if=what_if_of_run() if kept is run_of() else None
    )


@cache
def what_if_of_run() -> WhatIf:
    """Return what each save of `run_of()` would build anew."""
    run = run_of()
    return build_what_if(run.segmentation.customers, run.policy, run.segmentation.scale)


def assert_equal_cubes(one: Cube, other: Cube) -> None:
    """Hold two cubes against each other, bit by bit."""
    for field in fields(Cube):
        a, b = getattr(one, field.name), getattr(other, field.name)
        assert a.dtype == b.dtype
        assert np.array_equal(a, b, equal_nan=a.dtype == np.float64), field.name


def assert_equal_runs(one: Run, other: Run) -> None:
    """Hold two runs against each other, every table and number."""
    for name in ("window", "policy", "weights", "accounting", "proof", "sources", "warnings", "currency"):
        assert getattr(one, name) == getattr(other, name), name
    assert (one.policy_hash, one.input_hash) == (other.policy_hash, other.input_hash)
    a, b = one.segmentation, other.segmentation
    pd.testing.assert_frame_equal(a.customers, b.customers, check_exact=True)
    pd.testing.assert_frame_equal(one.quarantine, other.quarantine)
    pd.testing.assert_frame_equal(one.scores.table, other.scores.table, check_exact=True)
    assert (one.scores.weights, one.scores.assumptions) == (other.scores.weights, other.scores.assumptions)
    assert a.codes.dtype == b.codes.dtype
    assert a.waves.dtype == b.waves.dtype
    assert np.array_equal(a.codes, b.codes)
    assert np.array_equal(a.waves, b.waves)
    assert_equal_cubes(a.cube, b.cube)
    assert (a.scale, a.sizing_log, a.sizes, a.wave_counts) == (b.scale, b.sizing_log, b.sizes, b.wave_counts)
    for name in ("policy", "root", "grid", "segments", "thresholds", "limits", "sizing_log"):
        assert getattr(a.tree, name) == getattr(b.tree, name), name
    for name in ("leaf_of_cell", "segment_of_leaf", "segment_of_cell"):
        x, y = getattr(a.tree, name), getattr(b.tree, name)
        assert x.dtype == y.dtype
        assert np.array_equal(x, y), name


def names_in(workspace: Path) -> list[str]:
    """Return the files of all periods."""
    return sorted(path.name for path in (workspace / "periods").iterdir())
