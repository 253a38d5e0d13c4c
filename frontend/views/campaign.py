"""Campaign plan: with a limit, whom to contact, and what that is expected to bring."""

from frontend.components.campaign import campaign_plan
from frontend.components.frame import page_header

result = page_header.show(
    "Campaign plan",
    promise="With a budget or a number of sends: which segments to contact, and the expected profit.",
)
if result is not None:
    campaign_plan.show(result)
