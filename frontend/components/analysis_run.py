"""One analysis, watched: its steps while it runs, its result in the state, or why it stopped."""

import streamlit as st

from frontend.components import periods_record
from frontend.components.new_period import Order
from frontend.state import AppState, Result, SyntheticRequest
from frontend.utils import format as fmt
from frontend.utils import intakes, messages, runs
from retention.errors import InputError, InvariantError
from run_store import RunSummary


def show(order: Order, state: AppState) -> None:
    """Run the order; a failure leaves the result on screen as it is."""
    with st.status("Analysing", expanded=True) as status:
        bar = st.progress(0.0)

        def tell(step: str, share: float) -> None:
            bar.progress(min(share, 1.0), step)

        state.failure = _attempt(order, state, tell)
        bar.empty()
        if state.failure is not None:
            status.update(label="The analysis stopped", state="error", expanded=True)
            st.markdown(messages.title(state.failure))
        elif state.result is not None:
            status.update(label="Analysis done", state="complete", expanded=False)
            _steps(state.result)


def _attempt(order: Order, state: AppState, tell: runs.Progress) -> InputError | None:
    """Put the order's result into the state, or return why there is none."""
    try:
        result = _result(order, tell)
        tell("Saving", 0.95)
        state.result = periods_record.keep(state, result)
    except InputError as error:
        return error
    except InvariantError as error:
        return InputError("The program found a fault of its own and stopped", where=str(error), hint="Please report it")
    return None


def _result(order: Order, tell: runs.Progress) -> Result:
    tell("Loading customers", 0.0)
    if isinstance(order.source, SyntheticRequest):
        source = order.source
        intake = intakes.synthetic(source.size, source.seed, order.window.end, order.window.timezone)
        name = f"{fmt.count(source.size)} synthetic customers, seed {source.seed}"
    elif isinstance(order.source, RunSummary):
        intake, name = intakes.saved(order.source), f"customers of '{order.source.name}'"
    else:
        intake = order.source.intake
        name = ", ".join(part.name for part in intake.sources)
    return runs.analysed(intake, order.policy, order.settings, name, tell)


def _steps(result: Result) -> None:
    account, segments = result.run.accounting, result.run.segmentation.tree.segments
    st.caption(f"{fmt.counted(account.read, 'row')} read, {fmt.count(account.quarantined)} set aside")
    st.caption(f"{fmt.counted(account.universe, 'abandoner')} in the window")
    st.caption(f"{fmt.counted(len(segments), 'segment')}, each customer in exactly one")
