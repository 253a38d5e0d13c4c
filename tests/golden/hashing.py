"""What of a file goes into its hash: every byte, or what a shop's programs read with numbers to nine digits."""

import io
import json
import re
import zipfile
from datetime import datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

import pyarrow.parquet as pq

TIMED = frozenset({"run.json"})
"""Files that are documented to hold times."""
TEXT = frozenset({".csv", ".json", ".html", ".yaml", ".yml", ".txt", ".sql"})
FOR_PROGRAMS = frozenset({".csv", ".json", ".parquet", ".zip", ".sql", ".yaml", ".yml"})
FROM_FILES = frozenset({"input_hash", "sha256"})
"""Keys whose values follow the bytes of input files, which libraries of another version write differently."""
NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]\d+)(?![\w.])")
RUN_ID = re.compile(r"(?<![\w.])(?=[0-9]*[a-f])[0-9a-f]{16}(?!\w)")


def masked(data: bytes, today: list[str]) -> bytes:
    """Return text without what differs in each run: random identifiers of runs, and the time of the run."""
    text = RUN_ID.sub("RUN", data.decode())
    for day in today:
        text = re.sub(re.escape(day) + r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d| UTC)?)?", "NOW", text)
    return text.encode()


def exact(name: str, data: bytes, today: list[str]) -> str:
    """Return the SHA-256 of all bytes; of an archive, of its members by name."""
    kind = PurePosixPath(name).suffix
    if kind == ".zip":
        data = json.dumps([(part, exact(part, content, today)) for part, content in _members(data)]).encode()
    return sha256(masked(data, today) if kind in TEXT else data).hexdigest()


def rounded(name: str, data: bytes, today: list[str]) -> str | None:
    """Return the hash that holds on other processors and for other words, or None for files that people read."""
    kind = PurePosixPath(name).suffix
    # A command that refuses its input writes nothing for programs.
    if kind not in FOR_PROGRAMS or not data:
        return None
    if kind == ".zip":
        held = [(part, rounded(part, content, today)) for part, content in _members(data) if part != "manifest.json"]
        text = json.dumps(held)
    elif kind == ".parquet":
        text = _parquet(data)
    elif kind == ".json":
        text = json.dumps(_without_words(json.loads(masked(data, today))), ensure_ascii=False)
    else:
        text = NUMBER.sub(lambda found: _digits(float(found[0])), masked(data, today).decode())
    return sha256(text.encode()).hexdigest()[:16]


def days(started: datetime, ended: datetime) -> list[str]:
    """Return the days of a run, as they may stand in files."""
    return sorted({started.date().isoformat(), ended.date().isoformat()})


def _members(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in sorted(archive.namelist())]


def _digits(number: float) -> str:
    """Return nine significant digits; what is only a rounding error of a sum is zero."""
    return "0" if abs(number) < 1e-12 else f"{number:.9g}"


def _parquet(data: bytes) -> str:
    table = pq.read_table(io.BytesIO(data))
    cells = [_without_words(row, keep_text=True) for row in table.to_pylist()]
    return json.dumps([[str(field.type) for field in table.schema], cells], default=str)


def _without_words(value: Any, *, keep_text: bool = False) -> Any:
    """Return JSON with rounded numbers, and without texts of more than three words: they may be said better."""
    if isinstance(value, dict):
        return {key: _without_words(each, keep_text=keep_text) for key, each in value.items() if key not in FROM_FILES}
    if isinstance(value, list):
        return [_without_words(each, keep_text=keep_text) for each in value]
    if isinstance(value, float):
        return _digits(value)
    if isinstance(value, str) and not keep_text and len(value.split()) > 3:
        return "words"
    return value
