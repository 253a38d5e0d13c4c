"""The policy and the settings of a run that rarely change."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from data_ingestion import DateOrder
from frontend.utils import format as fmt
from frontend.utils import loaders
from retention.policy import Policy, Sizes
from retention.universe import OnConflict

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


def show() -> Options:
    """Draw the form and return what it holds."""
    policies = loaders.known_policies()
    policy = policies[st.selectbox("Policy", list(policies), key="option-policy", help=_help(policies))]
    st.caption(fmt.plain(policy.title))
    with st.expander("Sizes and formats", icon=":material/tune:"):
        return Options(
            policy=policy,
            sizes=_sizes(policy),
            timezone=_timezone(),
            date_order=st.selectbox("Dates in files", list(ORDERS), format_func=ORDERS.__getitem__, key="option-order"),
            on_conflict=st.selectbox(
                "Contradicting rows", list(CONFLICTS), format_func=CONFLICTS.__getitem__, key="option-conflict"
            ),
            currency=st.text_input(
                "Currency code", max_chars=3, placeholder="As in the data", key="option-currency"
            ).strip(),
        )


def _help(policies: Mapping[str, Policy]) -> str:
    """Return what each policy is for, as markdown."""
    return "  \n".join(f"**{fmt.plain(name)}**: {fmt.plain(one.description)}" for name, one in policies.items())


def _sizes(policy: Policy) -> Sizes:
    least, most = st.columns(2)
    minimum = least.number_input(
        "Min size",
        min_value=1,
        value=None,
        step=50,
        placeholder="Auto",
        key="option-min",
        help="Smaller segments are merged. Auto: 3 % of the abandoners, at most 500.",
    )
    maximum = most.number_input(
        "Max size",
        min_value=1,
        value=policy.sizes.max_size,
        step=1000,
        key="option-max",
        help="Larger segments are delivered in waves of equal size.",
    )
    split = st.checkbox("Split larger segments instead", value=policy.sizes.split_oversize, key="option-split")
    if minimum is not None and minimum > maximum:
        st.warning("Min size is above max size; max size is used for both.")
        minimum = maximum
    return Sizes(min_size=minimum, max_size=maximum, split_oversize=split)


def _timezone() -> str:
    return st.selectbox("Time zone of the shop", loaders.timezones(), key="option-timezone")
