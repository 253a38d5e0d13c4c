"""Campaign: whom to contact, who is held out, the files to send, and what came of it."""

from frontend.components.campaign import stepper
from frontend.components.frame import page_header
from frontend.state import current

result = page_header.week(stepper.PROMISE)
if result is not None:
    stepper.show(result, current())
