"""Segments Summary: what was found, what it is worth, what to do, and the files."""

from frontend.components.frame import page_header
from frontend.components.segments import downloads, headline, profile, segments
from frontend.components.trust import accounting

result = page_header.week("The abandoners of a week, in segments that are ranked, explained and ready to send to.")
if result is not None:
    headline.show(result)
    accounting.warnings(result)
    segments.show(result)
    segments.charts(result)
    profile.show(result)
    downloads.show(result)
    accounting.show(result)
