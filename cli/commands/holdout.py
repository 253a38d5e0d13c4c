"""The command holdout: a control group for a saved period, and what it can show."""

import io
import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from rich.box import ASCII2
from rich.console import Console
from rich.table import Table

from analysis.experiment_design import Design, design
from analysis.versions import versions
from cli.commands.runs import resolved
from cli.inputs.experiments import experiment_of
from cli.inputs.places import place
from outputs import RunDetails, check_place, write_outputs
from retention.errors import OptionError
from run_store import checked_name

WIDTH = 120


def holdout_command(options: Mapping[str, Any], started: datetime) -> None:
    """Assign the customers of a saved period to arms; write its files with them, and say what can be learnt.

    Args:
        options: Options as typed: run, experiment, arms, salt, lift, power, output, save, shown, workspace.
        started: When the command began.

    Raises:
        InputError: The period, an option or the folder cannot be used.
    """
    workspace = place(options["workspace"])
    period = resolved(workspace, options["run"])
    experiment = experiment_of(options["experiment"], options["arms"], options["salt"])
    if experiment is None:
        raise OptionError("the experiment has no name", hint="Add --experiment NAME")
    name = None if options["save"] is None else checked_name(options["save"])
    output: Path | None = options["output"]
    if output is not None:
        check_place(output)
    run = replace(workspace.open(period.id).run(), experiment=experiment)
    made = design(run, lift=options["lift"], wanted=options["power"])
    said = list(_told(made, options["shown"]))
    if output is not None:
        details = RunDetails(
            started.isoformat(timespec="seconds"),
            versions(),
            {"saved_period": period.id, "experiment": experiment.name, "salt": experiment.salt},
            {},
        )
        written = write_outputs(run, output, details=details)
        said += [] if options["shown"] == "json" else ["", f"Files with the arms are in {written.folder}"]
    if name is not None:
        saved = workspace.save(run, name=name, saved_at=started)
        said += [] if options["shown"] == "json" else [f"Saved in {workspace.folder} as {saved}"]
    sys.stdout.write("\n".join(said) + "\n")


def _told(made: Design, shown: Literal["text", "json"]) -> Iterator[str]:
    if shown == "json":
        yield _json(made)
    else:
        yield from design_lines(made)


def _json(made: Design) -> str:
    rows = [
        {str(name): None if isinstance(v, float) and not math.isfinite(v) else v for name, v in row.items()}
        | {"Arms": {str(arm): int(n) for arm, n in made.counts.loc[row["Segment"]].items()}}
        for row in made.table.to_dict("records")
    ]
    content = {"experiment": asdict(made.experiment), "lift": made.lift, "power": made.wanted, "segments": rows}
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)


def design_lines(made: Design) -> Iterator[str]:
    """Yield who is held out of what, and what each segment can show, as lines."""
    totals = made.counts.sum()
    whole = int(totals.sum())
    arms = ", ".join(f"{arm} {count:,} ({count / whole:.1%})" for arm, count in totals.items())
    yield f"Experiment {made.experiment.name}: {arms}"
    yield ""
    table = Table(box=ASCII2, show_edge=False, pad_edge=False)
    for name in ("Segment", *map(str, made.counts.columns), "Baseline", "Power", "Smallest lift", "Needed"):
        table.add_column(name, justify="left" if name == "Segment" else "right")
    for row in made.table.to_dict("records"):
        smallest = row["Detectable_lift"]
        table.add_row(
            row["Segment"],
            *(f"{count:,}" for count in made.counts.loc[row["Segment"]]),
            f"{row['Baseline']:.1%} {row['Baseline_source']}",
            "unknown" if math.isnan(row["Power"]) else f"{row['Power']:.0%}",
            "none" if math.isinf(smallest) else f"{smallest:.0%}",
            f"{row['Customers_needed']:,.0f}" if math.isfinite(row["Customers_needed"]) else "unknown",
        )
    text = io.StringIO()
    Console(file=text, width=WIDTH, markup=False, highlight=False, emoji=False).print(table)
    yield text.getvalue().rstrip("\n")
    yield ""
    yield (
        f"Power: how often a lift of {made.lift:.0%} of the smallest treatment would be found. Smallest lift: what is "
        f"found in {made.wanted:.0%} of such experiments. Needed: customers for {made.lift:.0%} at these shares."
    )
