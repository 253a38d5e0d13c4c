"""Words of dates and money in many languages, as `tools/word_tables.py` wrote them from CLDR and ISO 4217."""

import json
from pathlib import Path
from typing import Any

TABLES: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
