"""Scoring: independent of the number of customers once the cube stands, and against a bootstrap."""

import numpy as np
import pandas as pd

from benchmarks.harness import Row, at_least, at_most, paired, seconds, times_note
from benchmarks.tables import customers, policy
from retention.partition.cube import build_cube
from retention.partition.fitted import Segmentation
from retention.scores.terms import BASKET, CONVERSION, FIT, PROFITABILITY, terms
from segment_scorer import score
from segmentation_engine import assign, fit

RESAMPLES = 1_000


def run() -> list[Row]:
    """Return the rows of the scorer."""
    small, large = _segmentation(100_000), _segmentation(1_000_000)
    growth = paired(lambda: score(large), lambda: score(small))
    return [
        _cube(large),
        at_most("scores of 1,000,000 customers, against those of 100,000", growth, 1.5, times_note(growth)),
        _intervals(small),
    ]


def _segmentation(size: int) -> Segmentation:
    frame = customers(size)
    return assign(frame, fit(frame, policy("twelve-leaf")))


def _cube(segmentation: Segmentation) -> Row:
    frame, tree = segmentation.customers, segmentation.tree

    def grouped() -> object:
        groups = pd.DataFrame(dict(enumerate(terms(frame, segmentation.scale)))).groupby(segmentation.codes)
        return groups.mean(), groups.cov()

    pairs = paired(lambda: build_cube(frame, tree.grid, segmentation.scale), grouped, runs=5)
    title = "the cube of 1,000,000 customers, one pass, against pandas groupby mean and cov"
    return at_most(title, pairs, 1.5, times_note(pairs))


def _intervals(segmentation: Segmentation) -> Row:
    values = np.column_stack(
        [terms(segmentation.customers, segmentation.scale)[m] for m in (CONVERSION, PROFITABILITY, FIT, BASKET)]
    )
    members = [values[segmentation.codes == code] for code in range(len(segmentation.sizes))]

    def bootstrap() -> object:
        rng = np.random.default_rng(1)
        means = [
            [np.nanmean(part[rng.integers(0, len(part), len(part))], axis=0) for _ in range(RESAMPLES)]
            for part in members
        ]
        return [np.quantile(m, [0.025, 0.975], axis=0) for m in means]

    theirs = seconds(bootstrap)
    ours = [seconds(lambda: score(segmentation)) for _ in range(7)]
    pairs = [(our, theirs) for our in ours]
    title = (
        f"scores with intervals, ranks and P(best) of 100,000 customers, against a bootstrap of {RESAMPLES:,} resamples"
    )
    return at_least(title, pairs, 100, times_note(pairs))
