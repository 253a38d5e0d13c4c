"""Data quality: files, columns, derived scores, rows that were set aside and cells that cannot be read."""

from frontend.components.frame import page_header
from frontend.components.trust import accounting, quality

result = page_header.week("What was read, what is missing, what was derived, and which rows were set aside and why.")
if result is not None:
    quality.files(result)
    quality.whole(result)
    accounting.warnings(result)
    quality.columns(result)
    quality.rejected(result)
    quality.unread(result)
