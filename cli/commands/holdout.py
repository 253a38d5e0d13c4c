"""The command holdout: a control group for a saved period, and what it can show."""

import math
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from analysis import Run, with_experiment
from analysis.experiment_balance import balanced
from analysis.experiment_design import Design, design
from analysis.versions import versions
from cli.inputs.experiments import experiment_of
from cli.inputs.places import destination, period_in
from cli.options.experiments import HoldoutOptions
from cli.shown.console import finite, json_text, say, table_text
from outputs import RunDetails, check_place, run_names, write_outputs
from retention.customers.reach import reach_words
from retention.errors import OptionError
from retention.experiment.arms import Experiment
from retention.experiment.balance import Balance, balance_words
from retention.wording import percent
from run_store import checked_name


def holdout_command(options: HoldoutOptions, started: datetime) -> None:
    """Assign the customers of a saved period to arms; write its files with them, and say what can be learnt."""
    workspace, period = period_in(options.workspace, options.run)
    planned = experiment_of(options.trial)
    if planned is None:
        raise OptionError("the experiment has no name", hint="Add --experiment NAME")
    name = None if options.save is None else checked_name(options.save)
    erasure = workspace.last_erasure()
    saved_run = workspace.open(period.id)
    if options.output is not None:
        goal = destination(options.output, options.placing)
        check_place(goal, needed=run_names(saved_run.tree.policy.segments, "csv"))
    before = saved_run.run_in_parts()
    experiment, balance = _arms(before, planned, workspace.running(planned.name), options)
    run = with_experiment(before, experiment)
    plan = design(run, lift=options.lift, wanted=options.power)
    places = []
    if options.output is not None:
        details = RunDetails(
            started.isoformat(timespec="seconds"),
            versions(),
            {"saved_period": period.id, "experiment": experiment.name, "salt": experiment.salt},
            {},
        )
        workspace.note("exported", run.accounting.universe)
        written = write_outputs(run, goal, details=details)
        places += ["", f"Files with the arms are in {written.folder}"]
    if name is not None:
        saved = workspace.save(run, name=name, saved_at=started, what_if=saved_run.what_if, erasure=erasure)
        places.append(f"Saved in {workspace.folder} as {saved}")
    if options.shown == "json":
        say(_json(plan, balance))
    else:
        say("\n".join([*design_lines(plan), "", *balance_lines(balance), *places]))


def _arms(
    run: Run, planned: Experiment, running: Experiment | None, options: HoldoutOptions
) -> tuple[Experiment, Balance]:
    """Return the experiment with the salt that its arms are drawn by, and how alike they are."""
    if options.trial.salt is not None:
        return balanced(run, planned, choose=False)
    if running is not None:
        # The experiment goes on: whoever was held out stays held out.
        return balanced(run, replace(planned, salt=running.salt), choose=False)
    return balanced(run, planned, seed=options.seed, choose=options.balance)


def _json(plan: Design, balance: Balance) -> str:
    rows = [
        row | {"Arms": {str(arm): int(n) for arm, n in plan.counts.loc[row["Segment"]].items()}}
        for row in plan.table.to_dict("records")
    ]
    content = {"experiment": asdict(plan.experiment), "lift": plan.lift, "power": plan.wanted, "segments": rows}
    return json_text(content | {"balance": balance_content(balance)})


def design_lines(plan: Design) -> Iterator[str]:
    """Yield who is held out of what, and what each segment can show, as lines."""
    totals = plan.counts.sum()
    whole = max(int(totals.sum()), 1)
    arms = ", ".join(f"{arm} {count:,} ({percent(count / whole, 1)})" for arm, count in totals.items())
    yield f"Experiment {plan.experiment.name}: {arms}"
    yield from reach_words(plan.reach)
    yield ""
    rows = [
        (
            row["Segment"],
            *(f"{count:,}" for count in plan.counts.loc[row["Segment"]]),
            f"{percent(row['Baseline'], 1)} {row['Baseline_source']}",
            *(
                "unknown" if math.isnan(row[name]) else percent(row[name])
                for name in ("Power", "Power_of_money", "Power_to_pay")
            ),
            "none" if math.isinf(row["Detectable_lift"]) else percent(row["Detectable_lift"]),
            f"{row['Customers_needed']:,.0f}" if math.isfinite(row["Customers_needed"]) else "unknown",
        )
        for row in plan.table.to_dict("records")
    ]
    powers = ("Power", "Of money", "To pay")
    yield table_text(("Segment", *map(str, plan.counts.columns), "Baseline", *powers, "Smallest lift", "Needed"), rows)
    yield ""
    yield (
        f"Power: how often a lift of {percent(plan.lift)} of the smallest treatment would be found, as much more "
        f"revenue, and that it pays. Smallest lift: what is found in {percent(plan.wanted)} of such experiments. "
        f"Needed: customers for {percent(plan.lift)} at these shares."
    )


def balance_content(balance: Balance) -> dict[str, Any]:
    """Return the balance for JSON, null for what an empty arm leaves unknown."""
    content: dict[str, Any] = finite(
        {
            "before": balance.before,
            "after": balance.after,
            "average": balance.average,
            "salts": balance.salts,
            "imputed": balance.imputed,
            "table": balance.table.to_dict("records"),
        }
    )
    return content


def balance_lines(balance: Balance) -> Iterator[str]:
    """Yield how alike the arms are, overall and per segment, as lines."""
    yield balance_words(balance)
    if not balance.covariates:
        return
    names = ("Segment", *balance.covariates, "Before", "After")
    rows = [
        [row["Segment"], *(_number(row[name], "+.2f") for name in balance.covariates)]
        + [_number(row[name], ".2f") for name in ("Before", "After")]
        for row in balance.table.to_dict("records")
    ]
    yield table_text(names, rows)


def _number(value: float, form: str) -> str:
    return f"{value:{form}}" if math.isfinite(value) else "unknown"
