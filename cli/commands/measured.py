"""The command measured: measured lifts that the next analyses take up, and the way to forget those of an experiment."""

import sys
from collections.abc import Sequence

from cli.inputs.experiments import is_lifts, lifts_of
from cli.inputs.places import workspace_at
from cli.options.experiments import MeasuredOptions
from cli.shown.console import json_text, say, table_text
from cli.shown.files import write_at
from outputs.ownership import check_file
from retention.scores.measured_lift import MeasuredLift, lifts_to_json, without_measured
from run_store import Weeks


def measured_command(options: MeasuredOptions) -> None:
    """Print the measured lifts of a file or of the workspace, after those of an experiment were forgotten if asked."""
    workspace = workspace_at(options.workspace)
    kept = workspace.lifts() if options.file is None else lifts_of(options.file)
    if options.forget is not None:
        before = len(kept)
        kept = without_measured(kept, options.forget)
        if options.file is None:
            Weeks(workspace).forget(options.forget)
        else:
            check_file("measured", options.file, is_lifts)
            write_at("measured", options.file, lifts_to_json(kept))
            workspace.note("forgot", before - len(kept), "measured lifts")
    if options.shown == "json":
        say(json_text([lift.model_dump(mode="json") for lift in kept]))
        return
    lines = [] if options.forget is None else [f"The measured lifts of {options.forget} are forgotten."]
    say("\n".join([*lines, _table(kept)]))


def _table(kept: Sequence[MeasuredLift]) -> str:
    if not kept:
        return "No measured lifts are kept, so analyses take the lift that the policy assumes."
    rows = [
        (
            lift.experiment,
            str(lift.measured_on),
            lift.segment,
            lift.treatment,
            f"{lift.converted:,} of {lift.customers:,}",
            f"{lift.control_converted:,} of {lift.control_customers:,}",
        )
        for lift in kept
    ]
    words = ("Experiment", "Measured on", "Segment", "Treatment")
    return table_text((*words, "Converted", "Control converted"), rows, left=words, stream=sys.stdout)
