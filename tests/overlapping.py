"""Two weeks of a shop whose customers overlap, for tests of comparisons."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import Run, Settings, analyze
from data_generation import generate
from data_ingestion import intake_of_frame
from retention.period import Window
from run_store import Workspace, load_policy

END = date(2025, 9, 30)
WEEK = timedelta(days=7)
NAMES = ("Last week of September", "First week of October")


@cache
def two_weeks(size: int = 4_000) -> tuple[Run, Run]:
    """Return two runs, shared: about half of the first week's customers are in the second, some of them changed."""
    rng = np.random.default_rng(3)
    first = generate(size, end=END).customers
    new = rng.random(len(first)) > 0.6
    changed = first.assign(
        user_id=first["user_id"].where(~new, "new-" + first["user_id"]),
        cart_abandoned_date=first["cart_abandoned_date"] + pd.Timedelta(WEEK),
        avg_order_value=(first["avg_order_value"] * rng.lognormal(0.08, 0.35, len(first))).round(2),
        engagement_score=(first["engagement_score"] + rng.normal(-0.03, 0.1, len(first))).clip(0, 1).round(4),
    )
    second = changed[rng.random(len(first)) < 0.95].reset_index(drop=True)
    return _run(first, "week-39.csv", END), _run(second, "week-40.csv", END + WEEK)


def _run(customers: pd.DataFrame, name: str, end: date) -> Run:
    intake = intake_of_frame(customers, name=name, fingerprint=name)
    return analyze(intake, load_policy("five-segments"), Settings(window=Window.ending(end), currency="USD"))


def save(workspace: Path, runs: tuple[Run, Run]) -> list[str]:
    """Save both runs under their names and return their identifiers."""
    at = datetime(2025, 10, 8, tzinfo=UTC)
    return [Workspace(workspace).save(run, name=name, saved_at=at) for run, name in zip(runs, NAMES, strict=True)]
