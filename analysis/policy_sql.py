"""A policy as SQL, or as a model of dbt: texts that are files of their own, each with what it needs at its head."""

from collections.abc import Sequence

from sqlglot import exp

from retention.errors import OptionError, did_you_mean
from retention.sql.dbt import dbt_files
from retention.sql.statements import Warehouse

MARK = "Cart Recovery Segmenter"
"""What the first line of each text names, by which it is known again."""
STATEMENTS = ("segments", "arms", "cube", "audience")


def sql_texts(
    warehouse: Warehouse, wanted: Sequence[str], suppressed: exp.Table | None = None, *, assume_consent: bool = False
) -> dict[str, str]:
    """Return statements by their names.

    Args:
        warehouse: What was fitted, and where it is to run.
        wanted: Names of `STATEMENTS`.
        suppressed: As `Warehouse.audience`.
        assume_consent: As `Warehouse.audience`.

    Raises:
        InputError: There is no such statement, or it cannot be made of this analysis or for this engine.
    """
    texts = {}
    for name in wanted:
        if name not in STATEMENTS:
            raise OptionError(f"there is no statement '{name}'", hint=did_you_mean(name, STATEMENTS))
        audience = name == "audience"
        made = warehouse.audience(suppressed, assume_consent=assume_consent) if audience else getattr(warehouse, name)()
        texts[name] = f"{_head(warehouse, name, made)}{warehouse.engine.written(made)};\n"
    return texts


def dbt_texts(warehouse: Warehouse) -> dict[str, str]:
    """Return the files of a model of dbt by their paths; errors as `dbt_files`."""
    heads = {".sql": _head(warehouse, "model", warehouse.segments()), ".yml": f"# {MARK}\n"}
    return {path: f"{heads[path[-4:]]}{text}" for path, text in dbt_files(warehouse).items()}


def _head(warehouse: Warehouse, name: str, statement: exp.Select) -> str:
    """Return what stands above a statement; nothing in it was typed by a person but the name of a policy."""
    columns = sorted({column.name for column in statement.ctes[0].this.find_all(exp.Column)})
    return (
        f"-- {MARK}: {name} of the policy {warehouse.tree.policy.name} for {warehouse.engine.name}\n"
        f"-- It reads a table of one row a customer with the columns {', '.join(columns)}\n"
    )
