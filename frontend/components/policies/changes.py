"""What a draft changes against another policy: in words, and in customers and money of the week on screen."""

from collections.abc import Mapping

import streamlit as st

from analysis.comparison import PolicyChange, compare_policies
from frontend.components.trends.moves import moves, moves_words
from frontend.state import Result, preset_unless
from frontend.utils import format as fmt, pieces, runs
from frontend.utils.store import Store, key_of
from retention.errors import InputError
from retention.policy.differences import differences, renames
from retention.policy.policy import Policy, leaf_names
from retention.policy.yaml_text import policy_hash

CHANGES = Store[PolicyChange](entries=128)
MOST = 3
"""Moves that are told in words."""


def of_week(result: Result | None, before: Policy, after: Policy) -> PolicyChange | InputError | None:
    """Return both policies over the week on screen; None without a week, and why not where one does not fit it."""
    if result is None:
        return None
    key = key_of(result.key, policy_hash(before), policy_hash(after))
    try:
        with st.spinner("Counting the customers", show_time=False):
            return CHANGES.get(key, lambda: compare_policies(result.run, runs.what_if(result), before, after))
    except InputError as error:
        return error


def numbers(change: PolicyChange | InputError | None, draft: Policy, currency: str) -> dict[str, str]:
    """Return customers and expected profit of each segment of a draft in words, beside those before."""
    if not isinstance(change, PolicyChange):
        return {}
    before, after = (scores.table.set_index("Segment") for scores in change.scores)
    texts = dict.fromkeys(leaf_names(draft.tree), "joins another: too small")
    for name, size, profit in zip(after.index, after["Size"], after["Incremental_Profit"], strict=True):
        more = int(size - before["Size"].get(name, size))
        changed = f" ({more:+,})" if more else ""
        texts[name] = f"{fmt.counted(size, 'customer')}{changed}, expected profit {fmt.money(profit, currency)}"
    return texts


def show(result: Result | None, draft: Policy, origin: Policy, others: Mapping[str, Policy]) -> None:
    """Draw the differences between a draft and the policy that is chosen, which is at first the one it came from."""
    key = f"compared-{origin.name}"
    preset_unless(key, list(others), origin.name)
    other = others[st.selectbox("Compared with", list(others), key=key)]
    words = differences(other, draft)
    pieces.points([fmt.sentence(each) for each in words] or ["Nothing: tree, texts and settings are the same."])
    change = of_week(result, other, draft)
    if isinstance(change, InputError):
        pieces.problem(change, kind="warning")
    elif change is None or result is None:
        st.caption("With a week on screen, the customers who move and what that is worth are shown here.")
    else:
        _of_customers(change, renames(other, draft), result.run.currency)


def _of_customers(change: PolicyChange, names: Mapping[str, str], currency: str) -> None:
    before, after = (list(part.tree.names) for part in (change.before, change.after))
    moved = moves(change.moves, [names.get(name, name) for name in before], after)
    worth = [float(scores.table["Incremental_Profit"].sum()) for scores in change.scores]
    gain = fmt.money(worth[1] - worth[0], currency, sign=True)
    sentences = [
        f"{source} loses {fmt.counted(number, 'customer')} to {target}."
        for source, target, number, _ in moved.head(MOST).to_numpy().tolist()
    ]
    everyone = f"{fmt.count(int(moved['Customers'].sum()))} of {fmt.count(int(change.moves.sum()))} customers move."
    pieces.points(
        [
            everyone,
            *sentences,
            f"Expected profit {fmt.money(worth[1], currency)}, a change of {gain}; assumed, not measured.",
        ]
    )
    if len(moved):
        pieces.table(
            moves_words(moved), alt="Customers who move from segment to segment, with the share of the one they leave"
        )
