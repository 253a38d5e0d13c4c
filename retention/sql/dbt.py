"""A statement as a model of dbt: its file, and the tests that belong to it."""

import re
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
    # A relation whose name begins with a digit needs quotes, which dbt does not write everywhere.
    name = re.sub(r"^(?=\d)", "policy_", warehouse.tree.policy.name.replace("-", "_"))
    trial, engine = warehouse.experiment, warehouse.engine
    kind, table = "segments" if trial is None else "arms", warehouse.table
    if re.search(r"\{[{%#]", engine.written(warehouse.statement(kind))):
        raise PolicyError("a name in it begins an expression of dbt: {{, {% or {#", hint="Rename it")
    # A model is found by its name alone; anything else is a table that dbt does not make.
    if not table.db and re.fullmatch(r"[A-Za-z_]\w*", table.name):
        warehouse = replace(warehouse, table=exp.Table(this=exp.Var(this=f"{{{{ ref('{table.name}') }}}}")))
    columns: list[dict[str, object]] = [{"name": "user_id", "data_tests": ["not_null", "unique"]}]
    tested = {"segment": list(warehouse.tree.names), "arm": [] if trial is None else trial.arms}
    for column, values in tested.items():
        # Written as literals, because dbt puts quotes around a value and minds none that it has.
        accepted = {"values": [exp.Literal.string(each).sql(dialect=engine.name) for each in values], "quote": False}
        tests = ["not_null", {"accepted_values": {"arguments": accepted}}]
        columns += [{"name": column, "data_tests": tests}] if values else []
    model = {"name": name, "description": "Each customer's segment.", "columns": columns}
    schema = yaml.safe_dump({"version": 2, "models": [model]}, sort_keys=False, allow_unicode=True)
    return {f"models/{name}.sql": engine.written(warehouse.statement(kind)), f"models/{name}.yml": schema}
