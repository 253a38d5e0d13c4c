"""A statement as a model of dbt: its file, and the tests that belong to it."""

import re
from collections.abc import Iterable
from dataclasses import replace

import yaml
from sqlglot import exp

from retention.errors import PolicyError
from retention.sql.statements import Warehouse


def dbt_files(warehouse: Warehouse) -> dict[str, str]:
    """Return the files of a model that gives each customer's segment, and arm if there is an experiment, by path.

    Raises:
        PolicyError: dbt would take a name for one of its expressions.
    """
    name, trial, engine = warehouse.tree.policy.name.replace("-", "_"), warehouse.experiment, warehouse.engine
    source = warehouse.table
    statement = engine.written(warehouse.segments() if trial is None else warehouse.arms())
    if re.search(r"\{[{%#]", statement):
        raise PolicyError("a name in it begins an expression of dbt: {{, {% or {#", hint="Rename it")
    # A model is found by its name alone; anything else is a table that dbt does not make.
    if not source.db and re.fullmatch(r"[A-Za-z_]\w*", source.name):
        ref = exp.Table(this=exp.Var(this=f"{{{{ ref('{source.name}') }}}}"))
        there = replace(warehouse, table=ref)
        statement = engine.written(there.segments() if trial is None else there.arms())
    columns = [
        {"name": "user_id", "data_tests": ["not_null", "unique"]},
        _column(warehouse, "segment", [segment.name for segment in warehouse.tree.segments]),
        *([] if trial is None else [_column(warehouse, "arm", trial.arms)]),
    ]
    model = {"name": name, "description": "Each customer's segment.", "columns": columns}
    schema = yaml.safe_dump({"version": 2, "models": [model]}, sort_keys=False, allow_unicode=True)
    return {f"models/{name}.sql": statement, f"models/{name}.yml": schema}


def _column(warehouse: Warehouse, name: str, values: Iterable[str]) -> dict[str, object]:
    """Return a column with its tests; its values are written as literals, because dbt quotes none that has a quote."""
    literals = [exp.Literal.string(value).sql(dialect=warehouse.engine.name) for value in values]
    return {"name": name, "data_tests": ["not_null", {"accepted_values": {"values": literals, "quote": False}}]}
