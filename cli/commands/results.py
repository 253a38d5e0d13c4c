"""The command results: what the customers of a saved period did after the send, as lift per segment."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from analysis import Run
from analysis.experiment_results import (
    Outcomes,
    RunResults,
    Sent,
    costs_of,
    measured_lifts,
    outcomes_of_files,
    results_of,
)
from cli.commands.runs import resolved
from cli.inputs.places import place
from cli.shown.lift_shown import as_json, listed, results_content, results_lines
from data_ingestion.outcomes.columns import OutcomeColumns
from outputs.durable import write_file
from retention.errors import OptionError
from retention.experiment.lift import Costs
from retention.period import zone
from retention.scores.measured_lift import lifts_to_json


@dataclass(frozen=True)
class _Told:
    """Everything that is printed."""

    run: Run
    outcomes: Outcomes
    found: RunResults


def results_command(options: Mapping[str, Any], started: datetime) -> None:
    """Print what the experiment of a saved period showed, and write the lifts for the next analysis.

    Args:
        options: Options as typed: run, files, sent, days, customer, outcome, revenue, covariate, decimal, lifts,
            treatment, margin, contact_cost, discount, shown, workspace.
        started: When the command began; its day dates the lifts.

    Raises:
        InputError: The period, a file or an option cannot be used; no file was written.
    """
    columns = OutcomeColumns(**{role: options[role] or "" for role in ("customer", "outcome", "revenue", "covariate")})
    sent = _sent(options["sent"], options["days"])
    files, lifts = _files(options["files"], options["lifts"])
    if options["treatment"] is not None and lifts is None:
        raise OptionError("--treatment says whose lifts are written", hint="Add --lifts FILE")
    workspace = place(options["workspace"])
    run = workspace.open(resolved(workspace, options["run"]).id).run()
    if run.experiment is None:
        raise OptionError(
            "the period has no experiment",
            hint="Only customers who were held out before the send can tell: holdout RUN --experiment NAME --save NAME",
        )
    outcomes = outcomes_of_files(files, run, columns=columns, sent=sent, decimal=options["decimal"])
    told = _Told(run, outcomes, results_of(run, outcomes, costs=_costs(run, options)))
    said = [as_json(_content(told))] if options["shown"] == "json" else list(_lines(told))
    if lifts is not None:
        day = started.astimezone(zone(run.window.timezone)).date()
        measured = measured_lifts(told.found, day, treatment=options["treatment"])
        _write(lifts, lifts_to_json(measured))
        told_of = f"{len(measured)} measured lifts are in {lifts}; the next analysis takes them with --lifts {lifts}"
        said += [] if options["shown"] == "json" else ["", told_of]
    sys.stdout.write("\n".join(said) + "\n")


def _sent(text: str | None, days: float | None) -> Sent | None:
    """Return when the campaign went out."""
    if text is None:
        if days is not None:
            raise OptionError("--days counts from the day of the send", hint="Add --sent DATE")
        return None
    try:
        # fromisoformat alone would take week dates and dates without hyphens as well.
        day = date.fromisoformat(text if len(text) == len("2025-09-24") and text[4] == "-" else "")
    except ValueError as error:
        raise OptionError(
            f"'{text}' is not a date", where="--sent", hint="Write dates as YYYY-MM-DD, such as 2025-09-24"
        ) from error
    return Sent(day) if days is None else Sent(day, days)


def _files(files: list[Path], lifts: Path | None) -> tuple[list[Path], Path | None]:
    """Check the paths before the period is read."""
    for file in files:
        if not file.exists():
            raise OptionError("there is no such file", where=str(file), hint="Check the path")
    if lifts is not None and (lifts.is_dir() or not lifts.parent.is_dir()):
        raise OptionError(
            "is a folder" if lifts.is_dir() else "there is no such folder",
            where=f"--lifts {lifts}",
            hint="Name a file to write, such as lifts.json",
        )
    return files, lifts


def _costs(run: Run, options: Mapping[str, Any]) -> Costs:
    """Return the costs of the run with those that were asked for in their place."""
    usual = costs_of(run)
    asked = {name: options[name] for name in ("margin", "contact_cost", "discount") if options[name] is not None}
    return Costs(**{"margin": usual.margin, "contact_cost": usual.contact_cost, "discount": usual.discount} | asked)


def _write(path: Path, text: str) -> None:
    """Write the lifts; the file appears whole or not at all."""
    try:
        write_file(path, text.encode())
    except OSError as error:
        raise OptionError(f"the file cannot be written ({error.strerror})", where=f"--lifts {path}") from error


def _rows(told: _Told) -> dict[str, int]:
    return {
        "read": told.outcomes.read,
        "customers": len(told.outcomes.customers),
        "matched": told.found.found,
        "foreign": told.found.foreign,
        "unknown": told.found.unknown,
        "universe": len(told.run.segmentation.codes),
    }


def _rule(told: _Told) -> str:
    """Return which rule holds for customers who are not listed."""
    if told.outcomes.complete:
        return "The list names customers who did not convert, so who is not in it is unknown and left out."
    return "The list names nobody who did not convert, so who is not in it did nothing."


def _content(told: _Told) -> dict[str, Any]:
    results = told.found.results
    return {
        "window": str(told.run.window),
        "experiment": told.found.experiment,
        "control": results.arms[0],
        "treatments": list(results.arms[1:]),
        "rows": {**_rows(told), "left_out": dict(told.outcomes.left_out)},
        "complete": told.outcomes.complete,
        "rule": _rule(told),
        **results_content(results),
    }


def _lines(told: _Told) -> Iterator[str]:
    rows, results = _rows(told), told.found.results
    yield f"Experiment {told.found.experiment}, {told.run.window}"
    out = ", ".join(f"{count:,} {reason}" for reason, count in told.outcomes.left_out.items() if count)
    if told.outcomes.complete or "unknown" in told.outcomes.customers:
        yield f"{rows['read']:,} rows read = {rows['customers']:,} customers" + (f" + {out}" if out else "")
    else:
        yield f"{rows['read']:,} rows read, {rows['customers']:,} customers ordered in time"
    yield f"{rows['customers']:,} customers = {rows['matched']:,} of the period + {rows['foreign']:,} others"
    yield f"{_rule(told)} {rows['unknown']:,} of {rows['universe']:,} customers are left out for that."
    yield ""
    yield from results_lines(results, by="segment", money_known="revenue" in told.outcomes.customers)
    yield from listed("Please note", list(results.warnings))
