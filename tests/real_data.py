"""Real data: extracts that lie in the repository, and whole files that may lie beside it."""

from pathlib import Path

import pytest

DATA = Path(__file__).with_name("data")
"""The extracts; SOURCE.md there says where they come from."""

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def whole(name: str, shows: str) -> Path:
    """Return a whole file; skip the test where it is not there, and say what only the whole file can show."""
    path = BESIDE / name
    if not path.exists():
        pytest.skip(f"../shared/data/{name} is not there; only the whole file shows {shows}")
    return path
