"""The one use case that both shells call: rows and a policy in, a scored partition out."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property

import pandas as pd

from analysis.fitting import misfit
from analysis.people import arms_of, scored
from analysis.set_aside import (
    Accounting,
    RepairAccount,
    account_of,
    cells_missing,
    rejected_rows,
    repairs_of,
    without_undecided,
)
from data_ingestion import Intake, SourceFile, at_cutoff, last_window
from data_ingestion.cells.currencies import is_currency
from retention.activity.activity import Activity
from retention.activity.features import FeatureRules
from retention.activity.forecast import PastForecast
from retention.activity.recovery import estimate
from retention.customers.contracts import COLUMNS
from retention.customers.reach import LeftAlone, Reach, is_recovered
from retention.customers.universe import OnConflict, Universe, default_window, select_universe
from retention.errors import OptionError, PeriodError, Remedy, Setting, ensure
from retention.experiment.arms import Experiment
from retention.partition.fitted import FittedTree, Segmentation
from retention.partition.proof import Proof
from retention.period import Window
from retention.policy.policy import Assumptions, Policy, Sizes, Weights, features
from retention.policy.yaml_text import policy_hash
from retention.scores.arithmetic import Spread
from retention.scores.measured_lift import MeasuredLift
from segment_scorer import Evidence, SegmentScores
from segmentation_engine import assign, fit

Progress = Callable[[str, float], None]
OUTSIDE_WORDS = {
    "other_dates": "abandoned on other dates",
    "pending": "cart may still be bought",
    "bought_in_time": "bought in time",
    "no_cart": "no cart or checkout",
    "folded": "further rows of the same customers",
}
"""Why an accepted row is not the row of a customer of the universe, for people."""
WITHOUT_END = 1e300
"""A fitted cut from here on lies beyond every number there is: no value is known, or ties leave none to cut at."""


@dataclass(frozen=True)
class Settings:
    """What a run is asked for beside its rows and its policy.

    Args:
        window: The seven days; None takes those ending on the last abandonment date of the input.
        timezone: The shop's zone, for a window that is not given.
        sizes: Size limits that replace the policy's.
        weights: Weights that replace the policy's.
        assumptions: Assumptions that replace the policy's in the scores.
        on_conflict: What to do with rows of one customer and time that differ.
        currency: Code of ISO 4217 shown beside money; empty takes the input's own.
        rules: When a cart counts as abandoned, for input that is activity.
        lifts: What experiments counted; in their segments lift and baseline follow from it and what is assumed.
        experiment: Arms that the customers are assigned to; None: everybody may be contacted.
        left_alone: Whom nobody contacts for now.
        cutoff: Last day whose events decide which carts of a log were abandoned; None: the window's last day.
        others: Returns the policies that are advised where the one that is asked for does not fit the rows.
    """

    window: Window | None = None
    timezone: str = "UTC"
    sizes: Sizes | None = None
    weights: Weights | None = None
    assumptions: Assumptions | None = None
    on_conflict: OnConflict = "quarantine"
    currency: str = ""
    rules: FeatureRules = field(default_factory=FeatureRules)
    lifts: tuple[MeasuredLift, ...] = ()
    experiment: Experiment | None = None
    left_alone: LeftAlone = field(default_factory=LeftAlone)
    cutoff: date | None = None
    others: Callable[[], Iterable[Policy]] = field(default=tuple, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.currency and not is_currency(self.currency):
            what, hint = f"'{self.currency}' is not a currency", "Use a code of ISO 4217 such as EUR"
            raise OptionError(what, where=Setting.CURRENCY, hint=hint)
        object.__setattr__(self, "currency", self.currency.upper())


@dataclass(frozen=True)
class Run:
    """One analysis, whole: everything that files, pages and reports show is in here."""

    window: Window
    policy: Policy
    weights: Weights
    accounting: Accounting
    quarantine: pd.DataFrame
    cells: pd.DataFrame
    segmentation: Segmentation
    scores: SegmentScores
    proof: Proof
    sources: tuple[SourceFile, ...]
    warnings: tuple[str, ...]
    currency: str
    policy_hash: str
    input_hash: str
    reach: Reach
    experiment: Experiment | None = None
    repairs: RepairAccount | None = None

    @cached_property
    def arms(self) -> "pd.Categorical[str] | None":
        """The arm of each customer, in the order of the segmentation's rows; None without an experiment."""
        if self.experiment is None:
            return None
        names = [segment.name for segment in self.segmentation.tree.segments]
        return arms_of(self.segmentation.customers, self.segmentation.codes, names, self.experiment)


def with_experiment(run: Run, experiment: Experiment) -> Run:
    """Return a run whose customers are assigned to arms: whoever is held out is not to be reached."""
    counted = scored(run.segmentation, run.scores.weights, run.scores.assumptions, run.scores.evidence, experiment)
    return replace(run, experiment=experiment, reach=counted[0], scores=counted[1])


def analyze(
    intake: Intake, policy: Policy, settings: Settings | None = None, *, progress: Progress | None = None
) -> Run:
    """Return the scored partition of the window's customers.

    Args:
        intake: Rows as `data_ingestion` read and checked them.
        policy: The decision tree.
        settings: Window, sizes, weights and the like.
        progress: Called with a step's name and the share of the work that is done.

    Raises:
        InputError: The window is empty, or the policy splits on a column of which nobody has a value.
    """
    asked, tell = settings or Settings(), progress or _silent
    tell("Selecting the window", 0.0)
    intake, window, cutoff, elsewhere = in_window(intake, asked)
    intake = _decided(intake, asked, policy)
    universe = select_universe(intake.rows, window, on_conflict=asked.on_conflict)
    expected = estimate(asked.left_alone.told(universe.customers), intake.activity, window, asked.rules, cutoff)
    quarantine, cells = rejected_rows(intake, universe), cells_missing(intake, universe)
    repairs = repairs_of(intake, window, asked.on_conflict, quarantine)
    tell("Fitting the tree", 0.3)
    tree = fit(expected.customers, policy, sizes=asked.sizes)
    tell("Assigning customers", 0.5)
    segmentation = assign(expected.customers, tree)
    tell("Scoring segments", 0.8)
    weights, derived = asked.weights or policy.weights, frozenset(d.column for d in intake.derived)
    spread = None if expected.trial is None else spread_of(tree, expected.trial)
    evidence = Evidence(derived, expected.source, asked.lifts, {}, expected.notes, spread)
    reach, scores = scored(segmentation, weights, asked.assumptions, evidence, asked.experiment)
    ensure(reach.total == int(scores.table["Reachable"].sum()), "customers who can be reached = those who are scored")
    return Run(
        window=window,
        policy=policy,
        weights=weights,
        accounting=account_of(intake, universe, quarantine, cells, elsewhere),
        quarantine=quarantine,
        cells=cells,
        segmentation=segmentation,
        scores=scores,
        proof=tree.proof(),
        sources=intake.sources,
        warnings=_told(intake, universe, asked, repairs, (expected.notes, segmentation)),
        currency=_shown(universe.customers, asked),
        policy_hash=policy_hash(policy),
        input_hash=intake.input_hash,
        reach=reach,
        experiment=asked.experiment,
        repairs=repairs,
    )


def spread_of(tree: FittedTree, trial: PastForecast) -> Spread:
    """Return how far predictions of past windows were from what came in the segments."""
    return trial.spread(tree.segment_of_cell[tree.grid.cells_of(trial.past.customers)])


def in_window(intake: Intake, asked: Settings) -> tuple[Intake, Window, int, dict[str, int]]:
    """Return the intake as customers, the window, its cutoff, and accepted rows that are no customer's, by reason."""
    if intake.activity is None:
        intake = replace(intake, warnings=(*intake.warnings, *_without_activity(asked)))
        window = asked.window or default_window(intake.rows, asked.timezone)
        return intake, window, window.cutoff, {}
    window = asked.window or last_window(intake, intake.activity, asked.timezone, asked.rules)
    cutoff = cutoff_of(window, intake.activity, asked)
    given = asked.window is not None
    customers, elsewhere = at_cutoff(intake, intake.activity, window, asked.rules, cutoff, chosen=given)
    told = (*_pending(elsewhere["pending"]), *_unwatched(customers.rows, intake.activity, window, asked.rules))
    return replace(customers, warnings=(*customers.warnings, *told)), window, cutoff, elsewhere


def _without_activity(asked: Settings) -> tuple[str, ...]:
    """Say that settings for logs change nothing, where the input is a table of customers."""
    if asked.cutoff is None and asked.rules == FeatureRules():
        return ()
    told = (
        "the cutoff and the times to recover a cart are for event logs and checkouts; the input is a customer table, "
        "which says itself who abandoned a cart, so they change nothing"
    )
    return (told,)


def cutoff_of(window: Window, activity: Activity, asked: Settings) -> int:
    """Return the time whose knowledge decides which carts were abandoned.

    That is the end of the window, unless a later day is asked for. A window that the activity chose ends with
    its last abandonment, which is one by what came after it, so there the end of the activity decides.

    Raises:
        PeriodError: The day that is asked for is before the window's last.
    """
    if asked.cutoff is None:
        return window.cutoff if asked.window else activity.last + 1
    if asked.cutoff < window.end:
        raise PeriodError(
            f"the cutoff {asked.cutoff} is before the last day of the window {window}",
            where=Setting.CUTOFF,
            hint=f"Give {window.end} or a later day, or choose an earlier window",
            remedies=(Remedy(Setting.CUTOFF, (str(window.end),)), Remedy(Setting.WINDOW)),
        )
    return Window.ending(asked.cutoff, window.timezone).cutoff


def _pending(customers: int) -> tuple[str, ...]:
    """Say that carts of the last hours are not decided yet, and how they will be."""
    if not customers:
        return ()
    some = "1 customer has a cart" if customers == 1 else f"{customers:,} customers have a cart"
    verb = "is" if customers == 1 else "are"
    return (f"{some} that may still be bought, and {verb} in no segment; a later cutoff decides about them",)


def _unwatched(rows: pd.DataFrame, activity: Activity, window: Window, rules: FeatureRules) -> tuple[str, ...]:
    """Say that the input ends before carts could have been bought in time, although the cutoff is later."""
    end = pd.Timestamp(activity.last, unit="us", tz="UTC")
    count = int((rows["cart_abandoned_date"] > end - rules.recovery).sum())
    if not count:
        return ()
    local = end.tz_convert(window.timezone).strftime("%Y-%m-%d %H:%M")
    some = "1 customer counts as an abandoner" if count == 1 else f"{count:,} customers count as abandoners"
    hours = f"{rules.recovery / timedelta(hours=1):g} hours"
    told = (
        f"the input ends at {local}, before the cutoff: {some} although the {hours} in which the cart may still "
        "be bought were not over by then; choose an earlier window, or add what happened later"
    )
    return (told,)


def _recovered(customers: pd.DataFrame) -> tuple[str, ...]:
    """Say how many have bought again already, and which numbers speak of the others."""
    count, size = int(is_recovered(customers).sum()), len(customers)
    if not count:
        return ()
    told = (
        f"{count:,} of {size:,} customers are recovered: they have bought again already. They stay in their segments; "
        f"conversion, profit, power and holdouts speak of the other {size - count:,}"
    )
    return (told,)


def _silent(step: str, share: float) -> None:
    """Take progress that nobody watches."""


def _decided(intake: Intake, asked: Settings, policy: Policy) -> Intake:
    """Return customers whose columns that the policy splits on are there and read."""
    why = misfit(policy, intake, asked.others)
    if why is not None and why.refused:
        raise why.error
    told = () if why is None else (why.error.what,)
    return without_undecided(replace(intake, warnings=(*intake.warnings, *told)), features(policy))


def _told(
    intake: Intake,
    universe: Universe,
    asked: Settings,
    repairs: RepairAccount | None,
    found: tuple[tuple[str, ...], Segmentation],
) -> tuple[str, ...]:
    """Return what a person should know of rows and segments."""
    repaired, (notes, segmentation) = (repairs.words,) if repairs else (), found
    rows = (*repaired, *_relabelled(universe.customers, asked.currency), *intake.warnings, *_near_misses(intake))
    customers = (*universe.warnings, *_recovered(universe.customers), *notes)
    cuts = _cut_warnings(segmentation, _shown(universe.customers, asked))
    return (*rows, *customers, *cuts, *_lift_notes(segmentation, asked.lifts))


def _near_misses(intake: Intake) -> tuple[str, ...]:
    """Warn of headers that were left out though they almost read like a column of the contract."""
    absent = [name for name in COLUMNS if name not in intake.rows.columns]
    near = [
        (source.name, header, match[0])
        for source in intake.sources
        for header in source.ignored
        if (match := get_close_matches(header.strip().casefold(), absent, n=1, cutoff=0.8))
    ]
    return tuple(f"{file}: the column '{header}' was left out; did you mean '{name}'?" for file, header, name in near)


def _cut_warnings(segmentation: Segmentation, currency: str) -> tuple[str, ...]:
    # A cut that splits a segment over the maximum has a note as well, but the sizing log tells of it.
    cuts = segmentation.tree.thresholds
    return tuple(cut.words(currency) for cut in cuts if cut.told() and "splits" not in cut.note)


def _lift_notes(segmentation: Segmentation, lifts: tuple[MeasuredLift, ...]) -> tuple[str, ...]:
    """Say how old measured lifts are, and which are of segments that this run does not have."""
    known = {segment.name for segment in segmentation.tree.segments}
    used = Counter((lift.experiment, lift.measured_on) for lift in lifts if lift.segment in known)
    dated = [
        f"The lift of {count} of {len(known)} segments was measured by the experiment '{name}' on {day}."
        for (name, day), count in used.items()
    ]
    unknown = list(dict.fromkeys(lift.segment for lift in lifts if lift.segment not in known))
    if unknown:
        dated.append(f"Measured lifts of {', '.join(unknown)} were not used: the run has no such segment.")
    return tuple(dated)


def _relabelled(customers: pd.DataFrame, asked: str) -> tuple[str, ...]:
    """Warn where money of one currency is shown as another: nothing is converted."""
    own = _currency(customers)
    if own and not asked and not is_currency(own):
        return ("What the input's column 'currency' holds is no code of ISO 4217, so money is shown without one.",)
    if not asked or not own or asked == own:
        return ()
    return (f"The input's money is in {own}; it is shown as {asked} and was not converted.",)


def _shown(customers: pd.DataFrame, asked: Settings) -> str:
    """Return the currency that money is shown in, or nothing where it has none."""
    return asked.currency or (own if is_currency(own := _currency(customers)) else "")


def _currency(customers: pd.DataFrame) -> str:
    """Return the input's one currency code, or nothing where it names none."""
    if "currency" not in customers.columns:
        return ""
    codes = customers["currency"].dropna().str.strip().str.upper()
    codes = codes[codes != ""]
    return str(codes.iloc[0]) if len(codes) else ""
