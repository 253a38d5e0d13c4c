"""The documentation inside the dashboard: a choice of pages, and the page."""

import streamlit as st

from frontend import state
from frontend.utils import documentation, loaders
from frontend.utils.documentation import FIRST, Picture, in_theme

KEY = "doc"


def show(*, dark: bool) -> None:
    """Draw the chosen page; its name stands in the address, so that it can be linked."""
    pages = loaders.documents()
    state.preset_unless(KEY, list(pages), FIRST)
    chosen = st.selectbox(
        "Page",
        list(pages),
        key=KEY,
        format_func=lambda name: pages[name].title,
        bind="query-params",
    )
    page = pages[chosen]
    st.title(page.title, anchor=False)
    for part in documentation.parts_of(page, pages):
        if isinstance(part, Picture):
            st.image(str(in_theme(part.path, dark=dark)), width="stretch", alt=part.alt)
        elif part.markdown.strip():
            st.markdown(part.markdown)
