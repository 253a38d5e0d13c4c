"""What the summary page shows, taken from a run."""

from analysis.headline import Headline, headline_of
from retention.wording import MEASURES

__all__ = ["MEASURES", "Headline", "headline_of"]
