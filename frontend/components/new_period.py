"""The sidebar: a window, customers, a policy, and the button that analyses them."""

from dataclasses import dataclass
from datetime import date, datetime

import streamlit as st

from analysis import Settings
from data_generation import DEFAULT_SEED, DEFAULT_SIZE
from data_ingestion import ReadOptions
from frontend.components import options_form, source_picker, window_picker
from frontend.state import AppState, SavedPeriod, Synthetic, Upload
from retention.period import Window, zone
from retention.policy import Policy


@dataclass(frozen=True)
class Order:
    """What a person asked to be analysed."""

    source: Synthetic | Upload | SavedPeriod
    policy: Policy
    window: Window
    settings: Settings


def show(state: AppState) -> Order | None:
    """Draw the sidebar and return the order when the button was pressed."""
    if state.demo:
        state.synthetic = state.synthetic or Synthetic(DEFAULT_SIZE, DEFAULT_SEED)
    st.subheader("New Analysis Period")
    period, customers = st.container(), st.container()
    options = options_form.show()
    with period:
        window = _window(state, options.timezone)
    with customers:
        source = source_picker.show(state, window, ReadOptions(options.timezone, options.date_order))
    asked = st.button(
        "Run Segmentation Analysis",
        type="primary",
        width="stretch",
        disabled=source is None,
        icon=":material/play_arrow:",
        key="analyse",
        help="Generate, upload or choose customers first." if source is None else None,
    )
    source = state.synthetic if state.demo else source
    asked, state.demo = asked or state.demo, False
    if not asked or source is None:
        return None
    if isinstance(source, SavedPeriod):
        window = source.window
    settings = Settings(
        window=window,
        timezone=window.timezone,
        sizes=options.sizes,
        on_conflict=options.on_conflict,
        currency=options.currency,
        weights=options.weights,
        assumptions=options.assumptions,
        lifts=options.lifts,
    )
    return Order(source, options.policy, window, settings)


def _window(state: AppState, timezone: str) -> Window:
    last = _last_day(state, timezone)
    if state.window_is_new and last is not None:
        window_picker.reset(last)
    state.window_is_new = False
    return window_picker.show(datetime.now(zone(timezone)).date(), timezone, last)


def _last_day(state: AppState, timezone: str) -> date | None:
    """Return the last abandonment date of the uploaded rows."""
    if state.upload is None or not source_picker.is_upload():
        return None
    last: date = state.upload.intake.rows["cart_abandoned_date"].max().tz_convert(zone(timezone)).date()
    return last
