"""The tree of a policy's draft in words, and one node at a time to change by plain fields."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from frontend.components.policies import drafts
from frontend.components.policies.fields import Fields
from frontend.state import AppState, preset, preset_unless, value_of
from frontend.utils import format as fmt, palette
from retention.customers.contracts import CATEGORICAL_FEATURES, COLUMNS, NUMERIC_FEATURES, OUTCOMES
from retention.policy import edits
from retention.policy.edits import LONGEST, Place
from retention.policy.policy import LearnedCuts, Policy, Split, leaf_names

METHODS = {
    "": "As written below",
    "quantile": "The same number of customers in each",
    "kmeans": "Values that are alike together",
    "equal": "Ranges of the same width",
    "share": "The same part of the sum in each",
    "supervised": "Where an outcome differs most",
}
OWN = "unknown"
"""The branch of missing values alone, until it is renamed."""
CUTS = (
    "Values such as 90 or quantiles such as q80, with commas between; a value equal to a cut goes to the lower branch."
)
GROUPS = "Values with commas between them, groups with semicolons: north, east; south. All others get their own branch."


def show(policy: Policy, draft: Policy, state: AppState) -> None:
    """Draw the fields of the node that is chosen."""
    nodes = {"\n".join(place): place for place in edits.nodes(draft)}
    key = f"node-{policy.name}"
    # The browser knows an option by its words, which an edit may have changed, so it is told what is chosen.
    preset(key, value if (value := value_of(key)) in nodes else "")
    chosen = nodes[st.selectbox("Change", list(nodes), key=key, format_func=lambda name: _words(draft, nodes[name]))]
    node, of = edits.nodes(draft)[chosen], Fields(state, policy, f"tree-{policy.name}-{'-'.join(chosen)}")
    with st.container(border=True):
        if isinstance(node, Split):
            _split(node, chosen, of)
        else:
            _leaf(node, chosen, of)


def outline(draft: Policy, numbers: Mapping[str, str]) -> None:
    """Draw the tree as a nested list, with each segment's numbers."""
    colours, lines = palette.of_segments(draft, leaf_names(draft.tree)), []
    for place, node in edits.nodes(draft).items():
        before = f"{'    ' * len(place)}- {fmt.plain(place[-1]) + ': ' if place else ''}"
        if isinstance(node, Split):
            lines.append(f"{before}by {fmt.plain(_split_words(node))}")
        else:
            square = f':color[\u25a0]{{foreground="{colours[node]}"}}'
            lines.append(f"{before}{square} **{fmt.plain(node)}** {fmt.plain(numbers.get(node, ''))}")
    st.markdown("\n".join(lines))


def _split_words(split: Split) -> str:
    at = ", ".join(map(fmt.cut_words, split.asked))
    return f"{COLUMNS[split.split].label}{f' at {at}' if at else ''}; unknown: {split.missing}"


def _words(draft: Policy, place: Place) -> str:
    """Return a node in words: the branches that lead to it, and what it is."""
    node = edits.nodes(draft)[place]
    return f"{drafts.way(draft, place) or 'Everyone'}: {_label(node.split) if isinstance(node, Split) else node}"


def _label(column: str) -> str:
    return COLUMNS[column].label or column


def _split(split: Split, place: Place, of: Fields) -> None:
    """Draw the fields of a split."""
    if split.cuts is None:
        groups = "; ".join(", ".join(values) for values in (split.groups or {}).values())
        of.draw(
            st.text_input,
            "Groups",
            groups,
            lambda draft, text: edits.with_groups(draft, place, edits.groups_of(text)),
            help=GROUPS,
        )
    else:
        _cuts(split, place, of)
    own = [] if edits.own_missing(split) else [OWN]
    of.draw(
        st.selectbox,
        "Unknown values go to",
        split.missing,
        lambda draft, label: edits.with_missing(draft, place, label),
        options=list(dict.fromkeys([*split.branches, *own])),
        format_func=lambda label: f"{label}, a branch of their own" if label not in split.branches else label,
    )
    with st.grid(3, min_column_width=180):
        for number, label in enumerate(split.branches, start=1):
            with st.container():
                relabel = partial(_relabelled, (*place, label))
                of.draw(st.text_input, f"Branch {number}", label, relabel, max_chars=LONGEST)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names, key = list(leaf_names(split)), f"{of.key}-kept"
        preset_unless(key, names, names[0])
        name = st.selectbox("As one segment it is called", names, key=key)
        of.button("Remove this split", lambda draft: edits.joined(draft, place, name))


def _relabelled(place: Place, draft: Policy, label: str) -> Policy:
    return edits.with_label(draft, place, label)


def _cuts(split: Split, place: Place, of: Fields) -> None:
    """Draw how a number is cut, and where."""
    learned = split.cuts if isinstance(split.cuts, LearnedCuts) else LearnedCuts(method="kmeans")
    how = learned.method if learned is split.cuts else ""

    def learn(draft: Policy, **other: object) -> Policy:
        return edits.with_cuts(draft, place, learned.model_copy(update=other))

    def choose(draft: Policy, method: str) -> Policy:
        bins = len(split.asked) + 1
        if method:
            return learn(draft, method=method, bins=bins, outcome="recovered" if method == "supervised" else None)
        return edits.with_cuts(draft, place, [f"q{100 * part / bins:.6g}" for part in range(1, bins)])

    of.draw(st.selectbox, "How it is cut", how, choose, options=list(METHODS), format_func=METHODS.__getitem__)
    if not how:
        now = ", ".join(each if isinstance(each, str) else f"{each:.15g}" for each in split.asked)
        of.draw(st.text_input, "Cuts", now, lambda d, text: edits.with_cuts(d, place, edits.cuts_of(text)), help=CUTS)
        return
    of.draw(st.number_input, "Branches", learned.bins, lambda d, n: learn(d, bins=n), min_value=2, max_value=33)
    if learned.outcome is not None:
        outcomes, choice = list(OUTCOMES), learned.outcome
        of.draw(st.selectbox, "Outcome", choice, lambda d, o: learn(d, outcome=o), options=outcomes, format_func=_label)


def _leaf(segment: str, place: Place, of: Fields) -> None:
    """Draw the fields of a segment."""
    of.draw(st.text_input, "Segment", segment, lambda d, name: edits.renamed(d, segment, name), max_chars=LONGEST)
    columns = [*NUMERIC_FEATURES, *CATEGORICAL_FEATURES]
    column = st.selectbox("Split it by", columns, format_func=_label, key=f"{of.key}-by")
    numeric = column in NUMERIC_FEATURES
    at = st.text_input("Cuts" if numeric else "Groups", key=f"{of.key}-at", help=CUTS if numeric else GROUPS) or ""
    cuts, groups = (edits.cuts_of(at), []) if numeric else ([], edits.groups_of(at))
    of.button("Split this segment", partial(edits.split_leaf, place=place, column=column, cuts=cuts, groups=groups))
