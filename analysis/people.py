"""The people behind a run: who is in which arm, who can be reached, and scores that count the same customers."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.customers.reach import Reach, count_reach, is_recovered
from retention.experiment.arms import Experiment, assign
from retention.partition.fitted import Codes, Segmentation
from retention.policy.policy import Assumptions, Weights
from segment_scorer import Evidence, SegmentScores, score


def arms_of(
    customers: pd.DataFrame, codes: Codes, segments: Sequence[str], experiment: Experiment
) -> "pd.Categorical[str]":
    """Return the arm of each customer.

    Args:
        customers: One row each; column used: user_id.
        codes: Position of each customer's segment.
        segments: Names of the segments.
        experiment: Its arms and shares.
    """
    return assign(customers["user_id"], experiment, pd.Series(segments, dtype="str").take(codes))


def reach_of(customers: pd.DataFrame, codes: Codes, segments: Sequence[str], experiment: Experiment | None) -> Reach:
    """Return how many of each segment can be reached; arguments as `arms_of`."""
    control = None if experiment is None else arms_of(customers, codes, segments, experiment).codes == 0
    return count_reach(customers, codes, len(segments), control)


def scored(
    segmentation: Segmentation,
    weights: Weights,
    assumptions: Assumptions | None,
    evidence: Evidence,
    experiment: Experiment | None,
) -> tuple[Reach, SegmentScores]:
    """Return who can be reached and the scores, which count the same people."""
    names = [segment.name for segment in segmentation.tree.segments]
    parts = [
        (reach_of(each.customers, each.codes, names, experiment), _recovered(each)) for each in segmentation.in_parts()
    ]
    reach, recovered = reduce(add, (each for each, _ in parts)), np.sum([each for _, each in parts], axis=0).tolist()
    evidence = replace(evidence, held_out=reach.held_out(names))
    found = score(segmentation, weights=weights, assumptions=assumptions, evidence=evidence)
    back = dict(zip(names, recovered, strict=True))
    table = found.table.assign(Recovered=[back[name] for name in found.table["Segment"]])
    return reach, replace(found, table=table)


def recovered_by_segment(segmentation: Segmentation) -> list[int]:
    """Return how many customers of each segment have bought again already, in the order of the tree."""
    counts: list[int] = np.sum([_recovered(part) for part in segmentation.in_parts()], axis=0).tolist()
    return counts


def _recovered(part: Segmentation) -> npt.NDArray[np.int64]:
    back = part.codes[is_recovered(part.customers)]
    return np.bincount(back, minlength=len(part.tree.segments))
