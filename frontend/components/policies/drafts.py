"""Policies as somebody edits them: one history of drafts, of which the last can be taken back."""

from collections.abc import Callable, Sequence

from frontend.state import AppState, PolicyDraft
from retention.customers.contracts import COLUMNS
from retention.errors import PolicyError
from retention.policy import edits
from retention.policy.edits import Place
from retention.policy.policy import OTHER, Campaign, Policy, Split

FIELDS = {field: field.capitalize() for field in Campaign.model_fields}
LONGEST = 400
MOST = 200
"""Drafts that are remembered."""


def campaigns(policy: Policy) -> dict[str, Campaign]:
    """Return the campaign of each segment, and of those who are left over."""
    return {**policy.segments, OTHER: policy.other}


def edited(policy: Policy, history: Sequence[PolicyDraft]) -> Policy:
    """Return a policy as it was edited last."""
    return next((draft.policy for draft in reversed(history) if draft.origin == policy.name), policy)


def added(history: Sequence[PolicyDraft], draft: PolicyDraft) -> tuple[PolicyDraft, ...]:
    """Return the history with one more draft; what is typed on in the same field of text is one."""
    same = bool(history) and draft.typed and (history[-1].origin, history[-1].field) == (draft.origin, draft.field)
    return (*(history[:-1] if same else history), draft)[-MOST:]


def taken_back(history: Sequence[PolicyDraft], origin: str, *, every: bool = False) -> tuple[PolicyDraft, ...]:
    """Return the history without the last draft of a policy, or without all of them."""
    own = [place for place, draft in enumerate(history) if draft.origin == origin]
    gone = own if every else own[-1:]
    return tuple(draft for place, draft in enumerate(history) if place not in gone)


def change(
    state: AppState, policy: Policy, field: str, edit: Callable[[Policy], Policy], *, typed: bool = False
) -> None:
    """Add what an edit makes of a policy's draft to its history, or have it said at the field why it cannot be."""
    now = edited(policy, state.drafts)
    try:
        after = edit(now)
    except PolicyError as error:
        state.outcomes[field] = error
        return
    if after != now:
        state.drafts = added(state.drafts, PolicyDraft(policy.name, field, after, typed))


def way(policy: Policy, place: Place) -> str:
    """Return the branches that lead to a place, in words."""
    known = edits.nodes(policy)
    above = [known[place[:depth]] for depth in range(len(place))]
    return ", ".join(
        f"{COLUMNS[node.split].label} {label}"
        for node, label in zip(above, place, strict=True)
        if isinstance(node, Split)
    )


def ways(policy: Policy) -> dict[str, str]:
    """Return segment -> the branches that lead to it, in words."""
    leaves = {node: way(policy, place) for place, node in edits.nodes(policy).items() if isinstance(node, str)}
    return {**leaves, OTHER: "who is left over when segments are too small"}
