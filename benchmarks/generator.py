"""The generator, against numpy drawing as many raw variates."""

import numpy as np

from benchmarks.harness import Row, at_most, paired, times_note
from data_generation import generate
from data_generation.generator import VARIATES_PER_CUSTOMER as VARIATES

SIZE = 1_000_000


def run() -> list[Row]:
    """Return the row of the generator."""

    def raw() -> None:
        rng = np.random.default_rng(1)
        for i in range(VARIATES):
            (rng.standard_normal if i % 2 else rng.random)(SIZE)

    pairs = paired(lambda: generate(SIZE), raw, runs=5)
    title = f"{SIZE:,} complete customers, against numpy drawing {VARIATES} variates each"
    return [at_most(title, pairs, 10, times_note(pairs))]
