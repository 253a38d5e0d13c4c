"""A policy as SQL, or as a model of dbt: texts that are files of their own, each with what it needs at its head."""

from collections.abc import Iterable

from sqlglot import exp

from analysis.run import Run
from retention.sql.dbt import dbt_files
from retention.sql.engines import Engine
from retention.sql.statements import Warehouse


def warehouse_of(run: Run, engine: Engine, table: exp.Table) -> Warehouse:
    """Return the policy of a run, as it was fitted, for a table of an engine."""
    segmentation = run.segmentation
    columns, scale = frozenset(map(str, segmentation.customers.columns)), segmentation.scale.aov_q99
    center = segmentation.cube.center.tolist()
    return Warehouse(segmentation.tree, engine, table, columns, run.experiment, scale=scale, center=center)


def sql_texts(warehouse: Warehouse, wanted: Iterable[str]) -> dict[str, str]:
    """Return statements by their names; errors as `Warehouse.statement`."""
    statements = {name: warehouse.statement(name) for name in wanted}
    return {name: f"{_head(warehouse, each)}{warehouse.engine.written(each)};\n" for name, each in statements.items()}


def dbt_texts(warehouse: Warehouse) -> dict[str, str]:
    """Return the files of a model of dbt by their paths; errors as `dbt_files`."""
    heads = {".sql": _head(warehouse, warehouse.statement("segments")), ".yml": "# Tests of the model beside it\n"}
    return {path: f"{heads[path[-4:]]}{text}\n" for path, text in dbt_files(warehouse).items()}


def _head(warehouse: Warehouse, statement: exp.Select) -> str:
    """Return what stands above a statement; nothing in it was typed by a person but the name of a policy."""
    columns = sorted({column.name for column in statement.ctes[0].this.find_all(exp.Column)})
    return (
        f"-- The policy {warehouse.tree.policy.name} for {warehouse.engine.name}\n"
        f"-- It reads a table of one row a customer with the columns {', '.join(columns)}\n"
    )
