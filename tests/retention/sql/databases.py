"""Engines in memory that run a statement on a frame, for tests."""

import sqlite3
from collections.abc import Callable, Hashable, Iterable
from contextlib import closing
from functools import cache
from hashlib import sha256
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from sqlglot import exp

from retention.experiment.arms import Experiment
from retention.hashing import HEX_DIGITS
from retention.partition.fitted import FittedTree
from retention.sql.engines import ENGINES
from retention.sql.statements import Warehouse

TABLE = "shop customers"
KINDS = {"float64": "DOUBLE PRECISION", "boolean": "BOOLEAN"}
ARROW = {"float64": pa.float64(), "boolean": pa.bool_()}
Run = Callable[..., list[tuple[Any, ...]]]


def warehouse(
    name: str, tree: FittedTree, columns: Iterable[Hashable], experiment: Experiment | None = None
) -> Warehouse:
    """Return the warehouse of an engine, whose table has an unusual name."""
    engine = ENGINES[name]
    quote = "`" if name in ("bigquery", "databricks", "spark", "mysql") else '"'
    table = engine.table(f"{quote}{TABLE}{quote}")
    return Warehouse(
        tree,
        engine,
        table,
        frozenset({"user_id", *map(str, columns)}),
        experiment,
        "hash60" if name == "sqlite" else "",
    )


def rows_of(frame: pd.DataFrame) -> list[list[Any]]:
    """Return the rows as databases take them; of missing numbers every second one stays NaN."""
    numbers = [kind == "float64" for kind in frame.dtypes]
    rows = frame.astype("object").itertuples(index=False)
    return [
        [
            None if pd.isna(cell) and not (is_number and place % 2) else cell
            for is_number, cell in zip(numbers, row, strict=True)
        ]
        for place, row in enumerate(rows)
    ]


def table_sql(frame: pd.DataFrame, table: str = TABLE) -> str:
    """Return the statement that makes the table."""
    columns = (f'"{name}" {KINDS.get(str(kind), "TEXT")}' for name, kind in frame.dtypes.items())
    return f'CREATE TABLE "{table}" ({", ".join(columns)})'


def in_duckdb(statement: str, **frames: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return what DuckDB answers."""
    with _kept().cursor() as connection:
        for table, frame in frames.items():
            columns = zip(*rows_of(frame), strict=True)
            arrays = {
                name: pa.array(cells, ARROW.get(str(kind), pa.string()))
                for cells, (name, kind) in zip(columns, frame.dtypes.items(), strict=True)
            }
            connection.register(table, pa.table(arrays))
        return connection.execute(statement).fetchall()


_kept = cache(duckdb.connect)
"""To start an engine takes longer than a statement does."""


def in_sqlite(statement: str, **frames: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return what SQLite answers."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.create_function("hash60", 1, hash60, deterministic=True)
        for table, frame in frames.items():
            connection.execute(table_sql(frame, table))
            marks = ", ".join(["?"] * len(frame.columns))
            connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows_of(frame))
        return connection.execute(statement).fetchall()


def hash60(text: str) -> int:
    """Return the contract's hash; its documentation asks users of SQLite to register this."""
    return int(sha256(text.encode()).hexdigest()[:HEX_DIGITS], 16)


def answered(name: str, statement: exp.Expr, frame: pd.DataFrame, **others: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return the rows that an engine answers to a statement."""
    return RUNS[name](ENGINES[name].written(statement), **{TABLE: frame}, **others)


RUNS: dict[str, Run] = {"duckdb": in_duckdb, "sqlite": in_sqlite}
NAMES = ("duckdb", pytest.param("sqlite", marks=pytest.mark.slow))
