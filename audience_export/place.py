"""The folder of an export: its files, and which of them are ours to replace."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from outputs.leftovers import Output

MANIFEST = "manifest.json"
KIND = "audiences"
AUDIENCE_FILE = re.compile(r"[0-9]{2,}_[a-z0-9-]+(_[0-9]+-[a-z0-9-]+)?\.[a-z-]+(\.part-[0-9]+)?\.(csv|json)")


def file_name(stem: str, platform: str, part: int, parts: int, suffix: str) -> str:
    """Return the name of a file, with the number of the part where there are several.

    >>> file_name("01_vip", "klaviyo", 1, 1, "csv"), file_name("01_vip", "klaviyo", 2, 10, "csv")
    ('01_vip.klaviyo.csv', '01_vip.klaviyo.part-02.csv')
    >>> file_name("01_vip", "csv", 1, 1, "csv")
    '01_vip.audience.csv'
    """
    kind = "audience" if platform == suffix else platform
    number = f".part-{part:0{len(str(parts))}}" if parts > 1 else ""
    return f"{stem}.{kind}{number}.{suffix}"


def _foreign(folder: Path) -> Iterator[Path]:
    """Yield what is neither the manifest of an earlier export nor a file that it lists."""
    own = _listed(folder)
    yield from (path for path in sorted(folder.iterdir()) if path.name not in own or path.is_dir())


def _listed(folder: Path) -> frozenset[str]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["kind"] != KIND:
            return frozenset()
        names = [str(file["file"]) for audience in manifest["audiences"] for file in audience["files"]]
    except (OSError, ValueError, LookupError, TypeError):
        return frozenset()
    return frozenset({MANIFEST, *(name for name in names if AUDIENCE_FILE.fullmatch(name))})


AUDIENCES = Output("audiences", _foreign)
"""The files of an export; those of a run in the same folder are kept."""
