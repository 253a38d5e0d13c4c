"""Data quality: files, columns, derived scores and rows that were set aside."""

from frontend.components.frame import page_header
from frontend.components.trust import accounting, quality

result = page_header.show(
    "Data quality",
    promise="What was read, what is missing, what was derived, and which rows were set aside and why.",
)
if result is not None:
    quality.files(result)
    quality.whole(result)
    accounting.warnings(result)
    quality.columns(result)
    quality.rejected(result)
