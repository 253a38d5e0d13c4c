"""Saved periods: the weeks that were kept, to open, to hand on, or to delete."""

import streamlit as st

from frontend.components import page_header, periods_card, periods_erase, periods_import, periods_list
from frontend.state import current
from frontend.utils import messages, workspace

state = current()
page_header.show("Saved periods", state)
found, timezone = workspace.listed(), workspace.preferences().timezone
if found.problem is not None:
    st.error(messages.details(found.problem), title=messages.title(found.problem))
elif found.periods:
    periods_card.show(state, periods_list.show(found.periods, timezone), timezone)
else:
    with st.container(border=True):
        st.subheader("No saved periods yet", anchor=False)
        st.markdown("Run an analysis and choose **Save period** at the top of its page, or import an exported file.")
periods_import.show(state)
periods_erase.show(state)
