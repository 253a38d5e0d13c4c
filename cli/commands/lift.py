"""The command lift: a table of an experiment in, lift with intervals and verdicts out."""

from collections.abc import Iterator

from cli.inputs.experiments import given_costs
from cli.inputs.read_options import read_options
from cli.options.experiments import LiftOptions
from cli.shown.console import json_text, listed, read_words, say
from cli.shown.lift import results_content, results_lines
from data_ingestion.outcomes.columns import OutcomeColumns
from data_ingestion.outcomes.outcome_table import OutcomeTable, read_outcomes
from retention.experiment.guardrails import parse_guardrail
from retention.experiment.lift import Costs
from retention.experiment.results import Planned, Results, measure
from retention.experiment.sample_ratio import parse_allocation


def lift_command(options: LiftOptions) -> None:
    """Read the table of an experiment and print what it shows."""
    # Before the file is read, so that an option with an impossible value is named at once.
    guardrails = [parse_guardrail(text) for text in options.guardrail or ()]
    columns = OutcomeColumns(
        options.arm,
        options.outcome,
        options.revenue or "",
        options.by or "",
        options.customer or "",
        options.covariate or "",
        tuple(each.name for each in guardrails),
    )
    reading, given = read_options(options.reading), given_costs(options)
    table = read_outcomes(options.file, columns, control=options.control.strip(), reading=reading)
    arms = table.observations.arms
    shares = None if options.allocation is None else parse_allocation(options.allocation, arms)
    planned = Planned(shares, assigned=table.assigned)
    # Without any cost no profit is told.
    costs = Costs(**given) if given else None
    results = measure(table.observations, costs=costs, planned=planned, cap=options.cap, guardrails=guardrails)
    json = options.shown == "json"
    say(_json(table, columns, results) if json else "\n".join(_lines(table, columns, results)))


def _json(table: OutcomeTable, columns: OutcomeColumns, results: Results) -> str:
    content = {
        "control": results.arms[0],
        "treatments": list(results.arms[1:]),
        "columns": columns.roles(),
        "rows": {"read": table.read, "customers": len(table.observations.arm), "left_out": dict(table.left_out)},
        **results_content(results),
        "notes": _notes(table, columns, results),
    }
    return json_text(content)


def _notes(table: OutcomeTable, columns: OutcomeColumns, results: Results) -> list[str]:
    if not columns.revenue:
        return list(table.notes)
    if results.costs is None:
        return [*table.notes, "Whether it pays cannot be said without costs: --margin, --contact_cost, --discount"]
    whole = ["Profit counts all revenue as margin; --margin says otherwise"] if results.costs.margin == 1 else []
    return [*table.notes, *whole]


def _lines(table: OutcomeTable, columns: OutcomeColumns, results: Results) -> Iterator[str]:
    yield read_words(table.read, len(table.observations.arm), table.left_out)
    yield ""
    yield from results_lines(results, by=columns.group, money_known=bool(columns.revenue))
    yield from listed("Please note", [*results.warnings, *_notes(table, columns, results)])
