"""New Analysis Period: seven days, customers and a policy."""

from frontend.components.frame import page_header
from frontend.components.new_period import new_period
from frontend.state import current

state = current()
page_header.week(
    "Pick seven days, add customers, run the analysis: every abandoner lands in exactly one scored segment."
)
new_period.show(state)
