"""Loading and computing, remembered between reruns and shared between sessions.

The only place with caches, and every one is bounded. A key is a hash of what decides the content (files, policy,
options), never a frame. What is shared is read-only by agreement: nobody changes a run.
"""

import atexit
import gc
import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from itertools import islice
from pathlib import Path
from zoneinfo import available_timezones

import pandas as pd
import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analysis import Run, Settings, analyze
from analysis.backtest import Backtest, backtest
from analysis.comparison import compare
from analysis.headline import Headline, headline_of
from data_generation import generate
from data_ingestion import (
    Inspection,
    Intake,
    ReadOptions,
    inspect_files,
    intake_of_frame,
    read_customers,
    sample_bytes,
)
from frontend.state import Result, Upload
from frontend.utils import breakdown, documentation, drawn, files, quality, trials, uploads
from frontend.utils import people as who
from frontend.utils.compared import Compared, Period, without_customers
from frontend.utils.drawn import Drawn
from frontend.utils.profit_range import profit_range as profit_range_of
from frontend.utils.stores import Stores, new_stores
from frontend.utils.tree_page import page_of
from retention.activity.features import FeatureRules
from retention.errors import InputError
from retention.partition.outline import TreeNode, outline
from retention.partition.profiles import Difference, profiles
from retention.partition.what_if import WhatIf, build_what_if
from retention.period import Window
from retention.policy.policy import Policy
from retention.policy.yaml_text import policy_hash
from run_store import DEFAULT_POLICY, RunSummary, Workspace, load_policy, shipped_policies

MOST_POLICIES = 200
"""Policies of a workspace that are offered."""

Progress = Callable[[str, float], None]


@st.cache_resource(max_entries=1, show_spinner=False)
def stores() -> Stores:
    """Return the shared memory."""
    return new_stores()


@st.cache_resource(max_entries=1, show_spinner=False)
def settle() -> None:
    """Prepare the process, once, before any customer is loaded: its memory, and what the garbage collector looks at.

    Streamlit collects after every rerun; walking the modules' objects each time takes most of a small rerun.
    """
    stores()
    policies()
    # Arrow's own pool keeps what it once had: with 1,000,000 customers a third more memory, and half as fast.
    pa.set_memory_pool(pa.system_memory_pool())
    drawn.warm_up()
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # else bindings report at the end what was never collected as leaks


@st.cache_resource(max_entries=1, show_spinner=False)
def policies() -> dict[str, Policy]:
    """Return the shipped policies by name, the default one first."""
    names = sorted(shipped_policies(), key=lambda name: (name != DEFAULT_POLICY, name))
    return {name: load_policy(name) for name in names}


def known_policies() -> dict[str, Policy]:
    """Return the shipped policies, then those of the workspace."""
    return policies() | own_policies()


def own_policies() -> dict[str, Policy]:
    """Return the policies by name that were kept in the workspace and can be read."""
    found = {}
    for path in islice(workspace().policy_files(), MOST_POLICIES):
        policy = _kept_policy(path)
        if policy is not None and policy.name == path.stem:
            found[policy.name] = policy
    return found


def _kept_policy(path: Path) -> Policy | None:
    try:
        state = path.stat()
        return stores().kept_policies.get(
            _key(str(path), state.st_mtime_ns, state.st_size, state.st_ino), lambda: load_policy(path)
        )
    except (InputError, FileNotFoundError):
        return None


def workspace() -> Workspace:
    """Return the workspace of saved periods, kept policies and settings."""
    return Workspace.of(os.environ)


@st.cache_data(max_entries=1, show_spinner=False)
def timezones() -> list[str]:
    """Return the names of the world's time zones, UTC first."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))]


@st.cache_resource(max_entries=1, show_spinner=False)
def documents() -> dict[str, documentation.Document]:
    """Return the pages of the documentation by name."""
    return documentation.documents()


@st.cache_data(max_entries=1, show_spinner=False)
def sample() -> bytes:
    """Return the sample file."""
    return sample_bytes()


def synthetic_intake(size: int, seed: int, end: date, timezone: str) -> Intake:
    """Return synthetic customers of the 30 days up to a day, read and checked like any others."""

    def make() -> Intake:
        made = generate(size, seed=seed, end=end, timezone=timezone)
        return intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)

    return stores().intakes.get(_key("synthetic", size, seed, end, timezone), make)


def uploaded_intake(sent: Sequence[UploadedFile], options: ReadOptions, progress: Progress | None = None) -> Intake:
    """Return the rows of uploaded files.

    Raises:
        InputError: A file cannot be read or used.
    """

    def make() -> Intake:
        with tempfile.TemporaryDirectory(prefix="upload-") as folder:
            return read_customers(files.write_all(sent, Path(folder)), options=options, progress=progress)

    digests = [hashlib.sha256(each.getbuffer()).hexdigest() for each in sent]
    names = [each.name for each in sent]
    return stores().intakes.get(_key(*digests, *names, *uploads.reading_key(options)), make)


def inspected(sent: Sequence[UploadedFile], options: ReadOptions) -> Inspection:
    """Return what uploaded files are taken for; not kept, because it holds cells of them."""
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        return inspect_files(files.write_all(sent, Path(folder)), options)


def queried(url: str, query: str, options: ReadOptions) -> Intake:
    """Return the rows that a query gives; asked anew each time, because a database changes.

    Raises:
        InputError: The URL or the query cannot be used, or the database refuses.
    """
    # Imported here: SQLAlchemy takes longer to load than most files take to be read.
    from data_ingestion.database import read_database  # noqa: PLC0415

    return read_database(url, query, options=options, environment=os.environ)


def told(source: Upload, rules: FeatureRules) -> uploads.Told:
    """Return what the rows of an upload or a query tell, before anything is analysed."""
    key = _key(source.intake.input_hash, *uploads.reading_key(source.options), rules)
    return stores().told.get(key, lambda: uploads.told_by(source.intake, source.options.timezone, rules))


def backtested(intake: Intake, policy: Policy, window: Window, rules: FeatureRules) -> Backtest:
    """Return what would have been predicted of a past window, and what happened.

    Raises:
        InputError: Outcomes of the window are not known, or there are too few before it.
    """
    key = _key(intake.input_hash, intake.sources, policy_hash(policy), window, rules)
    settings = Settings(window=window, timezone=window.timezone, rules=rules)
    return stores().backtests.get(key, lambda: backtest(intake, policy, settings))


def run_key(intake: Intake, policy: Policy, settings: Settings) -> str:
    """Return the key of a run: everything that decides it."""
    # The sources say how they were read: the order of dates and the decimal sign change the rows of the same bytes.
    return _key(intake.input_hash, intake.sources, policy_hash(policy), repr(settings))


def run(intake: Intake, policy: Policy, settings: Settings, progress: Progress) -> Run:
    """Return the analysis of some rows.

    Raises:
        InputError: The window is empty, or the policy does not fit the rows.
    """
    made = stores().runs.get(
        run_key(intake, policy, settings), lambda: analyze(intake, policy, settings, progress=progress)
    )
    progress("Done", 1.0)
    return made


def saved_key(run_id: str, erased: int) -> str:
    """Return the key of a saved run as it is after some customers were erased."""
    return _key("saved", run_id, erased)


def anonymous_run(run_id: str, erased: int) -> Run:
    """Return a saved run without the columns that identify a customer; with them where they are loaded already.

    Raises:
        WorkspaceError: It was deleted, or is damaged.
    """
    key, shared = saved_key(run_id, erased), stores()
    if key in shared.runs:
        return saved_run(run_id, erased)
    return shared.anonymous.get(key, lambda: workspace().open(run_id).anonymous_run())


def saved_run(run_id: str, erased: int) -> Run:
    """Return a saved run with all columns of its customers.

    Raises:
        WorkspaceError: It was deleted, or is damaged.
    """

    def make() -> Run:
        saved, key = workspace().open(run_id), saved_key(run_id, erased)
        shared = stores().anonymous
        return saved.named(anonymous_run(run_id, erased)) if key in shared else saved.run()

    return stores().runs.get(saved_key(run_id, erased), make)


def headline(result: Result) -> Headline:
    """Return the headline numbers of a run."""
    return stores().headlines.get(result.key, lambda: headline_of(result.run))


def profit_range(result: Result) -> tuple[float, float] | None:
    """Return the range of the expected profit of all segments together."""
    return stores().profit_ranges.get(result.key, lambda: profit_range_of(result.run))


def tree_nodes(result: Result) -> tuple[TreeNode, ...]:
    """Return the outline of a run."""

    def make() -> tuple[TreeNode, ...]:
        table = result.run.scores.table
        overall = dict(zip(table["Segment"].tolist(), table["Overall_Score"].tolist(), strict=True))
        return outline(result.run.segmentation, overall)

    return stores().outlines.get(result.key, make)


def tree_page(result: Result, *, dark: bool) -> str:
    """Return the picture of the tree of a run, as one page of HTML without outside parts."""

    def make() -> str:
        names = [segment.name for segment in result.run.segmentation.tree.segments]
        return page_of(tree_nodes(result), names, dark=dark)

    return stores().pictures.get(_key(result.key, dark), make)


def figure(result: Result, name: str, make: Callable[[], go.Figure], *, dark: bool = False) -> go.Figure:
    """Return the figure of a run by its name, made once; drawing takes longer than all the rest of a rerun."""
    return stores().figures.get(_key(result.key, name, dark), lambda: Drawn(make()))


def facts(result: Result) -> who.Facts:
    """Return what filters and explanations need to know of all customers of a run."""
    return stores().facts.get(result.key, lambda: who.facts_of(result.run))


def positions(result: Result, wanted: who.Wanted) -> who.Positions:
    """Return the positions of the wanted customers; found once, as long as many others are not asked for."""
    return stores().positions.get(key_of(result.key, wanted), lambda: who.positions_of(result.people, wanted))


def people(result: Result, shown: who.Positions) -> pd.DataFrame:
    """Return a page of customers."""
    return who.page_of(result.people, shown)


def why(result: Result, position: int) -> who.Why:
    """Return why a customer is where they are."""
    return who.why_of(result.people, position, facts(result).spread)


def column_quality(result: Result) -> tuple[quality.ColumnQuality, ...]:
    """Return how many values are missing or derived, column by column."""
    return stores().columns.get(result.key, lambda: quality.columns_of(result.people))


def key_of(*parts: object) -> str:
    """Return a key for a store or a widget: a hash, from which nothing can be read."""
    return _key(*parts)


def profiles_of(result: Result) -> tuple[tuple[Difference, ...], ...]:
    """Return how each segment differs from everyone else, in the order of the tree."""

    def make() -> tuple[tuple[Difference, ...], ...]:
        segmentation = result.run.segmentation
        return profiles(segmentation.customers, segmentation.codes, len(segmentation.tree.segments))

    return stores().profiles.get(result.key, make)


def breakdowns(result: Result) -> dict[str, pd.DataFrame]:
    """Return customers by segment and value for each column that can be broken down."""
    return stores().breakdowns.get(result.key, lambda: breakdown.breakdowns(result.run))


def what_if(result: Result) -> WhatIf:
    """Return the what-if cube of a run, with the sizes, weights and assumptions that the run was asked for."""

    def make() -> WhatIf:
        segmentation = result.run.segmentation
        if result.run_id and not result.run.accounting.erased:
            with suppress(InputError):  # deleted meanwhile; the customers are still here to count
                return workspace().open(result.run_id).what_if
        # Whether a customer can be reached counts, which only the columns of people tell.
        return build_what_if(result.people.segmentation.customers, result.run.policy, segmentation.scale)

    return trials.as_run(stores().what_ifs.get(result.key, make), result.run)


def trial(result: Result, cube: WhatIf, asked: trials.Asked) -> trials.Trial:
    """Return what a draft gives; a draft that was tried before costs nothing.

    Raises:
        OptionError: The cuts do not increase.
    """
    return stores().trials.get(_key(result.key, asked), lambda: trials.try_out(cube, asked, result.run.scores.evidence))


def saved_periods() -> tuple[RunSummary, ...]:
    """Return the periods that people saved under a name, the last saved first.

    Raises:
        WorkspaceError: The catalog cannot be read.
    """
    return workspace().periods()


def compared(earlier: Period, later: Period, on_screen: Result | None) -> Compared:
    """Return the comparison of two periods; the first time their customers are loaded.

    Raises:
        InputError: They cannot be compared, or one was deleted or is damaged.
    """

    def make() -> Compared:
        return without_customers(compare(_run_of(earlier, on_screen), _run_of(later, on_screen)))

    key = _key(earlier.key, earlier.version, later.key, later.version)
    return stores().comparisons.get(key, make)


def _run_of(period: Period, on_screen: Result | None) -> Run:
    if not period.saved and on_screen is not None:
        return on_screen.people
    return saved_run(period.key, period.version)


def _key(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()
