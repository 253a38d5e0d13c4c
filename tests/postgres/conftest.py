from collections.abc import Iterator

import pytest

from data_ingestion.database import engine
from tests.postgres.server import Server, running
from tests.waiting import PATIENCE
from tools import postgres


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running PostgreSQL; the tests are skipped where none is installed."""
    programs = postgres.find()
    if programs is None:
        pytest.skip(postgres.HELP)
    with pytest.MonkeyPatch.context() as patch, running(programs) as started:
        patch.setattr(engine, "CONNECT_SECONDS", PATIENCE)
        yield started
