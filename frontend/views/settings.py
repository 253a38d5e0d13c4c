"""Settings: what a shop sets once, and every analysis starts from."""

import streamlit as st

from frontend.components import lifts_kept, page_header, policies_kept, settings_form
from frontend.state import current
from frontend.utils import messages, workspace

state = current()
page_header.show("Settings", state)
st.caption(
    "Remembered in the workspace, for everyone who uses it and for the command line. An analysis starts from them; "
    "what is chosen in the sidebar, or given as an option on the command line, wins."
)
problem = workspace.preferences_problem()
if problem is not None:
    st.warning(messages.details(problem), title=messages.title(problem), icon=":material/warning:")
settings_form.show(state, workspace.preferences())
lifts_kept.show(state)
policies_kept.show(state)
