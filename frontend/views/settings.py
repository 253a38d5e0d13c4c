"""Settings: what a shop sets once, and every analysis starts from."""

import streamlit as st

from frontend.components.settings import audit_trail, lift_list, settings_form
from frontend.state import current
from frontend.utils import pieces
from frontend.utils.workspace import preferences

state = current()
st.caption(
    "Remembered in the workspace, for everyone who uses it and for the command line. An analysis starts from them; "
    "what is chosen in the form, or given as an option on the command line, wins."
)
settings, problem = preferences()
if problem is not None:
    pieces.problem(problem, kind="warning")
settings_form.show(state, settings)
lift_list.show(state)
audit_trail.show(settings.timezone)
