"""The shared memory of the process, bounded in number and size: what is kept, and how much of it."""

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from analysis import Run
from analysis.backtest import Backtest
from analysis.experiment_design import Design
from analysis.headline import Headline
from audience_export import Plan as AudiencePlan
from data_ingestion import Intake
from frontend.utils import people as who
from frontend.utils import quality, trials, uploads
from frontend.utils.compared import Compared
from frontend.utils.measured import Measured
from frontend.utils.store import Store
from frontend.utils.way_back import WaysBack
from retention.partition.outline import TreeNode
from retention.partition.profiles import Difference
from retention.partition.what_if import WhatIf
from retention.policy.policy import Policy

MAX_ROWS = 6_000_000
MAX_NODES = 20_000
MAX_CHARACTERS = 20_000_000
MAX_CELLS = 400_000


@dataclass(frozen=True)
class Stores:
    """The shared memory of the process: rows as they were read, runs, and what pages take from runs."""

    intakes: Store[Intake]
    runs: Store[Run]
    anonymous: Store[Run]
    headlines: Store[Headline]
    profit_ranges: Store[tuple[float, float] | None]
    outlines: Store[tuple[TreeNode, ...]]
    pictures: Store[str]
    figures: Store[go.Figure]
    facts: Store[who.Facts]
    positions: Store[who.Positions]
    columns: Store[tuple[quality.ColumnQuality, ...]]
    what_ifs: Store[WhatIf]
    trials: Store[trials.Trial]
    profiles: Store[tuple[tuple[Difference, ...], ...]]
    breakdowns: Store[dict[str, pd.DataFrame]]
    comparisons: Store[Compared]
    kept_policies: Store[Policy]
    designs: Store[Design]
    audiences: Store[AudiencePlan]
    measured: Store[Measured]
    told: Store[uploads.Told]
    backtests: Store[Backtest]
    ways_back: WaysBack


def new_stores() -> Stores:
    """Return stores that hold nothing yet."""
    return Stores(
        intakes=Store(entries=8, size=MAX_ROWS, size_of=lambda intake: intake.accepted),
        runs=Store(entries=16, size=MAX_ROWS, size_of=lambda run: run.accounting.universe),
        anonymous=Store(entries=16, size=MAX_ROWS, size_of=lambda run: run.accounting.universe),
        headlines=Store(entries=64, size=64, size_of=lambda _: 1),
        profit_ranges=Store(entries=64, size=64, size_of=lambda _: 1),
        outlines=Store(entries=64, size=MAX_NODES, size_of=len),
        pictures=Store(entries=16, size=MAX_CHARACTERS, size_of=len),
        figures=Store(entries=128, size=128, size_of=lambda _: 1),
        facts=Store(entries=64, size=64, size_of=lambda _: 1),
        positions=Store(entries=64, size=MAX_ROWS, size_of=len),
        columns=Store(entries=64, size=64, size_of=lambda _: 1),
        what_ifs=Store(entries=32, size=MAX_CELLS, size_of=lambda what_if: what_if.grid.cells),
        trials=Store(entries=256, size=256, size_of=lambda _: 1),
        profiles=Store(entries=64, size=64, size_of=lambda _: 1),
        breakdowns=Store(entries=64, size=64, size_of=lambda _: 1),
        comparisons=Store(entries=64, size=64, size_of=lambda _: 1),
        kept_policies=Store(entries=64, size=64, size_of=lambda _: 1),
        designs=Store(entries=64, size=64, size_of=lambda _: 1),
        audiences=Store(entries=4, size=MAX_ROWS, size_of=lambda plan: len(plan.people)),
        measured=Store(entries=64, size=64, size_of=lambda _: 1),
        told=Store(entries=64, size=64, size_of=lambda _: 1),
        backtests=Store(entries=16, size=MAX_ROWS, size_of=lambda made: made.run.accounting.universe),
        ways_back=WaysBack(),
    )
