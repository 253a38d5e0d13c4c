"""Experiment: hold out a control group, see what that can show, and take the files to send."""

from frontend.components import experiment, page_header
from frontend.state import current

result = page_header.show(
    "Experiment", promise="Hold out a control group, see what that can show, and take the files to send."
)
if result is not None:
    experiment.show(result, current())
