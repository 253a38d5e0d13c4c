"""User Mapping: customers found by search and filters, a page at a time, and why one of them is in the segment."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from frontend import state
from frontend.components.segments import people
from frontend.components.segments.downloads import PROFILES
from frontend.components.segments.people import TERMS, CustomerFilter, Facts, Why, distance_words, value_words
from frontend.state import Result
from frontend.utils import format as fmt, pieces
from frontend.utils.store import key_of
from frontend.utils.workspace import noted
from outputs import customers_file
from retention.customers.contracts import COLUMNS
from retention.partition.explanation import change_words
from retention.partition.fitted import Segmentation
from run_store.lookup import Positions

ROWS = 10
ROW = 34
ALL = "All"
CHOICE = "users-chosen"
PROFILE = "users-profile"


def show(result: Result) -> Segmentation | None:
    """Draw filters, the table and its download; return the chosen customer, if one was found."""
    wanted = _filters(result, people.facts(result))
    positions = people.positions(result, wanted)
    everyone = result.run.accounting.universe
    if not len(positions):
        st.info("No customer matches. Change the search or the filters.", icon=":material/search_off:")
        return None
    pages = -(-len(positions) // ROWS)
    key = f"users-{key_of(result.key, wanted)}"
    first = ROWS * (min(int(state.value_of(f"{key}-page") or 1), pages) - 1)
    shown = positions[first : first + ROWS]
    st.caption(
        f"Customers {fmt.count(first + 1)}{fmt.DASH}{fmt.count(first + len(shown))} of {fmt.count(len(positions))}"
        + ("" if len(positions) == everyone else f" found among {fmt.count(everyone)}")
    )
    page_rows = people.rows(result, shown)
    rows = people.page(result, page_rows)
    ids = rows["Customer"].tolist()
    _table(rows, ids, f"{key}-{first}")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        if pages > 1:
            st.pagination(pages, key=f"{key}-page", max_visible_pages=5)
        _download(result, positions)
    chosen: str = st.selectbox("Why is this customer here", ids, key=CHOICE)
    return people.one(page_rows, ids.index(chosen))


def _filters(result: Result, facts: Facts) -> CustomerFilter:
    search = st.text_input(
        "Search",
        key="users-search",
        type="search",
        max_chars=200,
        placeholder="Part of a user id or e-mail address",
        icon=":material/search:",
        autocomplete="off",
    )
    names = list(result.run.segmentation.tree.names)
    groups = []
    filters = 2 + (facts.waves > 1) + len(facts.choices)
    with st.grid(filters, min_column_width=150, gap="small"):
        segment = _choice("Segment", names, "users-segment")
        wave = _choice("Wave", [str(n) for n in range(1, facts.waves + 1)], "users-wave") if facts.waves > 1 else ""
        for column, values in facts.choices.items():
            value = _choice(COLUMNS[column].short, values, f"users-{column}")
            groups += [(column, value)] if value else []
        order = st.selectbox("Order", ["As in the data", *TERMS], key="users-order", help="A term: the highest first.")
    return CustomerFilter(
        (search or "").strip(), segment, int(wave or 0), tuple(groups), order if order in TERMS else ""
    )


def _choice(label: str, values: Sequence[str], key: str) -> str:
    words = {"": ALL} | {value: value for value in values}
    state.preset_unless(key, list(words), "")
    return pieces.pick(label, words, key)


def _table(rows: pd.DataFrame, ids: list[str], key: str) -> None:
    """Draw some customers, the chosen one marked; `ids` are their identifiers."""
    c = st.column_config
    shown = {
        "Customer": c.TextColumn(pinned=True, width=95),
        "E-mail": c.TextColumn(width=200),
        "Segment": c.TextColumn(width=140),
        "Wave": c.NumberColumn(width=55),
        "Region": c.TextColumn(width=110),
        "Archetype": c.TextColumn(width=90),
        "Path": c.TextColumn(width=420),
        **{name: c.NumberColumn(format="%.2f", width=112) for name in TERMS},
    }
    pieces.choice_of_row(
        {str(name): (values, shown[str(name)]) for name, values in rows.items()},
        ids,
        choice=CHOICE,
        key=key,
        row_height=ROW,
        placeholder=fmt.UNKNOWN,
        alt="Customers; selecting a row says below why the customer is in the segment",
    )


def _download(result: Result, positions: Positions) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", width="content"):
        profile = pieces.segmented("Written", PROFILES, PROFILE, "spreadsheet", label_visibility="collapsed")
        pieces.download(
            f"Download {fmt.counted(len(positions), 'customer')}",
            noted(lambda: customers_file(result.run, positions, profile), len(positions)),
            f"customers_{result.run.policy.name}_{result.run.window.end}.{profile}.csv",
            key="download-users",
        )


def reasons(result: Result, customer: Segmentation) -> None:
    """Draw the card of a customer."""
    why = people.why(result, customer)
    with pieces.framed(f"Customer {fmt.plain(why.user_id)}"):
        wave = f", wave {why.wave}" if max(result.run.segmentation.wave_counts) > 1 else ""
        st.markdown(f"In **{fmt.plain(why.segment)}**{wave}, and in no other segment.")
        way, who = st.columns([3, 2], gap="medium")
        with way:
            _path(why, result.run.currency)
            st.markdown("**The smallest change that would move them**")
            change, none = why.change, "No change of a single known value would."
            st.markdown(fmt.plain(f"{change_words(change)} {distance_words(change)}".strip()) if change else none)
        with who:
            st.markdown("**What they add to the segment's scores**")
            terms = {name: fmt.score(value) for name, value in why.terms.items()}
            pieces.facts(terms, alt="The customer's terms of the scores, from 0 to 1")
            if why.person:
                st.markdown("**What is known about them**")
                person = {label: fmt.plain(value) for label, value in why.person.items()}
                pieces.facts(person, alt="What is known about the customer")


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
