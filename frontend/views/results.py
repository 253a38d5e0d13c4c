"""Results: what the campaign brought, against the customers who were held out."""

from frontend.components.campaign import results
from frontend.components.frame import page_header
from frontend.state import current

result = page_header.show(
    "Results", promise="What the campaign achieved, compared with the customers who were held out."
)
if result is not None:
    results.show(result, current())
