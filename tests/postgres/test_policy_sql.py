"""A policy's statements on a real PostgreSQL give the rows of the engine: the properties of `tests/retention/sql`."""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from tests.postgres.server import Server
from tests.retention.sql import databases, test_arms, test_audience, test_cube, test_segments

Property = Callable[..., None]
PROPERTIES: tuple[Property, ...] = (
    test_segments.test_any_policy_gives_the_rows_of_the_engine,
    test_segments.test_a_cut_is_the_same_to_the_last_bit,
    test_segments.test_categories_are_folded_as_here,
    test_arms.test_the_arms_are_those_of_the_experiment,
    test_cube.test_the_cube_is_that_of_the_engine,
    test_audience.test_the_audience_is_whom_the_rules_leave,
)


@pytest.fixture
def postgres(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name under which the properties find the server."""
    with server.connect() as connection:

        def run(statement: str, **frames: pd.DataFrame) -> list[tuple[Any, ...]]:
            with connection.transaction(force_rollback=True), connection.cursor() as cursor:
                for table, frame in frames.items():
                    cursor.execute(databases.table_sql(frame, table).encode())
                    marks = ", ".join(["%s"] * len(frame.columns))
                    cursor.executemany(f'INSERT INTO "{table}" VALUES ({marks})'.encode(), databases.rows_of(frame))
                return cursor.execute(statement.encode()).fetchall()

        monkeypatch.setitem(databases.RUNS, "postgres", run)
        yield "postgres"


@pytest.mark.slow
@pytest.mark.parametrize("holds", PROPERTIES)
def test_postgres_gives_the_rows_of_the_engine(holds: Property, postgres: str) -> None:
    holds(name=postgres)
