"""Why one customer is in their segment: the way through the tree, and the smallest change that would move them."""

import streamlit as st

from frontend.components import pieces
from frontend.state import Result
from frontend.utils import format as fmt
from frontend.utils import people
from frontend.utils.people import Why, distance_words, value_words
from retention.customers.contracts import COLUMNS
from retention.partition.explanation import change_words


def show(result: Result, position: int) -> None:
    """Draw the card of the customer at a position of the universe."""
    why = people.why(result, position)
    with pieces.framed(f"Customer {fmt.plain(why.user_id)}"):
        wave = f", wave {why.wave}" if max(result.run.segmentation.wave_counts) > 1 else ""
        st.markdown(f"In **{fmt.plain(why.segment)}**{wave}, and in no other segment.")
        way, who = st.columns([3, 2], gap="medium")
        with way:
            _path(why, result.run.currency)
            _change(why)
        with who:
            _terms(why)
            _person(why)


def _path(why: Why, currency: str) -> None:
    st.markdown("**The way through the tree**")
    if not why.steps:
        st.markdown("The tree has no split: everyone is in one segment.")
        return
    pieces.table(
        {
            "Step": list(range(1, len(why.steps) + 1)),
            "Asked": [fmt.plain(COLUMNS[step.feature].label.capitalize()) for step in why.steps],
            "Their value": [fmt.plain(value_words(step.feature, step.value, currency)) for step in why.steps],
            "So": [fmt.plain(fmt.sentence(step.rule)) for step in why.steps],
        },
        alt="Splits of the tree with the customer's values, from the first to the last",
    )
    if why.leaf != why.segment:
        st.caption(f"The tree's end {fmt.plain(why.leaf)} was too small or was divided; see the log of sizes.")


def _change(why: Why) -> None:
    st.markdown("**The smallest change that would move them**")
    if why.change is None:
        st.markdown("No change of a single known value would.")
    else:
        st.markdown(fmt.plain(f"{change_words(why.change)} {distance_words(why.change)}".strip()))


def _terms(why: Why) -> None:
    st.markdown("**What they add to the segment's scores**")
    pieces.facts(
        {name: fmt.score(value) for name, value in why.terms.items()},
        alt="The customer's terms of the scores, from 0 to 1",
    )


def _person(why: Why) -> None:
    if why.person:
        st.markdown("**What is known about them**")
        pieces.facts(
            {label: fmt.plain(value) for label, value in why.person.items()}, alt="What is known about the customer"
        )
