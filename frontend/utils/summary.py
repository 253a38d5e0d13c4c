"""What the summary page shows, taken from a run."""

from report.headline import Headline, headline_of
from retention.wording import MEASURES

__all__ = ["MEASURES", "Headline", "headline_of"]
