"""The workbench of the page "What if": what a person asks for on top, what follows from it below."""

from functools import partial

import streamlit as st

from frontend.components import options_form, pieces, what_if_results
from frontend.state import AppState, Result
from frontend.utils import format as fmt
from frontend.utils import runs, trials
from frontend.utils.store import Store, key_of
from frontend.utils.workspace import workspace
from retention.errors import InputError
from retention.partition.what_if import Knob, Stop, WhatIf
from retention.policy.policy import Policy, Sizes, Weights
from retention.policy.yaml_text import policy_to_yaml

TITLE = "what-if-title"
LONGEST = 100

TRIALS = Store[trials.Trial](entries=256)
RANGE = 2
"""One slider has at most two handles."""


@st.fragment
def show(result: Result, state: AppState) -> None:
    """Draw the page; a slider reruns this part alone."""
    with st.spinner("Counting the finer cells", show_time=False):
        what_if = runs.what_if(result)
    today = _trial(result, what_if, trials.start(what_if))
    _about(what_if)
    request = _request(what_if, f"what-if-{result.key[:12]}-{state.what_if_round}", state)
    draft = _trial(result, what_if, request)
    what_if_results.show(today, draft)
    _save(what_if, draft, state)


def _trial(result: Result, what_if: WhatIf, request: trials.TrialRequest) -> trials.Trial:
    """Return what a draft gives; a draft that was tried before costs nothing.

    Raises:
        OptionError: The cuts do not increase.
    """
    evidence = result.run.scores.evidence
    return TRIALS.get(key_of(result.key, request), lambda: trials.try_out(what_if, request, evidence))


def _about(what_if: WhatIf) -> None:
    if what_if.policy.sizes.split_oversize:
        st.info(
            "Drafts deliver segments over the maximum in waves; splitting them needs a new run. "
            "Today's numbers on this page do not include such splits.",
            icon=":material/info:",
        )


def _request(what_if: WhatIf, key: str, state: AppState) -> trials.TrialRequest:
    """Draw the controls and return the draft they stand for."""
    with st.container(border=True):
        cuts, sizes, weights = st.tabs(["Cuts", "Sizes", "Score weights"])
        with cuts:
            chosen = _cuts(what_if, key)
        with sizes:
            limits = _sizes(what_if, key)
        with weights:
            weighed = _weights(what_if, key)
        request = trials.TrialRequest(chosen, limits, weighed)
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            key="what-if-reset",
            on_click=_reset,
            args=(state,),
            disabled=request == trials.start(what_if),
            help="Back to today's policy.",
        )
    return request


def _reset(state: AppState) -> None:
    # The number is part of the keys: under new keys Streamlit makes new widgets, which start from today's policy.
    state.what_if_round += 1


def _cuts(what_if: WhatIf, key: str) -> tuple[tuple[Knob, tuple[Stop, ...]], ...]:
    """Draw a slider for each knob and return those that stand elsewhere than today."""
    sliders = trials.sliders(what_if)
    if not sliders:
        st.caption("This policy has no cuts; its splits go by groups of values.")
    chosen = []
    with st.grid(2 if len(sliders) > 1 else 1, min_column_width=300, gap="medium"):
        for number, slider in enumerate(sliders):
            with st.container():
                labels = _places(slider, f"{key}-{number}")
            # A knob that stands as today is left out, so that an untouched draft equals today's: its trial is found in
            # the store, and Reset is off. Sorted, because the handles of several sliders may cross.
            if sorted(labels) == sorted(slider.today):
                continue
            if len(set(labels)) < len(labels):
                st.warning(f"Two cuts of {slider.title} are at the same place; the draft keeps today's.")
                continue
            chosen.append((slider.knob, slider.stops(labels)))
    st.caption("A place is the share of the abandoners at or below the cut, and the cut itself.")
    return tuple(chosen)


def _places(slider: trials.Slider, key: str) -> tuple[str, ...]:
    """Draw a slider, or several where there are more cuts than handles, and return the chosen labels."""
    labels, now = list(slider.places), slider.today
    if not slider.can_move:
        st.caption(f"{slider.title}: there is no other place to cut at.")
        return now
    if len(now) == RANGE:
        low, high = st.select_slider(
            slider.title, labels, value=(now[0], now[1]), key=key, persist_state="session", help=_help(slider)
        )
        return low, high
    titles = [slider.title] if len(now) == 1 else [f"{slider.title}, cut {place}" for place in range(1, len(now) + 1)]
    return tuple(
        st.select_slider(title, labels, value=label, key=f"{key}-{place}", persist_state="session", help=_help(slider))
        for place, (title, label) in enumerate(zip(titles, now, strict=True))
    )


def _help(slider: trials.Slider) -> str:
    return fmt.plain(f"Today: {' and '.join(slider.today)}")


def _sizes(what_if: WhatIf, key: str) -> Sizes:
    automatic = f"Auto ({fmt.count(trials.automatic_minimum(int(what_if.cube.size.sum())))})"
    place = st.grid(2, min_column_width=200)
    return options_form.sizes(what_if.policy.sizes, key, (place, place), automatic=automatic, persist_state="session")


def _weights(what_if: WhatIf, key: str) -> Weights:
    """Draw a slider for each weight and return the weights; only their proportions matter."""
    today = what_if.policy.weights
    before, now = trials.parts_of(today), dict[str, int]()
    with st.grid(3, min_column_width=200, gap="medium"):
        for name, label in trials.WEIGHTS.items():
            now[name] = st.slider(
                label, 0, trials.HEAVIEST, before[name], step=1, key=f"{key}-{name}", persist_state="session"
            )
    if now == before:
        return today
    weights = trials.weights_of(now)
    if weights is None:
        st.warning("At least one weight must be above 0; the draft keeps today's.")
    else:
        st.caption("Only proportions matter: two weights of 50 count the same as two of 10.")
    return weights or today


def _save(what_if: WhatIf, draft: trials.Trial, state: AppState) -> None:
    """Draw the form that saves the draft."""
    with pieces.framed("Save as policy"):
        title = st.text_input(
            "Title", value=f"{what_if.policy.name} draft", max_chars=LONGEST, key=TITLE, required=True
        )
        policy = trials.named(draft.policy, title or what_if.policy.title)
        st.caption(
            f"Its name is {fmt.plain(policy.name)}. The command line reads the file: "
            f"`python main.py --input your_data.csv --policy {policy.name}.yaml`"
        )
        with st.container(horizontal=True):
            pieces.download("Download YAML", partial(_yaml, policy), f"{policy.name}.yaml", key="what-if-yaml")
            if st.button("Keep in workspace", icon=":material/bookmark_add:", key="what-if-keep"):
                _keep(policy, state)
        _outcome(policy, state)


def _yaml(policy: Policy) -> bytes:
    return policy_to_yaml(policy).encode()


def _keep(policy: Policy, state: AppState) -> None:
    try:
        workspace().keep_policy(policy)
    except InputError as error:
        state.what_if_kept = error
    else:
        state.what_if_kept = policy.name
        # The picker in the sidebar offers the new policy, so the whole page is drawn anew.
        st.rerun()


def _outcome(policy: Policy, state: AppState) -> None:
    """Say what became of keeping, as long as the title is the same."""
    kept = state.what_if_kept
    if isinstance(kept, InputError):
        pieces.problem(kept)
        state.what_if_kept = ""
    elif kept == policy.name:
        st.success(f"{fmt.plain(policy.title)} is kept; choose it under Policy.", icon=":material/check:")
