"""What the page "What if" shows, taken from a what-if cube: sliders, drafts beside today, moves; no drawing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import Run
from frontend.utils import format as fmt
from outputs.names import slug
from retention.customers.contracts import COLUMNS
from retention.partition.quantiles import UNREACHED
from retention.partition.sizing import SizeLimits, SizingStep
from retention.partition.what_if import Knob, Stop, WhatIf
from retention.policy.policy import Policy, Sizes, Weights
from retention.scores.measures import MEASURES
from segment_scorer import Evidence, score

_LABELS = {measure.weight: measure.label for measure in MEASURES.values()}
WEIGHTS = {name: _LABELS[name] for name in Weights.model_fields}
HEAVIEST = 100
"""The far end of a slider for a weight."""


@dataclass(frozen=True)
class Slider:
    """Where the cuts of one knob can stand, by label, and the labels of today's cuts; both ascend."""

    knob: Knob
    title: str
    places: Mapping[str, Stop]
    today: tuple[str, ...]

    @property
    def can_move(self) -> bool:
        """Whether there is a place that today's cuts do not take."""
        return len(self.places) > len(set(self.today)) > 0

    def stops(self, labels: Sequence[str]) -> tuple[Stop, ...]:
        """Return the stops of some labels, ascending."""
        return tuple(sorted((self.places[label] for label in labels), key=lambda stop: stop.value))


@dataclass(frozen=True)
class TrialRequest:
    """A draft as the widgets have it; equal drafts are equal."""

    cuts: tuple[tuple[Knob, tuple[Stop, ...]], ...]
    sizes: Sizes
    weights: Weights


@dataclass(frozen=True)
class Trial:
    """A draft that was tried; `moves` counts customers by segment of today (rows) and of the draft (columns)."""

    policy: Policy
    segments: tuple[str, ...]
    minimum: int
    table: pd.DataFrame
    sizing_log: tuple[SizingStep, ...]
    moves: npt.NDArray[np.int64]


def as_run(what_if: WhatIf, run: Run) -> WhatIf:
    """Return a what-if whose policy holds what the run was asked for beside it: sizes, weights, assumptions."""
    update = {"sizes": sizes_of(run), "weights": run.weights, "assumptions": run.scores.assumptions}
    return replace(what_if, policy=run.policy.model_copy(update=update))


def sizes_of(run: Run) -> Sizes:
    """Return the size limits of a run; a minimum that is the automatic one stays automatic."""
    limits = run.segmentation.tree.limits
    auto = automatic_minimum(sum(run.segmentation.sizes))
    minimum = None if limits.minimum == auto else limits.minimum
    return Sizes(min_size=minimum, max_size=limits.maximum, split_oversize=limits.split_oversize)


def automatic_minimum(universe: int) -> int:
    """Return the smallest size that goes for a number of customers if nobody sets one.

    >>> automatic_minimum(2_000)
    60
    """
    return SizeLimits.of(Sizes(), universe).minimum


def start(what_if: WhatIf) -> TrialRequest:
    """Return the draft that changes nothing."""
    return TrialRequest((), what_if.policy.sizes, what_if.policy.weights)


def sliders(what_if: WhatIf, currency: str = "") -> tuple[Slider, ...]:
    """Return a slider for each knob, its places labelled by share and value, such as `20 % ($32.72)`."""
    features = [feature for feature, _ in what_if.stops]
    controls = []
    for knob, stops in what_if.stops.items():
        feature, cuts = knob
        label, unit = COLUMNS[feature].label, COLUMNS[feature].unit
        write = partial(fmt.number_words, unit=unit if unit == "money" else "", currency=currency)
        at = ", ".join(map(fmt.cut_words, cuts))
        again = f" (cut at {at})" if features.count(feature) > 1 else ""
        labels = labels_of(stops, shares_below(what_if, feature, stops), write)
        of_value = {stop.value: text for text, stop in zip(labels, stops, strict=True)}
        today = tuple(of_value[value] for value in what_if.fitted[knob])
        title = label[0].upper() + label[1:] + again
        controls.append(Slider(knob, title, dict(zip(labels, stops, strict=True)), today))
    return tuple(controls)


def shares_below(what_if: WhatIf, feature: str, stops: Sequence[Stop]) -> list[float]:
    """Return the share of the customers with a value who are at or below each stop."""
    place = [axis.feature for axis in what_if.grid.axes].index(feature)
    axis = what_if.grid.axes[place]
    counts = np.bincount(what_if.grid.axis_codes(place), weights=what_if.cube.size, minlength=axis.size)
    below = np.cumsum(counts[1:])
    known = max(float(below[-1]), 1.0)
    return [float(below[np.searchsorted(axis.cuts, stop.value)]) / known for stop in stops]


def labels_of(
    stops: Sequence[Stop], shares: Sequence[float], write: Callable[[float], str] = fmt.number_words
) -> list[str]:
    """Return a label for each stop; values get as many digits as it takes to tell them apart.

    >>> [text.replace(fmt.SPACE, " ") for text in labels_of([Stop("q20", 32.718), Stop(90.0, 90.0)], [0.2, 0.78])]
    ['20 % (32.72)', '78 % (90)']
    """
    values = [stop.value for stop in stops]
    texts = ["never reached" if value >= UNREACHED else write(value) for value in values]
    if len(set(texts)) < len(texts):
        texts = [repr(value) for value in values]
    return [f"{round(200 * share) / 2:g}{fmt.SPACE}% ({text})" for share, text in zip(shares, texts, strict=True)]


def try_out(what_if: WhatIf, request: TrialRequest, evidence: Evidence) -> Trial:
    """Return what a draft gives, by the cube with the run's own sizes and weights and the run's own evidence."""
    draft = what_if.draft(dict(request.cuts), sizes=request.sizes)
    policy = draft.tree.policy.model_copy(update={"sizes": request.sizes, "weights": request.weights})
    return Trial(
        policy=policy,
        segments=draft.tree.names,
        minimum=draft.tree.limits.minimum,
        table=score(draft, weights=request.weights, evidence=evidence).table,
        sizing_log=draft.tree.sizing_log,
        moves=draft.moves,
    )


def weights_of(parts: Mapping[str, int]) -> Weights | None:
    """Return the weights that the sliders say, or None if all are 0."""
    total = sum(parts.values())
    return Weights(**{name: part / HEAVIEST for name, part in parts.items()}) if total else None


def parts_of(weights: Weights) -> dict[str, int]:
    """Return weights as places of their sliders, in percent of their sum.

    >>> parts_of(Weights())["conv_pot"]
    35
    """
    values: dict[str, float] = {name: getattr(weights, name) for name in WEIGHTS}
    return {name: round(HEAVIEST * value / sum(values.values())) for name, value in values.items()}


def side_by_side(today: Trial, draft: Trial) -> pd.DataFrame:
    """Return both as one table: the draft's segments by rank, then those that are gone.

    Columns: Segment, Size and Overall_Score of both with their change, Rank of both; NaN where there is none.
    """
    sides = []
    for trial, suffix in ((today, "_today"), (draft, "_draft")):
        table = trial.table.set_index("Segment")[["Size", "Overall_Score"]]
        sides.append(table.assign(Rank=range(1, len(table) + 1)).add_suffix(suffix).astype("float64"))
    joined = sides[1].join(sides[0], how="outer").rename_axis("Segment").reset_index()
    joined = joined.sort_values(["Rank_draft", "Rank_today"], ignore_index=True, na_position="last")
    sizes = joined[["Size_today", "Size_draft"]].fillna(0)
    joined["Size_change"] = sizes["Size_draft"] - sizes["Size_today"]
    joined["Overall_change"] = joined["Overall_Score_draft"] - joined["Overall_Score_today"]
    return joined


def named(policy: Policy, title: str) -> Policy:
    """Return a policy under another title, and under the short name that follows from it."""
    text = title.strip()
    origin = f"Drafted from {policy.name}. {policy.description}"
    return policy.model_copy(update={"title": text, "name": slug(text), "description": origin[:400]})
