"""Campaign plan: with a limit, whom to contact, and what that is expected to bring."""

from frontend.components import campaign_plan, page_header

result = page_header.show(
    "Campaign plan",
    promise="With a budget or a number of sends: which segments to contact, and the expected profit.",
)
if result is not None:
    campaign_plan.show(result)
