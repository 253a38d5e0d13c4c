"""Policies: what the segments mean, and what is sent to each."""

import streamlit as st

from frontend.components.policies import policies_page
from frontend.state import current

state = current()
st.caption("The next analysis with a policy uses it as it is kept; weeks that were analysed keep their own.")
policies_page.show(state)
