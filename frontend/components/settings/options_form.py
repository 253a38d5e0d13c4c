"""The policy and the settings of a run that rarely change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import available_timezones

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis import Settings
from analysis.policy_fit import misfit
from data_ingestion import DateOrder, Decimal, Intake, ReadOptions
from data_ingestion.options import ENCODINGS
from frontend.components.settings import lift_list
from frontend.state import forget, preset
from frontend.utils import format as fmt, pieces, policies
from frontend.utils.pieces import LASTING
from frontend.utils.workspace import lifts, preferences
from retention.activity.features import FeatureRules
from retention.customers.phone import REGIONS
from retention.customers.universe import OnConflict
from retention.policy.policy import Policy, Sizes

ORDERS: dict[DateOrder, str] = {"auto": "Detect", "dmy": "Day first", "mdy": "Month first", "ymd": "Year first"}
DECIMALS: dict[Decimal, str] = {"auto": "Detect", "point": "Point: 1,234.50", "comma": "Comma: 1.234,50"}
# Names without a slash are old aliases such as EST. In Etc/ signs are turned: Etc/GMT+5 lies west of Greenwich.
TIMEZONES = ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))
CONFLICTS: dict[OnConflict, str] = {"quarantine": "Set all aside", "latest": "Use the last one"}


@dataclass(frozen=True)
class Options:
    """What the form holds; `later` is whether what came after the window decides about the carts of its last hours."""

    policy: Policy
    settings: Settings
    reading: ReadOptions
    later: bool
    fits: bool


SIZES = ("option-min", "option-max", "option-split")
"""Widgets that start from the chosen policy."""
KEYS = (
    *(*SIZES, "option-policy", "option-timezone", "option-country"),
    *("option-order", "option-decimal", "option-encoding", "option-conflict", "option-currency"),
)
"""The form's widgets; forgotten when the settings that they start from change."""


def show(intake: Intake | None) -> Options:
    """Draw the form, which starts from the settings of the workspace, and return what it holds.

    Args:
        intake: The customers that were brought; what they did needs to be told what abandoning is. None: not known yet.
    """
    known, usual = policies.known(), preferences()[0]
    policy = _policy(known, usual.policy)
    fits = intake is None or _fits(policy, intake, known)
    refused_policies()
    rules, later = _carts() if intake is not None and intake.activity is not None else (FeatureRules(), False)
    with st.expander("Sizes and formats", icon=":material/tune:"):
        limits = sizes(usual.sizes(policy), "option", st.columns(2), splits=True, **LASTING)
        zone = timezone(usual.timezone, "option-timezone", **LASTING)
        numbers_of = country(usual.country, "option-country", **LASTING)
        reading = ReadOptions(
            zone,
            pieces.pick("Dates in files", ORDERS, "option-order", **LASTING),
            pieces.pick("Decimals in files", DECIMALS, "option-decimal", **LASTING),
            pieces.pick("Text that is not UTF-8", {"auto": "Detect"} | ENCODINGS, "option-encoding", **LASTING),
            country=numbers_of,
        )
        settings = Settings(
            timezone=zone,
            sizes=limits,
            on_conflict=pieces.pick("Contradicting rows", CONFLICTS, "option-conflict", **LASTING),
            currency=currency(usual.currency, "option-currency", **LASTING),
            weights=usual.weights,
            assumptions=usual.assumptions(policy),
            lifts=lifts()[0],
            rules=rules,
            others=partial(tuple, tuple(known.values())),
        )
    words = "; ".join(usual.words())
    if words:
        st.caption(f":material/settings: From Settings: {fmt.plain(words)}")
    lift_list.line()
    return Options(policy, settings, reading, later, fits)


def _fits(policy: Policy, intake: Intake, known: Mapping[str, Policy]) -> bool:
    """Say where a policy does not fit the customers, with a button for those that do, and return whether it may run."""
    fault = misfit(policy, intake, known.values)
    if fault is None:
        return True
    pieces.problem(fault.error, kind="error" if fault.refused else "warning")
    with st.container(horizontal=True):
        for name in fault.error.remedies[0].values:
            st.button(f"Use {fmt.plain(name)}", key=f"use-{name}", on_click=_use, args=(name,))
    return not fault.refused


def _use(name: str) -> None:
    forget(*SIZES)
    preset("option-policy", name)


def refused_policies() -> None:
    """Say which policies of the workspace cannot be chosen, and why."""
    for name, error in policies.refused().items():
        pieces.problem(error, kind="warning", title=f"{fmt.plain(name)} cannot be chosen.")


def _policy(known: Mapping[str, Policy], usual: str) -> Policy:
    names = list(known)
    name: str = st.selectbox(
        "Policy",
        names,
        index=names.index(usual) if usual in known else 0,
        key="option-policy",
        on_change=forget,
        args=SIZES,
        **LASTING,
    )
    st.caption(fmt.plain(known[name].title))
    pieces.points([f"{segment}: {campaign.audience}" for segment, campaign in known[name].segments.items()])
    return known[name]


def _carts() -> tuple[FeatureRules, bool]:
    """Return when a cart counts as abandoned, and whether later events decide about the last ones."""
    usual = FeatureRules()
    with st.expander("Carts and outcomes", icon=":material/shopping_cart:"):
        wait, back = st.columns(2)
        about = "A cart that is bought within so many hours was not abandoned."
        ends = (1, 24 * 365, int(usual.recovery / timedelta(hours=1)))
        hours = pieces.whole("Recovery hours", ends, "option-recovery", place=wait, about=about)
        about = "Who had not bought again by the cutoff, and buys within so many days after it, came back."
        ends = (1, 365, int(usual.outcome / timedelta(days=1)))
        days = pieces.whole("Outcome days", ends, "option-outcome", place=back, about=about)
        later = st.checkbox(
            "Decide the last day's carts with what came later",
            value=True,
            key="option-later",
            **LASTING,
            help="Without it, carts of the window's last hours may still be bought, and their customers are in no "
            "segment. Nothing later is used for what is known about a customer.",
        )
    return FeatureRules(timedelta(hours=hours), timedelta(days=days)), later


def sizes(
    usual: Sizes,
    key: str,
    places: Sequence[DeltaGenerator],
    *,
    automatic: str = "Auto",
    splits: bool = False,
    **look: Any,
) -> Sizes:
    """Draw the size limits in two places and, where it `splits`, the choice to split; return what they hold."""
    least, most = places
    about = "Smaller segments are merged. Auto: 3 % of the abandoners, at most 500."
    minimum = least.number_input(
        "Min size", 1, None, usual.min_size, 50, key=f"{key}-min", help=about, placeholder=automatic, **look
    )
    about = "Larger segments are delivered in waves of equal size."
    maximum = most.number_input("Max size", 1, None, usual.max_size, 1000, key=f"{key}-max", help=about, **look)
    split = usual.split_oversize
    if splits:
        split = st.checkbox("Split larger segments instead", value=split, key=f"{key}-split", **look)
    if minimum is not None and minimum > maximum:
        st.warning("Min size is above max size; max size is used for both.")
        minimum = maximum
    return Sizes(min_size=minimum, max_size=maximum, split_oversize=split)


def currency(usual: str, key: str, **look: Any) -> str:
    """Draw the field of the shop's currency and return its code."""
    code: str = st.text_input("Currency code", value=usual, max_chars=3, placeholder="As in the data", key=key, **look)
    return code.strip()


def timezone(usual: str, key: str, **look: Any) -> str:
    """Draw the choice of the shop's time zone."""
    # The settings may hold a zone that the list leaves out.
    zones = TIMEZONES if usual in TIMEZONES else (usual, *TIMEZONES)
    chosen: str = st.selectbox("Time zone of the shop", zones, index=zones.index(usual), key=key, **look)
    return chosen


def country(usual: str, key: str, **look: Any) -> str:
    """Draw the choice of the country whose phone numbers are written without one; empty for none."""
    words = {"": "Not told"} | {code: code for code in REGIONS}
    about = "For numbers without + of customers without a country."
    return pieces.pick("Country of phone numbers", words, key, index=list(words).index(usual), help=about, **look)
