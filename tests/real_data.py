"""Real data: extracts that lie in the repository, and whole files where a variable says where they lie."""

import os
from pathlib import Path

import pytest

DATA = Path(__file__).with_name("data")
"""The extracts; SOURCE.md there says where they come from."""

WHOLE = "WHOLE_DATA"
"""The variable of the environment that names the folder of the whole files."""


def whole(name: str, shows: str) -> Path:
    """Return a whole file; skip the test where it is not there, and say what only the whole file can show."""
    folder = os.environ.get(WHOLE)
    if folder is None:
        pytest.skip(f"{WHOLE} names no folder with {name}; only the whole file shows {shows}")
    # A variable that is set asks for these tests, so a file that is missing there fails them.
    return Path(folder) / name
