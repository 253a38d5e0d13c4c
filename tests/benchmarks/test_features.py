"""The features are measured against programs that give the same customers."""

from benchmarks.activity_logs import activity
from benchmarks.features import compared


def test_pandas_and_sql_give_the_customers_that_are_measured() -> None:
    assert len(compared(activity(20_000, customers=2_000)).row) > 1_000
