"""Experiment: hold out a control group, see what that can show, and take the files to send."""

from frontend.components.campaign import experiment
from frontend.components.frame import page_header
from frontend.state import current

result = page_header.show(
    "Experiment", promise="Hold out a control group, see what that can show, and take the files to send."
)
if result is not None:
    experiment.show(result, current())
