"""The policy and the settings of a run that rarely change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data_ingestion import DateOrder, Decimal, ReadOptions
from data_ingestion.options import ENCODINGS
from frontend.components import lifts_kept
from frontend.utils import format as fmt
from frontend.utils import policies
from frontend.utils.workspace import lifts, preferences
from retention.activity.features import FeatureRules
from retention.customers.universe import OnConflict
from retention.policy.policy import Assumptions, Policy, Sizes, Weights
from retention.scores.measured_lift import MeasuredLift
from run_store import Preferences

ORDERS: dict[DateOrder, str] = {"auto": "Detect", "dmy": "Day first", "mdy": "Month first", "ymd": "Year first"}
DECIMALS: dict[Decimal, str] = {"auto": "Detect", "point": "Point: 1,234.50", "comma": "Comma: 1.234,50"}
# Names without a slash are old aliases such as EST. In Etc/ signs are turned: Etc/GMT+5 lies west of Greenwich.
TIMEZONES = ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))
CONFLICTS: dict[OnConflict, str] = {"quarantine": "Set all aside", "latest": "Use the last one"}


@dataclass(frozen=True)
class Options:
    """What the form holds.

    `later` says whether what came after the window decides about the carts of its last hours.
    """

    policy: Policy
    sizes: Sizes
    timezone: str
    date_order: DateOrder
    decimal: Decimal
    encoding: str
    rules: FeatureRules
    later: bool
    on_conflict: OnConflict
    currency: str
    weights: Weights | None
    assumptions: Assumptions | None
    lifts: tuple[MeasuredLift, ...]

    @property
    def reading(self) -> ReadOptions:
        """How files are read."""
        return ReadOptions(self.timezone, self.date_order, self.decimal, self.encoding)


KEYS = (
    *("option-policy", "option-min", "option-max", "option-split", "option-timezone"),
    *("option-order", "option-decimal", "option-encoding", "option-conflict", "option-currency"),
)
"""The form's widgets; forgotten when the settings that they start from change."""


def show(*, of_activity: bool) -> Options:
    """Draw the form, which starts from the settings of the workspace, and return what it holds.

    Customers that come from what they did (`of_activity`) need to be told what abandoning is.
    """
    known, settings = policies.known(), preferences()[0]
    names = list(known)
    first = names.index(settings.policy) if settings.policy in known else 0
    policy = known[st.selectbox("Policy", names, index=first, key="option-policy", help=_help(known))]
    st.caption(fmt.plain(policy.title))
    rules, later = _carts() if of_activity else (FeatureRules(), False)
    with st.expander("Sizes and formats", icon=":material/tune:"):
        options = Options(
            policy=policy,
            sizes=sizes(settings.sizes(policy), "option", st.columns(2), splits=True),
            timezone=timezone(settings.timezone, "option-timezone"),
            date_order=st.selectbox("Dates in files", list(ORDERS), format_func=ORDERS.__getitem__, key="option-order"),
            decimal=st.selectbox(
                "Decimals in files", list(DECIMALS), format_func=DECIMALS.__getitem__, key="option-decimal"
            ),
            encoding=_encoding(),
            rules=rules,
            later=later,
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
            lifts=lifts()[0],
        )
    _from_settings(settings)
    lifts_kept.line()
    return options


def _encoding() -> str:
    """Draw the choice of what text is in that is not UTF-8."""
    names = {"auto": "Detect"} | ENCODINGS
    return st.selectbox("Text that is not UTF-8", list(names), format_func=names.__getitem__, key="option-encoding")


def _carts() -> tuple[FeatureRules, bool]:
    """Return when a cart counts as abandoned, and whether later events decide about the last ones."""
    usual = FeatureRules()
    with st.expander("Carts and outcomes", icon=":material/shopping_cart:"):
        wait, back = st.columns(2)
        hours = wait.number_input(
            "Recovery hours",
            min_value=1,
            max_value=24 * 365,
            value=int(usual.recovery / timedelta(hours=1)),
            key="option-recovery",
            help="A cart that is bought within so many hours was not abandoned.",
        )
        days = back.number_input(
            "Outcome days",
            min_value=1,
            max_value=365,
            value=int(usual.outcome / timedelta(days=1)),
            key="option-outcome",
            help="Who had not bought again by the cutoff, and buys within so many days after it, came back.",
        )
        later = st.checkbox(
            "Decide the last day's carts with what came later",
            value=True,
            key="option-later",
            help="Without it, carts of the window's last hours may still be bought, and their customers are in no "
            "segment. Nothing later is used for what is known about a customer.",
        )
    return FeatureRules(timedelta(hours=hours), timedelta(days=days)), later


def _from_settings(settings: Preferences) -> None:
    """Say which settings of the workspace an analysis starts from."""
    words = "; ".join(settings.words())
    if words:
        st.caption(f":material/settings: From Settings: {fmt.plain(words)}")


def _help(known: Mapping[str, Policy]) -> str:
    """Return what each policy is for, as markdown."""
    return "  \n".join(f"**{fmt.plain(name)}**: {fmt.plain(policy.description)}" for name, policy in known.items())


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
        split = st.checkbox("Split larger segments instead", value=split, key=f"{key}-split")
    if minimum is not None and minimum > maximum:
        st.warning("Min size is above max size; max size is used for both.")
        minimum = maximum
    return Sizes(min_size=minimum, max_size=maximum, split_oversize=split)


def timezone(usual: str, key: str) -> str:
    """Draw the choice of the shop's time zone."""
    # The settings may hold a zone that the list leaves out.
    zones = TIMEZONES if usual in TIMEZONES else (usual, *TIMEZONES)
    return st.selectbox("Time zone of the shop", zones, index=zones.index(usual), key=key)
