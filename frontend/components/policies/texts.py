"""A policy's campaign texts as somebody edits them: edits over the policy, of which the last can be taken back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pydantic import ValidationError

from frontend.state import TextEdit
from retention.customers.contracts import COLUMNS
from retention.errors import PolicyError
from retention.policy.policy import OTHER, Campaign, Policy, Split
from retention.policy.yaml_text import faults_of

FIELDS = {
    "audience": "Audience",
    "message": "Message",
    "offer": "Offer",
    "channel": "Channel",
    "timing": "Timing",
}
LONGEST = 400


def campaigns(policy: Policy) -> dict[str, Campaign]:
    """Return the campaign of each segment, and of those who are left over."""
    return {**policy.segments, OTHER: policy.other}


def edited(policy: Policy, edits: Sequence[TextEdit]) -> Policy:
    """Return the policy with the edits of its texts.

    Raises:
        PolicyError: A text is empty or too long.
    """
    texts = {name: campaign.model_dump() for name, campaign in campaigns(policy).items()}
    for edit in edits:
        if edit.policy == policy.name and edit.segment in texts:
            texts[edit.segment][edit.field] = edit.text.strip()
    try:
        made = {name: Campaign.model_validate(fields) for name, fields in texts.items()}
    except ValidationError as error:
        raise PolicyError("; ".join(faults_of(error)), hint=f"Write 1 to {LONGEST} characters") from error
    return policy.model_copy(update={"other": made.pop(OTHER), "segments": made})


def added(edits: Sequence[TextEdit], edit: TextEdit) -> tuple[TextEdit, ...]:
    """Return the edits with one more; what is typed on in the same field is one edit.

    >>> typed = added((TextEdit("p", "VIP", "offer", "F"),), TextEdit("p", "VIP", "offer", "Free"))
    >>> [each.text for each in added(typed, TextEdit("p", "VIP", "timing", "Now"))]
    ['Free', 'Now']
    """
    same = bool(edits) and replace(edits[-1], text=edit.text) == edit
    return (*(edits[:-1] if same else edits), edit)


def ways(policy: Policy) -> dict[str, str]:
    """Return segment -> the branches that lead to it, in words."""
    return dict(_ways(policy.tree, ())) | {OTHER: "who is left over when segments are too small"}


def _ways(node: Split | str, way: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not isinstance(node, Split):
        yield node, ", ".join(way)
        return
    for branch, child in node.branches.items():
        yield from _ways(child, (*way, f"{COLUMNS[node.split].label} {branch}"))
