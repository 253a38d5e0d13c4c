"""Names of the files that a run is written as; nothing a person typed becomes a path."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

Profile = Literal["machine", "spreadsheet"]
FileFormat = Literal["csv", "parquet"]

SEGMENTS = "segments"
REPORT = "mece_report.json"
RUN = "run.json"
OWN_FILE = re.compile(
    r"(segment_assignments(-[0-9]{5})?\.(csv|parquet)|segment_scores\.(csv|json)|quarantine(-[0-9]+)?\.csv|cells\.csv|segments/[0-9]{2,}_[a-z0-9-]+\.(csv|parquet))"
)
"""Paths that a run's report may call its own."""
MAX_SLUG = 48


def slug(name: str) -> str:
    """Return a name as lowercase ASCII letters, digits and hyphens, never empty.

    >>> slug("Price-Sensitive"), slug("../../etc"), slug("Größte Körbe"), slug("***")
    ('price-sensitive', 'etc', 'grosste-korbe', 'segment')
    """
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:MAX_SLUG].strip("-") or "segment"


def segment_files(ranked: Sequence[str], file_format: FileFormat) -> dict[str, str]:
    """Return the path of each segment's file below the output folder, numbered by rank.

    >>> segment_files(["VIP", "vip"], "csv")
    {'VIP': 'segments/01_vip.csv', 'vip': 'segments/02_vip.csv'}
    """
    width = max(2, len(str(len(ranked))))
    return {
        name: f"{SEGMENTS}/{place:0{width}}_{slug(name)}.{file_format}" for place, name in enumerate(ranked, start=1)
    }


def numbered(path: str, part: int | str) -> str:
    """Return the path of what a file holds of one part.

    >>> numbered("segments/01_vip.csv", 7)
    'segments/01_vip-00007.csv'
    """
    stem, _, ending = path.rpartition(".")
    return f"{stem}-{part:05}.{ending}" if isinstance(part, int) else f"{stem}-{part}.{ending}"
