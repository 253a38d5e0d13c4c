from collections.abc import Iterator

import pytest

from tests.postgres.server import Server, running
from tools import postgres


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running PostgreSQL; the tests are skipped where none is installed."""
    programs = postgres.find()
    if programs is None:
        pytest.skip(postgres.HELP)
    with running(programs) as started:
        yield started
