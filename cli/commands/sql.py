"""The command sql: a policy as statements for a warehouse, or as a model of dbt."""

from dataclasses import replace
from pathlib import Path

from sqlglot import exp

from analysis import analyze
from analysis.policy_sql import MARK, dbt_texts, sql_texts
from cli.inputs.intake import read_input
from cli.inputs.places import period_named, workspace_at
from cli.inputs.request import request_of
from cli.options.workbench import SqlOptions
from cli.shown.console import say
from cli.shown.files import disk_errors_at, write_at
from cli.shown.progress import part, progress_bar
from outputs import check_file
from retention.errors import OptionError
from retention.policy.yaml_text import policy_hash
from retention.sql.engines import Engine, engine_named
from retention.sql.statements import Warehouse


def sql_command(options: SqlOptions) -> None:
    """Write the files of a policy's SQL, and say where they are.

    Raises:
        InputError: An option or the input cannot be used, or the warehouse lacks what a statement needs.
    """
    engine = engine_named(options.dialect)
    table = engine.table(options.table)
    suppressed = None if options.suppressed is None else engine.table(options.suppressed)
    has_input = bool(options.source.inputs) or options.source.synthetic
    if (options.run is None) != has_input:
        raise OptionError("cuts come from one place", hint="Give either --run RUN or --input FILE")
    warehouse = _of_run(options, engine, table) if options.run else _of_input(options, engine, table)
    files = _files(options, warehouse, suppressed)
    option = "--output" if options.dbt is None else "--dbt"
    for path in files:
        check_file(option, path, _is_ours, overwrite=options.placing.overwrite)
    for path, text in files.items():
        with disk_errors_at(option, path):
            path.expanduser().parent.mkdir(parents=True, exist_ok=True)
        write_at(option, path.expanduser(), text)
        say(f"{path} is written for {engine.name}")


def _files(options: SqlOptions, warehouse: Warehouse, suppressed: exp.Table | None) -> dict[Path, str]:
    if options.dbt is not None:
        return {options.dbt / path: text for path, text in dbt_texts(warehouse).items()}
    names = options.statements or ["segments"]
    texts = sql_texts(warehouse, names, suppressed, assume_consent=options.assume_consent)
    if options.output.suffix == ".sql":
        return {options.output: "\n".join(texts.values())}
    return {options.output / f"{name}.sql": text for name, text in texts.items()}


def _of_run(options: SqlOptions, engine: Engine, table: exp.Table) -> Warehouse:
    """Return what a saved period fitted."""
    workspace = workspace_at(options.source.workspace)
    period = workspace.open(period_named(workspace, options.run or "").id)
    record = period.record
    if policy_hash(workspace.policy(options.named)) != record.policy_hash:
        raise OptionError(
            f"the period was made with another policy or another state of it, named '{period.tree.policy.name}'",
            where="--run",
            hint="Name the policy of the period, or give --input FILE to fit this one",
        )
    return Warehouse(
        *(period.tree, engine, table, frozenset(record.customers.names), record.experiment),
        hash_function=options.hash_function or "",
        scale=record.scale.aov_q99,
        center=record.center,
    )


def _of_input(options: SqlOptions, engine: Engine, table: exp.Table) -> Warehouse:
    """Return what an input fits."""
    request = request_of(replace(options.source, policy=options.named), options.rules)
    with progress_bar() as advance:
        intake = read_input(request, part(advance, 0.0, 0.7))
        run = analyze(intake, request.policy, request.settings, progress=part(advance, 0.7, 1.0))
    workspace_at(options.source.workspace).note("analysed", run.accounting.universe)
    made, columns = run.segmentation, frozenset(map(str, run.segmentation.customers.columns))
    return Warehouse(made.tree, engine, table, columns, scale=made.scale.aov_q99, center=made.cube.center.tolist())


def _is_ours(path: Path) -> bool:
    with path.open("rb") as stream:
        return MARK.encode() in stream.readline(200)
