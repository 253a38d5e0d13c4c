"""Results: what the campaign brought, against the customers who were held out."""

from frontend.components import page_header, results
from frontend.state import current

result = page_header.show(
    "Results", promise="What the campaign achieved, compared with the customers who were held out."
)
if result is not None:
    results.show(result, current())
