"""The command tree: the best tree of a depth, and whether it is better than the policy in use."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from analysis import Run, analyze
from analysis.better_tree import BetterTree, better_tree
from analysis.outcomes import Outcomes, outcomes_of_files
from cli.inputs.intake import read_input
from cli.inputs.outcomes import columns_of, send_of
from cli.inputs.places import period_in, workspace_at
from cli.inputs.read_options import read_options
from cli.inputs.request import request_of
from cli.options.workbench import TreeOptions
from cli.shown.console import json_text, say, table_text
from cli.shown.files import check_there, write_at
from cli.shown.progress import Advance, part, progress_bar
from outputs.ownership import check_file
from retention.errors import OptionError
from retention.experiment.words import Estimate
from retention.policy.yaml_text import policy_to_yaml
from retention.search.objectives import LeafLimits
from retention.search.questions import Wish
from retention.wording import percent
from run_store import Weeks


def tree_command(options: TreeOptions, started: datetime) -> None:
    """Search the best tree, print how good it is and how sure that is, and write it where asked.

    Raises:
        InputError: The input, a file or an option cannot be used; no file was written.
    """
    columns = tuple(name.strip() for name in (options.columns or "").split(",") if name.strip())
    limits = LeafLimits(options.min_size or 0, options.max_size, options.min_arm)
    wish = Wish(columns, options.depth, options.bins, limits, options.caution)
    goals = {options.objective == "profit", bool(options.outcomes)}
    if len(goals) > 1 or (options.outcomes and options.run is None):
        raise OptionError(
            "--objective profit, --outcomes and --run go together",
            hint="Name a saved period with an experiment by --run, and give what its customers did after the send",
        )
    if options.output is not None:
        named = map(Path, (options.source.policy or "", *options.source.inputs))
        inputs = (*options.outcomes, *filter(Path.is_file, named))
        check_file("--output", options.output, inputs=inputs, overwrite=options.placing.overwrite)
    with progress_bar() as advance:
        run, outcomes = _asked(options, started, part(advance, 0.0, 0.2))
        further = part(advance, 0.2, 1.0)
        better = better_tree(run, wish, outcomes, budget=options.budget, resamples=options.resamples, progress=further)
    workspace_at(options.source.workspace).note("analysed", run.accounting.universe)
    written = []
    if options.output is not None:
        write_at("--output", options.output, policy_to_yaml(better.policy))
        written = ["", f"The policy is in {options.output}. Check its names and campaigns, then use it with --policy."]
    say(json_text(_content(better)) if options.shown == "json" else "\n".join([*_lines(better), *written]))


def _asked(options: TreeOptions, started: datetime, advance: Advance) -> tuple[Run, Outcomes | None]:
    if options.run is None:
        request = request_of(options.source, options.rules)
        return analyze(read_input(request, advance), request.policy, request.settings), None
    if options.source.inputs or options.source.synthetic:
        raise OptionError("--run and --input exclude each other", hint="Name a saved period, or give an input")
    for file in options.outcomes:
        check_there(file, f"--outcomes {file}")
    workspace, period = period_in(options.source.workspace, options.run)
    run = Weeks(workspace).campaign_run(period.id)
    if not options.outcomes:
        return run, None
    columns, sent = columns_of(options.after), send_of(options.after, period)
    reading = read_options(options.source.reading, workspace.preferences())
    return run, outcomes_of_files(options.outcomes, run, columns=columns, sent=sent, reading=reading, now=started)


def _content(better: BetterTree) -> dict[str, object]:
    judged = better.judged
    return {
        "recommended": judged.recommended,
        "verdict": better.verdict,
        "unit": better.unit,
        "greedy": better.rival,
        "leaves": better.leaves.to_dict("records"),
        "worth_where_learnt": dict(better.worth),
        "worth_held_out": {name: asdict(each) for name, each in judged.worth.items()},
        "best_over": {name: asdict(each) for name, each in judged.over.items()},
        "splits": [asdict(each) for each in better.chosen],
        "policy": better.policy.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def _lines(better: BetterTree) -> Iterator[str]:
    leaves = better.leaves
    arms = [name for name in leaves.columns if name.startswith("In ")]
    last = ("Arm", "Gain") if "Arm" in leaves else ("Value",)
    rows = [
        (
            row["Segment"],
            f"{row['Size']:,}",
            percent(row["Share"], 1),
            *(f"{row[name]:,}" for name in arms),
            *(row[name] if isinstance(row[name], str) else f"{row[name]:,.4g}" for name in last),
        )
        for row in leaves.to_dict("records")
    ]
    yield table_text(("Segment", "Size", "Share", *arms, *last), rows, left=("Segment", "Arm"))
    yield ""
    trees = {"best": "The best tree", "greedy": better.rival.capitalize(), "today": "Today's policy"}
    worth = [(name, f"{better.worth[each]:.4g}", _told(better.judged.worth[each])) for each, name in trees.items()]
    yield table_text((f"Worth, {better.unit}", "Where learnt", "On others"), worth, left=(f"Worth, {better.unit}",))
    for each, name in {"today": "today's policy", "greedy": f"the {better.rival}"}.items():
        yield f"The best tree against {name}, on customers it has not seen: {_told(better.judged.over[each], '+')}"
    yield ""
    firm = [(each.split, percent(each.root), percent(each.feature), percent(each.near)) for each in better.chosen]
    yield table_text(("Split", "First", "Same column", "Same cut, or one bin away"), firm, left=("Split",))
    yield "How often each split was found again when customers were resampled."
    yield ""
    yield better.verdict


def _told(estimate: Estimate, sign: str = "") -> str:
    shown = f"{estimate.value:{sign}.4g}"
    return f"{shown} ({estimate.low:{sign}.4g} to {estimate.high:{sign}.4g})" if estimate.known else shown
