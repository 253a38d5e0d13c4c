"""The one use case that both shells call: rows and a policy in, a scored partition out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, partial
from operator import add

import pandas as pd

from analysis.accounting import (
    Accounting,
    RepairAccount,
    account_of,
    cells_missing,
    rejected_rows,
    repairs_of,
    without_undecided,
)
from analysis.headline import Overview
from analysis.people import Seen, arms_of, notices, scored, shown_currency
from analysis.policy_fit import misfit
from data_ingestion import Intake, SourceFile, at_cutoff, last_window
from data_ingestion.cells.currencies import is_currency
from retention.activity.activity import Activity
from retention.activity.features import FeatureRules
from retention.activity.forecast import PastForecast
from retention.activity.recovery import ConversionEstimate, estimate, outcomes_known, past_outcomes
from retention.customers.reach import LeftAlone, Reach
from retention.customers.universe import OnConflict, default_window, select_universe
from retention.errors import OptionError, PeriodError, Remedy, Setting
from retention.experiment.arms import Experiment
from retention.partition.fitted import FittedTree, Segmentation
from retention.partition.profiles import Difference, ProfileSums
from retention.partition.proof import Proof
from retention.period import Window
from retention.policy.policy import Assumptions, Policy, Sizes, Weights, features
from retention.policy.yaml_text import policy_hash
from retention.scores.arithmetic import Spread
from retention.scores.measured_lift import MeasuredLift
from retention.wording import counted
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
        on_conflict: What to do with rows of one customer and time that differ.
        currency: Code of ISO 4217 shown beside money; empty takes the input's own.
        rules: When a cart counts as abandoned, for input that is activity.
        lifts: What experiments counted; in their segments lift and baseline follow from it and what is assumed.
        experiment: Arms that the customers are assigned to; None: everybody may be contacted.
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
    stories: tuple[tuple[Difference, ...], ...] = ()
    kept: Overview | None = field(default=None, repr=False, compare=False)

    @cached_property
    def overview(self) -> Overview:
        """What is counted of all customers; of a saved period it was kept."""
        return self.kept or Overview.of(self.segmentation)

    @cached_property
    def arms(self) -> "pd.Categorical[str] | None":
        """The arm of each customer, in the order of the segmentation's rows; None without an experiment."""
        return None if self.experiment is None else arms_of(self.experiment, self.segmentation)

    def in_parts(self, columns: Sequence[str] | None = None, *, waves: bool = True) -> "Iterator[Run]":
        """Yield a run for each part of the customers, with their segmentation; one where they are in one piece."""
        for part in self.segmentation.in_parts(columns, waves=waves):
            yield self if part is self.segmentation else replace(self, segmentation=part)


def with_experiment(run: Run, experiment: Experiment) -> Run:
    """Return a run whose customers are assigned to arms: whoever is held out is not to be reached."""
    scores = run.scores
    counted = scored(run.segmentation, scores.weights, scores.assumptions, scores.evidence, experiment, before=scores)
    return replace(run, experiment=experiment, reach=counted[0], scores=counted[1])


def analyze_whole(
    intake: Intake, policy: Policy, settings: Settings | None = None, *, progress: Progress | None = None
) -> Run:
    """Return the scored partition of the window's customers, all of whom are in memory.

    Args:
        intake: Rows as `data_ingestion` read and checked them.
        policy: The decision tree.
        settings: Window, sizes, weights and the like.
        progress: Called with a step's name and the share of the work that is done.

    Raises:
        InputError: The window is empty, or the policy splits on a column of which nobody has a value.
    """
    settings, tell = settings or Settings(), progress or silent
    tell("Selecting the window", 0.0)
    intake, window, cutoff, elsewhere = in_window(intake, settings)
    intake = _decided(intake, settings, policy)
    universe = select_universe(intake.rows, window, on_conflict=settings.on_conflict)
    customers = settings.left_alone.told(universe.customers)
    expected = ConversionEstimate("heuristic")
    if intake.activity is not None:
        past = partial(past_outcomes, intake.activity, window, settings.rules, cutoff)
        expected = estimate(intake.activity.span, settings.rules, past, measured=outcomes_known(customers))
    customers = expected.told(customers)
    quarantine, cells = rejected_rows(intake, universe), cells_missing(intake, universe)
    outside = {"other_dates": universe.outside_window, **elsewhere}
    repairs = repairs_of(intake, window, settings.on_conflict, quarantine)
    judged = JudgedRows(intake, window, Seen.of(universe), outside, quarantine, cells, repairs)
    fitted = partial(fit, customers, policy, sizes=settings.sizes)
    return segmented(fitted, partial(assign, customers), judged, expected, settings, tell)


def segmented(
    fitted: Callable[[], FittedTree],
    assigned: Callable[[FittedTree], Segmentation],
    judged: "JudgedRows",
    back: ConversionEstimate,
    settings: Settings,
    tell: Progress,
) -> Run:
    """Return the run of customers, wherever these are: their tree is fitted, they are assigned, and segments scored."""
    tell("Fitting the tree", 0.3)
    tree = fitted()
    tell("Assigning customers", 0.5)
    segmentation = assigned(tree)
    tell("Scoring segments", 0.8)
    spread = None if back.trial is None else spread_of(tree, back.trial)
    evidence = Evidence(judged.derived, back.source, settings.lifts, {}, back.notes, spread)
    return concluded(judged, segmentation, evidence, settings)


@dataclass(frozen=True)
class JudgedRows:
    """Where every input row went, and what the customers tell together; no row of the intake is looked at."""

    intake: Intake
    window: Window
    seen: Seen
    outside: dict[str, int]
    quarantine: pd.DataFrame
    cells: pd.DataFrame
    repairs: RepairAccount | None = None

    @property
    def derived(self) -> frozenset[str]:
        """The scores that were derived."""
        return frozenset(each.column for each in self.intake.derived)


def concluded(judged: JudgedRows, segmentation: Segmentation, evidence: Evidence, settings: Settings) -> Run:
    """Return the run of customers that are in their segments: the scores, the account, and what to know."""
    tree, intake, seen, repairs = segmentation.tree, judged.intake, judged.seen, judged.repairs
    weights = settings.weights or tree.policy.weights
    reach, scores = scored(segmentation, weights, settings.assumptions, evidence, settings.experiment)
    notes = notices(intake, seen, tree, settings.lifts, evidence.conversion_notes, settings.currency)
    return Run(
        window=judged.window,
        policy=tree.policy,
        weights=weights,
        accounting=account_of(intake.read, seen.size, judged.outside, judged.quarantine, judged.cells),
        quarantine=judged.quarantine,
        cells=judged.cells,
        segmentation=segmentation,
        scores=scores,
        proof=tree.proof(),
        sources=intake.sources,
        warnings=(*([repairs.words] if repairs else []), *notes, *settings.left_alone.notices),
        currency=shown_currency(seen, settings.currency),
        policy_hash=policy_hash(tree.policy),
        input_hash=intake.input_hash,
        reach=reach,
        experiment=settings.experiment,
        repairs=repairs,
        stories=stories_of(segmentation),
    )


def stories_of(segmentation: Segmentation) -> tuple[tuple[Difference, ...], ...]:
    """Return what is unusual about each segment, in the order of the tree."""
    step = partial(_profiled, len(segmentation.tree.segments))
    sums: ProfileSums = segmentation.fold(step, add)
    return sums.differences()


def _profiled(segments: int, before: ProfileSums | None, part: Segmentation) -> ProfileSums:
    return (before or ProfileSums(segments)).add(part.customers, part.codes)


def spread_of(tree: FittedTree, trial: PastForecast) -> Spread:
    """Return how far predictions of past windows were from what came in the segments."""
    return trial.spread(tree.segment_of_cell[tree.grid.cells_of(trial.past.customers)])


def in_window(intake: Intake, settings: Settings) -> tuple[Intake, Window, int, dict[str, int]]:
    """Return the intake as customers, the window, its cutoff, and accepted rows that are no customer's, by reason."""
    if intake.activity is None:
        intake = replace(intake, warnings=(*intake.warnings, *without_activity(settings)))
        window = settings.window or default_window(intake.rows, settings.timezone)
        return intake, window, window.cutoff, {}
    window = settings.window or last_window(intake, intake.activity, settings.timezone, settings.rules)
    cutoff = cutoff_of(window, intake.activity, settings)
    given = settings.window is not None
    customers, elsewhere = at_cutoff(intake, intake.activity, window, settings.rules, cutoff, chosen=given)
    late = unwatched(customers.rows, intake.activity, settings.rules)
    hours = settings.rules.recovery / timedelta(hours=1)
    notes = undecided_words(elsewhere["pending"], late, intake.activity, window, hours)
    return replace(customers, warnings=(*customers.warnings, *notes)), window, cutoff, elsewhere


def without_activity(settings: Settings) -> tuple[str, ...]:
    """Say that settings for logs change nothing, where the input is a table of customers."""
    if settings.cutoff is None and settings.rules == FeatureRules():
        return ()
    sentence = (
        "the cutoff and the times to recover a cart are for event logs and checkouts; the input is a customer table, "
        "which says itself who abandoned a cart, so they change nothing"
    )
    return (sentence,)


def cutoff_of(window: Window, activity: Activity, settings: Settings) -> int:
    """Return the time whose knowledge decides which carts were abandoned.

    That is the end of the window, unless a later day is asked for. A window that the activity chose ends with
    its last abandonment, which is one by what came after it, so there the end of the activity decides.

    Raises:
        PeriodError: The day that is asked for is before the window's last.
    """
    if settings.cutoff is None:
        return window.cutoff if settings.window else activity.last + 1
    if settings.cutoff < window.end:
        raise PeriodError(
            f"the cutoff {settings.cutoff} is before the last day of the window {window}",
            where=Setting.CUTOFF,
            hint=f"Give {window.end} or a later day, or choose an earlier window",
            remedies=(Remedy(Setting.CUTOFF, (str(window.end),)), Remedy(Setting.WINDOW)),
        )
    return Window.ending(settings.cutoff, window.timezone).cutoff


def _pending(customers: int) -> tuple[str, ...]:
    """Say that carts of the last hours are not decided yet, and how they will be."""
    if not customers:
        return ()
    some = counted(customers, "customer", "has a cart", "have a cart")
    verb = "is" if customers == 1 else "are"
    return (f"{some} that may still be bought, and {verb} in no segment; a later cutoff decides about them",)


def unwatched(rows: pd.DataFrame, activity: Activity, rules: FeatureRules) -> int:
    """Return how many customers abandoned a cart so late that the input ends before it could be bought in time."""
    return int((rows["cart_abandoned_date"] > pd.Timestamp(activity.last, unit="us", tz="UTC") - rules.recovery).sum())


def undecided_words(pending: int, late: int, activity: Activity, window: Window, hours: float) -> tuple[str, ...]:
    """Say which carts are not decided, or were although the input ends before they could be bought in time."""
    if not late:
        return _pending(pending)
    local = pd.Timestamp(activity.last, unit="us", tz="UTC").tz_convert(window.timezone).strftime("%Y-%m-%d %H:%M")
    some = counted(late, "customer", "counts as an abandoner", "count as abandoners")
    sentence = (
        f"the input ends at {local}, before the cutoff: {some} although the {hours:g} hours in which the cart may "
        "still be bought were not over by then; choose an earlier window, or add what happened later"
    )
    return *_pending(pending), sentence


def silent(step: str, share: float) -> None:
    """Take progress that nobody watches."""


def _decided(intake: Intake, settings: Settings, policy: Policy) -> Intake:
    """Return customers whose columns that the policy splits on are there and read."""
    why = misfit(policy, intake, settings.others)
    if why is not None and why.refused:
        raise why.error
    notes = () if why is None else (why.error.what,)
    return without_undecided(replace(intake, warnings=(*intake.warnings, *notes)), features(policy))
