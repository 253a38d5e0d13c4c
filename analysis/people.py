"""The people behind a run: who is in which arm, who can be reached, and scores that count the same customers."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from retention.customer_value.year import value_of_year
from retention.customers.reach import Reach, count_reach, is_recovered
from retention.experiment.arms import Experiment, assign
from retention.partition.fitted import Codes, Segmentation
from retention.policy.policy import Assumptions, Weights
from segment_scorer import Evidence, SegmentScores, score

VALUE = ["Value_Year", "Value_Year_low", "Value_Year_high"]
"""Columns of the money of a year per customer who ordered; there where the customers' orders are known."""


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
    reach = reach_of(segmentation.customers, segmentation.codes, names, experiment)
    evidence = replace(evidence, held_out=reach.held_out(names))
    found = score(segmentation, weights=weights, assumptions=assumptions, evidence=evidence)
    back = dict(zip(names, recovered_by_segment(segmentation), strict=True))
    table = found.table.assign(Recovered=[back[name] for name in found.table["Segment"]])
    value = value_of_year(segmentation.customers, segmentation.codes, len(names))
    if value is not None:
        ends = pd.DataFrame(value.T, index=names, columns=VALUE).loc[table["Segment"]].reset_index(drop=True)
        table = pd.concat([table, ends], axis=1).assign(Value_Year_source="modelled")
    return reach, replace(found, table=table)


def recovered_by_segment(segmentation: Segmentation) -> list[int]:
    """Return how many customers of each segment have bought again already, in the order of the tree."""
    back = segmentation.codes[is_recovered(segmentation.customers)]
    return [int(count) for count in np.bincount(back, minlength=len(segmentation.tree.segments))]
