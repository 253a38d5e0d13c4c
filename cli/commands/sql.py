"""The command sql: a policy as statements for a warehouse, or as a model of dbt."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from sqlglot import exp

from analysis.policy_sql import dbt_texts, sql_texts, warehouse_of
from cli.inputs.intake import analysed_in_memory
from cli.inputs.places import period_in
from cli.inputs.request import request_of
from cli.options.workbench import SqlOptions
from cli.shown.console import hand_over, say
from cli.shown.files import disk_errors_at, write_at
from cli.shown.progress import progress_bar
from outputs import check_file
from retention.errors import OptionError
from retention.policy.yaml_text import policy_hash
from retention.sql.engines import Engine, engine_named
from retention.sql.statements import Warehouse


def sql_command(options: SqlOptions) -> None:
    """Show a policy's SQL, or write its files and say where they are."""
    engine = engine_named(options.dialect)
    table = engine.table(options.table)
    suppressed = None if options.suppressed is None else engine.table(options.suppressed)
    if (options.run is None) != bool(options.source.inputs or options.source.synthetic):
        raise OptionError("cuts come from one place", hint="Give either --run RUN or --input FILE")
    warehouse = (
        _of_input(options, engine, table) if options.run is None else _of_run(options, options.run, engine, table)
    )
    warehouse = replace(warehouse, suppressed=suppressed, assume_consent=options.assume_consent)
    if options.dbt is None and options.output is None:
        hand_over("\n".join(sql_texts(warehouse, options.statements or ["segments"]).values()))
        return
    files = _files(options, warehouse)
    option = "--output" if options.dbt is None else "--dbt"
    inputs = [*filter(Path.is_file, map(Path, (options.named, *options.source.inputs)))]
    over = options.placing.overwrite
    places = {
        check_file(option, path, partial(_holds, text), inputs=inputs, overwrite=over): path
        for path, text in files.items()
    }
    for place, path in places.items():
        with disk_errors_at(option, path):
            place.parent.mkdir(parents=True, exist_ok=True)
        write_at(option, place, files[path])
        say(f"{path} is written for {engine.name}")


def _holds(text: str, path: Path) -> bool:
    """Return whether writing the text would change nothing."""
    return path.read_bytes() == text.encode()


def _files(options: SqlOptions, warehouse: Warehouse) -> dict[Path, str]:
    if options.dbt is not None:
        return {options.dbt / path: text for path, text in dbt_texts(warehouse).items()}
    texts, output = sql_texts(warehouse, options.statements or ["segments"]), options.output or Path()
    if output.suffix == ".sql":
        return {output: "\n".join(texts.values())}
    return {output / f"{name}.sql": text for name, text in texts.items()}


def _of_run(options: SqlOptions, run: str, engine: Engine, table: exp.Table) -> Warehouse:
    workspace, summary = period_in(options.source.workspace, run)
    period = workspace.open(summary.id)
    record, columns = period.record, frozenset(period.record.customers.names)
    if policy_hash(workspace.policy(options.named)) != record.policy_hash:
        what = f"the period was made with another policy or another state of it, named '{period.tree.policy.name}'"
        hint = "Name the policy of the period, or give --input FILE to fit this one"
        raise OptionError(what, where="--run", hint=hint)
    function, scale = options.hash_function or "", record.scale.aov_q99
    return Warehouse(period.tree, engine, table, columns, record.experiment, function, scale, record.center)


def _of_input(options: SqlOptions, engine: Engine, table: exp.Table) -> Warehouse:
    request = request_of(replace(options.source, policy=options.named), options.rules)
    with progress_bar() as advance:
        return warehouse_of(analysed_in_memory(request, advance), engine, table)
