"""Runs that several tests read."""

import pytest

from analysis import Run
from tests.outputs.runs import run_of, synthetic_run, table


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Sixty customers with odd names."""
    return run_of(tmp_path_factory.mktemp("shop"), table())


@pytest.fixture(scope="session")
def synthetic() -> Run:
    """Some hundred synthetic customers, delivered in waves."""
    return synthetic_run(max_size=120)
