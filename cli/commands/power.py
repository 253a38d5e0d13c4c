"""The command power: what an experiment can show, before anything is sent."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cli.options.experiments import PowerOptions
from cli.shown.console import json_text, say
from data_ingestion import ReadOptions
from data_ingestion.files.whole import read_whole
from retention.errors import OptionError
from retention.experiment.power import ALPHA, Outlook, Plan, outlook, outlook_words
from retention.policy.policy import Assumptions

_GroupPower = tuple[str, Plan, Outlook, str]
"""One segment, or all customers: name, plan, what it can show, and that in words."""


def power_command(options: PowerOptions) -> None:
    """Print what each group of customers can show."""
    groups = list(_groups(options))
    say(_json(groups, options) if options.shown == "json" else "\n".join(_lines(groups, options)))


def _groups(options: PowerOptions) -> Iterator[_GroupPower]:
    sizes = _sizes(options.size, options.scores)
    baseline = Assumptions().stated_baseline[0] if options.baseline is None else options.baseline
    for name, size in sizes.items():
        # Where all segments are tested, the results hold each against a level as strict as this.
        plan = Plan(size, baseline, options.holdout, ALPHA / len(sizes), options.spread)
        weekly = size if options.weekly is None else options.weekly
        prospect = outlook(plan, options.lift, wanted=options.power, weekly=weekly)
        yield name, plan, prospect, outlook_words(options.lift, prospect, wanted=options.power)


def _sizes(size: float | None, scores: Path | None) -> dict[str, float]:
    if (size is None) == (scores is None):
        raise OptionError("either a number of customers or a file of scores is needed", where="--size or --scores")
    if scores is None:
        return {"": float(size or 0)}
    try:
        table, _ = read_whole(scores, ReadOptions())
        # Who cannot be reached is in no arm; a table of an older program does not tell.
        counts = table["Reachable" if "Reachable" in table.column_names else "Size"]
        names, numbers = table["Segment"].to_pylist(), pc.utf8_trim_whitespace(counts).cast(pa.float64()).to_pylist()
        sizes = dict(zip(names, numbers, strict=True))
    except (KeyError, pa.ArrowInvalid) as error:
        raise OptionError(
            "the file is not a table of scores with the columns Segment and Size", where=f"--scores {scores.name}"
        ) from error
    if len(sizes) < len(names):
        raise OptionError("a segment is listed twice", where=f"--scores {scores.name}")
    if not sizes:
        raise OptionError("the file contains no segments", where=f"--scores {scores.name}")
    return sizes


def _json(groups: list[_GroupPower], options: PowerOptions) -> str:
    rows = [
        {"segment": name or None, **asdict(plan), **asdict(prospect), "words": words}
        for name, plan, prospect, words in groups
    ]
    return json_text({"lift": options.lift, "wanted_power": options.power, "groups": rows})


def _lines(groups: list[_GroupPower], options: PowerOptions) -> Iterator[str]:
    plan = groups[0][1]
    yield (
        f"Baseline {100 * plan.baseline:g} %, {100 * plan.control_share:g} % held out, lift to find "
        f"{100 * options.lift:g} %, two-sided 5 %"
        + (f" for all {len(groups)} segments together." if len(groups) > 1 else ".")
    )
    for name, plan, _, words in groups:
        yield ""
        yield (f"{name}: " if name else "") + f"{plan.customers:,.0f} customers. {words}"
