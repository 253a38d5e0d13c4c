"""The documentation inside the dashboard: a choice of pages, and the page."""

from dataclasses import replace

import streamlit as st

from frontend.components.help import documentation
from frontend.components.help.documentation import Document, Picture, in_theme
from frontend.utils import palette
from frontend.utils.glossary import glossary
from frontend.utils.store import Store

DOCUMENTS = Store[dict[str, Document]](entries=1)
KEY = "doc"


def glossary_page() -> None:
    """Draw every word and number that pages use; each has an anchor, to which the help of numbers leads."""
    pages = DOCUMENTS.get("", documentation.documents)
    for part in documentation.parts_of(replace(pages["glossary"], body=glossary().text), pages):
        st.markdown(part)


def show() -> None:
    """Draw the chosen page; its title stands in the address, so that it can be linked."""
    pages = DOCUMENTS.get("", documentation.documents)
    titles = {page.title: page for page in pages.values()}
    page = titles[st.selectbox("Page", list(titles), key=KEY, bind="query-params")]
    st.title(page.title, anchor=False)
    for at, part in enumerate(documentation.parts_of(page, pages)):
        if isinstance(part, Picture):
            place = st.container(key=f"picture-{part.path.suffix[1:]}-{at}")
            place.image(str(in_theme(part.path, dark=palette.is_dark())), width="stretch", alt=part.alt)
        elif part.strip():
            st.markdown(part)
