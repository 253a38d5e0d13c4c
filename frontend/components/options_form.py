"""The policy and the settings of a run that rarely change."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from data_ingestion import DateOrder
from frontend.components import lifts_kept
from frontend.utils import experiments, loaders, workspace
from frontend.utils import format as fmt
from retention.measured_lift import MeasuredLift
from retention.policy import Assumptions, Policy, Sizes, Weights
from retention.universe import OnConflict
from run_store import Preferences

ORDERS: dict[DateOrder, str] = {"auto": "Detect", "dmy": "Day first", "mdy": "Month first", "ymd": "Year first"}
CONFLICTS: dict[OnConflict, str] = {"quarantine": "Set all aside", "latest": "Use the last one"}


@dataclass(frozen=True)
class Options:
    """What the form holds."""

    policy: Policy
    sizes: Sizes
    timezone: str
    date_order: DateOrder
    on_conflict: OnConflict
    currency: str
    weights: Weights | None
    assumptions: Assumptions | None
    lifts: tuple[MeasuredLift, ...]


KEYS = (
    *("option-policy", "option-min", "option-max", "option-split", "option-timezone"),
    *("option-order", "option-conflict", "option-currency"),
)
"""The form's widgets; forgotten when the settings that they start from change."""


def show() -> Options:
    """Draw the form, which starts from the settings of the workspace, and return what it holds."""
    policies, settings = loaders.known_policies(), workspace.preferences()
    names = list(policies)
    first = names.index(settings.policy) if settings.policy in policies else 0
    policy = policies[st.selectbox("Policy", names, index=first, key="option-policy", help=_help(policies))]
    st.caption(fmt.plain(policy.title))
    with st.expander("Sizes and formats", icon=":material/tune:"):
        options = Options(
            policy=policy,
            sizes=_sizes(settings.sizes(policy)),
            timezone=_timezone(settings.timezone),
            date_order=st.selectbox("Dates in files", list(ORDERS), format_func=ORDERS.__getitem__, key="option-order"),
            on_conflict=st.selectbox(
                "Contradicting rows", list(CONFLICTS), format_func=CONFLICTS.__getitem__, key="option-conflict"
            ),
            currency=st.text_input(
                "Currency code",
                value=settings.currency,
                max_chars=3,
                placeholder="As in the data",
                key="option-currency",
            ).strip(),
            weights=settings.weights,
            assumptions=settings.assumptions(policy),
            lifts=experiments.lifts(),
        )
    _from_settings(settings)
    lifts_kept.line()
    return options


def _from_settings(settings: Preferences) -> None:
    """Say which settings of the workspace an analysis starts from."""
    words = "; ".join(settings.words())
    if words:
        st.caption(f":material/settings: From Settings: {fmt.plain(words)}")


def _help(policies: Mapping[str, Policy]) -> str:
    """Return what each policy is for, as markdown."""
    return "  \n".join(f"**{fmt.plain(name)}**: {fmt.plain(one.description)}" for name, one in policies.items())


def _sizes(usual: Sizes) -> Sizes:
    least, most = st.columns(2)
    minimum = least.number_input(
        "Min size",
        min_value=1,
        value=usual.min_size,
        step=50,
        placeholder="Auto",
        key="option-min",
        help="Smaller segments are merged. Auto: 3 % of the abandoners, at most 500.",
    )
    maximum = most.number_input(
        "Max size",
        min_value=1,
        value=usual.max_size,
        step=1000,
        key="option-max",
        help="Larger segments are delivered in waves of equal size.",
    )
    split = st.checkbox("Split larger segments instead", value=usual.split_oversize, key="option-split")
    if minimum is not None and minimum > maximum:
        st.warning("Min size is above max size; max size is used for both.")
        minimum = maximum
    return Sizes(min_size=minimum, max_size=maximum, split_oversize=split)


def _timezone(usual: str) -> str:
    known = loaders.timezones()
    zones = known if usual in known else [usual, *known]
    return st.selectbox("Time zone of the shop", zones, index=zones.index(usual), key="option-timezone")
