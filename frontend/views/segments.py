"""Segments summary: what was found, what it is worth, what to do, and the files."""

from frontend.components import accounting, charts, downloads, headline, page_header, profile, ranking, segment_card

result = page_header.show(
    "Segments summary",
    promise="The abandoners of a week, in segments that are ranked, explained and ready to send to.",
)
if result is not None:
    headline.show(result)
    accounting.warnings(result)
    chosen = ranking.show(result)
    segment_card.show(result, chosen)
    charts.show(result)
    profile.show(result)
    downloads.show(result)
    accounting.show(result)
