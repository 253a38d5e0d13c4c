"""The files of a model of dbt, without dbt: the statement runs, and the tests know every value."""

import pandas as pd
import pytest
import yaml

from retention.errors import PolicyError
from retention.experiment.arms import Experiment
from retention.partition.fitted import FittedTree
from retention.sql.dbt import dbt_files
from segmentation_engine import fit
from tests.retention.sql.databases import in_duckdb, warehouse
from tests.strategies import cut, policy_of

FRAME = pd.DataFrame({"user_id": [f"u{i}" for i in range(40)], "avg_order_value": [1.0, 9.0] * 20})


def tree(low: str, name: str = "p") -> FittedTree:
    split = cut("avg_order_value", [5.0], {"low": low, "high": 'the "rest" \\'})
    return fit(FRAME, policy_of(split, sizes={"min_size": 1}, name=name))


def test_values_with_quotes_are_literals_in_the_tests() -> None:
    trial = Experiment("x", {"con'trol": 0.5, "mail": 0.5})
    sql, schema = dbt_files(warehouse("duckdb", tree("it's low"), FRAME, trial)).values()
    rows = in_duckdb(sql, **{"shop customers": FRAME})
    columns = yaml.safe_load(schema)["models"][0]["columns"]
    assert [each["name"] for each in columns] == ["user_id", "segment", "arm"]
    for place, column in enumerate(columns[1:], start=1):
        values = ", ".join(column["data_tests"][1]["accepted_values"]["arguments"]["values"])
        assert {value for (value,) in in_duckdb(f"SELECT unnest([{values}])")} == {row[place] for row in rows}


def test_a_model_whose_name_begins_with_a_digit_needs_no_quotes() -> None:
    files = dbt_files(warehouse("duckdb", tree("low", "3-way-split"), FRAME))
    assert list(files) == ["models/policy_3_way_split.sql", "models/policy_3_way_split.yml"]


@pytest.mark.parametrize("name", ["{{ x }}", "a {% raw", "{# b"])
def test_a_name_that_dbt_would_run_is_refused(name: str) -> None:
    with pytest.raises(PolicyError, match="begins an expression of dbt"):
        dbt_files(warehouse("duckdb", tree(name), FRAME))
