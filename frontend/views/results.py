"""Campaign: under the address that results had once."""

from frontend.components.campaign import stepper
from frontend.components.frame import page_header
from frontend.state import current

result = page_header.show("Campaign", promise=stepper.PROMISE)
if result is not None:
    stepper.show(result, current(), first="Results")
