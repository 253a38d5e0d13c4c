"""The shop's settings: defaults of every analysis in this workspace."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from frontend.components.settings import options_form
from frontend.state import AppState, forget, value_of
from frontend.utils import format as fmt, pieces, policies, primary
from frontend.utils.workspace import workspace
from retention.policy.policy import Policy, Weights
from retention.scores.measures import MEASURES
from run_store import Preferences, checked_entries

PREFIX = "setting-"
WEIGHTS = {measure.weight: measure.label for measure in MEASURES.values()}
SHARES = {
    "baseline_conversion": ("Baseline conversion, %", "Share of the abandoners who buy without any campaign."),
    "margin": ("Contribution margin, %", "Share of revenue that is left after the cost of the goods."),
    "redemption": ("Redemption, %", "Share of all contacted customers who redeem the discount."),
}
AMOUNTS = {
    "contact_cost": ("Cost of one contact", "In the shop's currency, for each customer."),
    "discount": ("Cost of one redeemed discount", "In the shop's currency, for each redemption."),
}
FIELDS = (
    *("currency", "timezone", "country", "policy", "min_size", "max_size", "split_oversize", "pictures"),
    *SHARES,
    *AMOUNTS,
    *(f"weight-{name}" for name in WEIGHTS),
)


def show(state: AppState, settings: Preferences) -> None:
    """Draw the form, which starts from what holds now."""
    known = policies.known()
    policy = known.get(settings.policy) or next(iter(known.values()))
    with st.form("settings", border=False):
        _shop(settings)
        _segments(settings, list(known))
        _money(settings, policy)
        _weights(settings, policy)
        with st.container(horizontal=True):
            st.form_submit_button(**primary.look("Save settings"), on_click=_save, args=(state, policy))
            st.form_submit_button("Reset to defaults", icon=":material/restart_alt:", on_click=_reset, args=(state,))


def _shop(settings: Preferences) -> None:
    pieces.heading("Shop")
    left, right = st.columns(2)
    with left:
        about = "Three letters such as EUR, shown beside money; nothing is converted."
        options_form.currency(settings.currency, _key("currency"), help=about)
        options_form.country(settings.country, _key("country"))
    kinds = {"png": "PNG, for slides and mails", "svg": "SVG, for print"}
    about = "What the camera in the corner of each chart gives."
    with right:
        options_form.timezone(settings.timezone, _key("timezone"))
        pieces.segmented("Charts as files", kinds, _key("pictures"), settings.pictures, help=about)


def _segments(settings: Preferences, policy_names: list[str]) -> None:
    pieces.heading("Segments")
    index = policy_names.index(settings.policy) if settings.policy in policy_names else 0
    st.selectbox("Policy", policy_names, index=index, key=_key("policy"), help="The tree that an analysis starts with.")
    least, most = st.columns(2)
    for place, name, label in ((least, "min_size", "Min size"), (most, "max_size", "Max size")):
        value = getattr(settings, name)
        place.number_input(label, min_value=1, value=value, step=50, key=_key(name), placeholder="As in the policy")
    st.checkbox("Split larger segments instead", value=bool(settings.split_oversize), key=_key("split_oversize"))


def _money(settings: Preferences, policy: Policy) -> None:
    pieces.heading(
        "Assumptions about money",
        "They replace the policy's in expected profit, which stays marked as assumed until an experiment measures it. "
        "An empty field takes the policy's value, shown in grey.",
    )
    with st.grid(3, min_column_width=200):
        for name, (label, explanation) in SHARES.items():
            usual = fmt.percent(policy.assumptions.plain(name), 1)
            value = getattr(settings, name)
            shown = None if value is None else round(100 * value, 6)
            _number(name, label, explanation, shown, usual, 100.0)
        for name, (label, explanation) in AMOUNTS.items():
            usual = fmt.money(getattr(policy.assumptions, name), settings.currency)
            _number(name, label, explanation, getattr(settings, name), usual, 1e9)


def _weights(settings: Preferences, policy: Policy) -> None:
    about = "Only their proportions matter. All empty: each policy's own. Some empty: those of the policy above."
    pieces.heading("Weights of the overall score", about)
    with st.grid(3, min_column_width=200):
        for name, label in WEIGHTS.items():
            value = getattr(settings.weights, name) if settings.weights else None
            usual = f"{getattr(policy.weights, name):g}"
            _number(f"weight-{name}", label, "", value, usual, 1e6)


def _number(name: str, label: str, explanation: str, value: float | None, usual: str, most: float) -> None:
    st.number_input(
        label,
        min_value=0.0,
        max_value=most,
        value=value,
        step=0.05 if name.startswith("weight-") else 1.0 if name in SHARES else 0.01,
        format="%g" if name not in AMOUNTS else "%.2f",
        key=_key(name),
        placeholder=usual,
        help=explanation or None,
    )


def _save(state: AppState, policy: Policy) -> None:
    def save() -> None:
        with checked_entries():
            preferences = _entered(policy)
        workspace().keep_preferences(preferences)

    _apply(state, save, "Settings saved; every new analysis starts from them.")


def _reset(state: AppState) -> None:
    _apply(state, workspace().forget_preferences, "Settings are back at their defaults.")


def _apply(state: AppState, change: Callable[[], None], notice: str) -> None:
    if state.attempt(change, notice):
        # Both forms show what now holds, and not what stood in them.
        forget(*map(_key, FIELDS), *options_form.KEYS)


def _entered(policy: Policy) -> Preferences:
    names = ("timezone", "country", "policy", "min_size", "max_size", "pictures", *AMOUNTS)
    plain = {name: value_of(_key(name)) for name in names}
    percents = {name: value_of(_key(name)) for name in SHARES}
    shares: dict[str, Any] = {name: None if value is None else value / 100 for name, value in percents.items()}
    weights = {name: value_of(_key(f"weight-{name}")) for name in WEIGHTS}
    given = {name: value for name, value in weights.items() if value is not None}
    return Preferences(
        **plain,
        **shares,
        currency=str(value_of(_key("currency")) or "").strip().upper(),
        split_oversize=True if value_of(_key("split_oversize")) else None,
        weights=Weights(**(policy.weights.model_dump() | given)) if given else None,
    )


def _key(name: str) -> str:
    return f"{PREFIX}{name}"
