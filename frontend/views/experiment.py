"""Experiment: hold out a control group, see what that can show, and take the files to send."""

from frontend.components import empty, experiment, page_header
from frontend.state import current
from frontend.utils.theme import is_dark

state = current()
result = page_header.show("Experiment", state)
if result is None:
    empty.show(state, promise="Hold out a control group, see what that can show, and take the files to send.")
else:
    experiment.show(result, state, dark=is_dark())
