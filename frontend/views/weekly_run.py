"""Weekly run: the file that a week needs to run by itself."""

import streamlit as st

from frontend.components.settings import weekly_run
from frontend.state import current

state = current()
st.caption(
    "On Monday the week can be analysed, kept, turned into audience files and reported with nobody here. This file "
    "says how; the page on automation under README says how a server starts it."
)
weekly_run.show(state)
