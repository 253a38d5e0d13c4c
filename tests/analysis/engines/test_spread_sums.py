"""What the tasks of a pass give is added up in their order, by the driver or for it."""

from collections.abc import Iterator
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from cli.inputs.spark import spark
from data_ingestion.cluster import blobs
from data_ingestion.cluster.blobs import FEW_TASKS, SCHEMA, Batches, Cluster, SpreadRows, batches_of, packed
from retention.errors import SourceError
from tools import java

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
    pytest.mark.skipif(java.find() is None, reason="Spark needs Java: python -m tools.java"),
]
VALUES = [1e16, 1.0, -1e16, 1.0, 0.1]


@pytest.fixture(scope="module")
def session() -> "Iterator[SparkSession]":
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        with spark("local[2]") as found:
            yield found


def rows_of(cluster: Cluster) -> SpreadRows:
    """Return a row for each part, whose sum depends on the order of the parts."""

    def made(batches: Batches) -> "Iterator[pa.RecordBatch]":
        for part in (part for batch in batches for part in batch.column(0).to_pylist()):
            yield from batches_of([packed(part, 0, pd.DataFrame({"x": [VALUES[part % len(VALUES)]], "part": part}))])

    frames = cluster.session.range(0, cluster.parts, 1, cluster.parts).mapInArrow(made, SCHEMA)
    return SpreadRows(cluster, frames, pd.DataFrame({"x": [0.0], "part": 0})[:0])


def value(part: pd.DataFrame) -> float:
    return float(part["x"].iloc[0])


def refused(part: pd.DataFrame) -> int:
    number = int(part["part"].iloc[0])
    if number in (5, 7):
        raise SourceError("cannot be used", where=f"part {number}")
    return number


@pytest.mark.parametrize(("parts", "sent"), [(FEW_TASKS, FEW_TASKS), (FEW_TASKS + 5, 1)])
def test_the_driver_gets_few_sums_and_adds_in_the_order_of_the_parts(
    session: "SparkSession", monkeypatch: pytest.MonkeyPatch, parts: int, sent: int
) -> None:
    counts, answers = list[int](), blobs.answers

    def counted(found: "DataFrame") -> list[Any]:
        values = answers(found)
        counts.append(len(values))
        return values

    monkeypatch.setattr(blobs, "answers", counted)
    with Cluster(session, parts) as cluster:
        rows = rows_of(cluster)
        assert rows.summed(value) == reduce(add, (VALUES[part % len(VALUES)] for part in range(parts)))
        assert counts == [sent]
        with pytest.raises(SourceError, match="part 5: cannot be used"):
            rows.summed(refused)
