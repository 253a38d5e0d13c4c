"""The form: a window, customers, a policy, the button that analyses them, and the steps while it runs."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from secrets import token_hex

import streamlit as st

from analysis import Settings
from data_generation import DEFAULT_SEED, DEFAULT_SIZE
from data_ingestion import IntakeSummary
from frontend.components.frame import periods_record
from frontend.components.new_period import day_strip, intakes, source_picker, upload_intake
from frontend.components.settings import options_form
from frontend.components.settings.options_form import Options
from frontend.state import AppState, Result, SyntheticRequest, Upload, preset, value_of
from frontend.utils import format as fmt, messages, pieces, places, primary, runs
from frontend.utils.pieces import LASTING
from frontend.utils.workspace import last_erasure
from retention.errors import InputError, InvariantError
from retention.period import Window, zone
from retention.policy.policy import Policy
from run_store import RunSummary
from workers import job

CustomerSource = SyntheticRequest | Upload | RunSummary
FIRST_DAY = "period-first-day"
PLACE = "analysis"
EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class Order:
    """What a person asked to be analysed; `first` by the button that shows a first week at once, `key` this once."""

    source: CustomerSource
    policy: Policy
    window: Window
    settings: Settings
    first: bool
    key: str = field(default_factory=partial(token_hex, 8))


def show(state: AppState) -> None:
    """Draw the form, and run what it holds when its button or that of the demo was pressed."""
    source, window, options = _form(state)
    ready = source is not None and options.fits
    ordered = primary.button(
        "Run Segmentation Analysis",
        ":material/play_arrow:",
        key="analyse",
        enabled=ready,
        shortcut="Mod+Enter",
        help=None if ready else "Upload or choose customers first." if source is None else "Choose a policy that fits.",
    )
    source = SyntheticRequest(DEFAULT_SIZE, DEFAULT_SEED) if state.demo else source
    if state.order is None and source is not None and (ordered or state.demo):
        state.order = _order(state, source, window, options)
    state.demo = False
    follow(state)
    _outcome(state, window)


def _form(state: AppState) -> tuple[CustomerSource | None, Window, Options]:
    """Draw the three parts, and return what they hold; no source where none is ready."""
    # Shown in another order than drawn: the window needs the zone from the form, and the source needs both. What the
    # form asks depends on what was brought, which `given` knows from the rerun before.
    with pieces.framed("1. The seven days", "Click on a week, or type its first day."):
        period = st.container()
    left, right = st.columns((3, 2))
    with left, pieces.framed("2. The customers", stretched=True):
        customers = st.container()
    given = source_picker.given(state)
    with right, pieces.framed("3. The policy", stretched=True):
        options = options_form.show(None if given is None else given.intake)
    state.rules, state.reading = options.settings.rules, options.reading
    summary = None if given is None else upload_intake.summary(given, state.rules)
    with period:
        window = _window(state, options.settings.timezone, summary)
    with customers:
        return source_picker.show(state, window, options.reading, state.rules), window, options


def _order(state: AppState, source: CustomerSource, window: Window, options: Options) -> Order:
    window, later = source.window if isinstance(source, RunSummary) else window, None
    if options.later and isinstance(source, Upload) and source.intake.activity is not None:
        later = upload_intake.deciding_day(upload_intake.summary(source, state.rules), window, state.rules)
    settings = replace(options.settings, window=window, timezone=window.timezone, cutoff=later)
    return Order(source, options.policy, window, settings, state.demo)


def _outcome(state: AppState, window: Window) -> None:
    """Say beside the button what became of the last press: why it stopped, or what it gave."""
    if state.stopped is not None:
        kept = "" if state.result is None else "The week on screen is the one before."
        pieces.problem(state.stopped, after=kept)
    elif state.result is not None and state.result.run.window != window:
        shown = state.result.run.window
        st.caption(f"On screen is still {fmt.days(shown.start, shown.end)}; nothing has run for the days above yet.")
    elif state.result is not None and state.result.key == state.made:
        _steps(state.result)


def _window(state: AppState, timezone: str, summary: IntakeSummary | None) -> Window:
    """Draw the picker and return the window, at first the last days in which rows that were brought have carts."""
    today, last_day = datetime.now(zone(timezone)).date(), None if summary is None else summary.last_abandonment
    suggested = Window.ending(last_day).start if last_day else last_full_week(today)
    # Set in the state and not as the widget's default: the button sets the state, and Streamlit warns where a widget
    # has both.
    if value_of(FIRST_DAY) is None or (state.window_is_new and last_day is not None):
        preset(FIRST_DAY, suggested)
    state.window_is_new = False
    strip = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first: date | None = st.date_input(
            "First of seven days",
            min_value=EARLIEST,
            max_value=LATEST,
            key=FIRST_DAY,
            format="YYYY-MM-DD",
            **LASTING,
            width=200,
        )
        label = "Last seven days of the data" if last_day else "Last full week"
        same = first == suggested
        st.button(label, icon=":material/event:", on_click=preset, args=(FIRST_DAY, suggested), disabled=same)
    window = Window.starting(first or suggested, timezone)
    st.caption(f"{fmt.days(window.start, window.end)}, both included, {fmt.plain(timezone)}")
    with strip:
        day_strip.show(summary.carts if summary else {}, last_day or today, window, FIRST_DAY)
    return window


def last_full_week(today: date) -> date:
    """Return the Monday of the last week that is over.

    >>> last_full_week(date(2025, 9, 10)), last_full_week(date(2025, 9, 8))
    (datetime.date(2025, 9, 1), datetime.date(2025, 9, 1))
    """
    return today - timedelta(days=today.weekday() + 7)


def follow(state: AppState) -> None:
    """Wait for the analysis that runs, if one does; whatever is touched meanwhile, the page that follows waits on."""
    order = state.order
    pieces.outcome(state, PLACE)
    if not isinstance(order, Order):
        return
    tell = pieces.waiting("Analysing", key="cancel-analysis", cancel=partial(_cancel, state))
    state.stopped = _attempt(order, state, tell)
    state.order = None
    if state.stopped is not None:
        places.go(places.FORM)
    state.made, state.failure = state.result.key if state.result is not None else "", None
    if order.first:
        places.go(places.HOME)
    # The bar still shows the week before.
    st.rerun()


def _cancel(state: AppState) -> None:
    """Wait for the analysis no more; it then ends."""
    state.order, state.stopped, state.outcomes[PLACE] = None, None, job.cancelled()


def _attempt(order: Order, state: AppState, tell: runs.Progress) -> InputError | None:
    """Put the order's result into the state, or return why there is none."""
    try:
        erasure = last_erasure()
        result = _result(order, tell)
        tell("Saving", 0.95)
        state.result = periods_record.keep(state, result, partial(runs.save, result, erasure, order.key, tell))
    except InputError as error:
        return error
    except InvariantError as error:
        return messages.fault(error)
    return None


def _result(order: Order, tell: runs.Progress) -> Result:
    tell("Loading customers", 0.0)
    window = order.window
    if isinstance(order.source, SyntheticRequest):
        source = order.source
        intake = intakes.synthetic(source.size, source.seed, window.end, window.timezone)
        name = f"{fmt.count(source.size)} synthetic customers, seed {source.seed}"
    elif isinstance(order.source, RunSummary):
        intake, name = intakes.saved(order.source), f"customers of '{order.source.name}'"
    else:
        intake = order.source.intake
        name = intake.where
    return runs.analysed(intake, order.policy, order.settings, name, tell)


def _steps(result: Result) -> None:
    account, segments = result.run.accounting, result.run.segmentation.tree.segments
    st.success(
        f"{fmt.counted(account.universe, 'abandoner')} in {fmt.counted(len(segments), 'segment')}, everyone in one. "
        f"{fmt.counted(account.read, 'row')} read, {fmt.count(account.quarantined)} set aside.",
        icon=":material/check:",
    )
    st.page_link(places.HOME, label="See the week", icon=":material/arrow_forward:")
