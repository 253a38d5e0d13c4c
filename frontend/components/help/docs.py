"""The documentation inside the dashboard: a choice of pages, and the page."""

import streamlit as st

from frontend.components.help import documentation
from frontend.components.help.documentation import Document, Picture, in_theme
from frontend.utils import palette
from frontend.utils.store import Store

DOCUMENTS = Store[dict[str, Document]](entries=1)
KEY = "doc"


def show() -> None:
    """Draw the chosen page; its title stands in the address, so that it can be linked."""
    pages = DOCUMENTS.get("", documentation.documents)
    titles = {page.title: page for page in pages.values()}
    page = titles[st.selectbox("Page", list(titles), key=KEY, bind="query-params")]
    st.title(page.title, anchor=False)
    for part in documentation.parts_of(page, pages):
        if isinstance(part, Picture):
            st.image(str(in_theme(part.path, dark=palette.is_dark())), width="stretch", alt=part.alt)
        elif part.strip():
            st.markdown(part)
