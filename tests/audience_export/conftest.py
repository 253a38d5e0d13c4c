"""Runs that several tests read."""

import pytest

from analysis import Run
from tests.outputs.runs import synthetic_run


@pytest.fixture(scope="session")
def synthetic() -> Run:
    """Some hundred synthetic customers, some segments in waves."""
    return synthetic_run(max_size=120)
