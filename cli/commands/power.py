"""The command power: what an experiment can show, before anything is sent."""

import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from retention.errors import OptionError
from retention.experiment.power import ALPHA, Outlook, Plan, detectable_lift, outlook, outlook_words
from retention.policy.policy import Assumptions


@dataclass(frozen=True)
class _Group:
    """One segment, or all customers; `together` is the smallest lift that is found where all segments are tested."""

    name: str
    plan: Plan
    found: Outlook
    together: float
    words: str


def power_command(options: Mapping[str, Any], shown: Literal["text", "json"]) -> None:
    """Print what each group of customers can show.

    Args:
        options: Options as typed: size, scores, baseline, holdout, lift, power, weekly.
        shown: As text, or for programs.

    Raises:
        InputError: An option or the scores cannot be used.
    """
    groups = list(_groups(options))
    text = _json(groups, options) if shown == "json" else "\n".join(_lines(groups, options))
    sys.stdout.write(text + "\n")


def _groups(options: Mapping[str, Any]) -> Iterator[_Group]:
    sizes = _sizes(options["size"], options["scores"])
    given, wanted = options["baseline"], options["power"]
    baseline = Assumptions().baseline_conversion if given is None else given
    for name, size in sizes.items():
        plan = Plan(size, baseline, options["holdout"])
        weekly = size if options["weekly"] is None else options["weekly"]
        found = outlook(plan, options["lift"], wanted=wanted, weekly=weekly)
        words = outlook_words(options["lift"], found, wanted=wanted)
        # Where all segments are tested, the results hold each against a level as strict as this.
        strict = Plan(size, baseline, options["holdout"], ALPHA / len(sizes))
        together = detectable_lift(strict, wanted=wanted)
        if len(sizes) > 1:
            words += f" Tested along with the other segments: {_percent(together)}."
        yield _Group(name, plan, found, together, words)


def _percent(lift: float) -> str:
    return "no lift, however large" if math.isinf(lift) else f"{100 * lift:.0f} %"


def _sizes(size: float | None, scores: Path | None) -> dict[str, float]:
    """Return the customers of each group."""
    if (size is None) == (scores is None):
        raise OptionError("either a number of customers or a file of scores is needed", where="--size, --scores")
    if scores is None:
        return {"": float(size or 0)}
    try:
        table = pd.read_csv(scores, dtype="str", keep_default_na=False)
        names, sizes = table["Segment"], dict(zip(table["Segment"], table["Size"].astype("float64"), strict=True))
    except (OSError, UnicodeDecodeError, KeyError, ValueError) as error:
        raise OptionError(
            "the file is not a table of scores with the columns Segment and Size", where=f"--scores {scores.name}"
        ) from error
    if len(sizes) < len(names):
        raise OptionError("a segment is listed twice", where=f"--scores {scores.name}")
    if not sizes:
        raise OptionError("the file contains no segments", where=f"--scores {scores.name}")
    return sizes


def _json(groups: list[_Group], options: Mapping[str, Any]) -> str:
    rows = [
        {
            "segment": group.name or None,
            **asdict(group.plan),
            **_plain({**asdict(group.found), "detectable_lift_among_all": group.together}),
            "words": group.words,
        }
        for group in groups
    ]
    content = {"lift": options["lift"], "wanted_power": options["power"], "groups": rows}
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)


def _plain(numbers: Mapping[str, float]) -> dict[str, float | None]:
    """Return numbers with null for what there is no number for."""
    return {name: value if math.isfinite(value) else None for name, value in numbers.items()}


def _lines(groups: list[_Group], options: Mapping[str, Any]) -> Iterator[str]:
    plan = groups[0].plan
    yield (
        f"Baseline {100 * plan.baseline:g} %, {100 * plan.control_share:g} % held out, wished lift "
        f"{100 * options['lift']:g} %, two-sided 5 %."
    )
    for group in groups:
        yield ""
        yield (f"{group.name}: " if group.name else "") + f"{group.plan.customers:,.0f} customers. {group.words}"
