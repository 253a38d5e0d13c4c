"""What experiments measured, together with what the policy assumes: baseline and lift of each segment, jointly.

The policy's range of the lift is the prior of each segment: half of it lies on each side of the stated value, 95 % of
it between the stated ends. Segments have a part of their lift in common; how large a part is not known. Baselines lie
around a common level, or around what the run knows of each segment; how far they scatter is not known either. Nothing
of that is estimated and then taken for true: every possibility counts with its likelihood (A. Gelman et al., Bayesian
Data Analysis, chapter 5). Likelihoods are binomial, so nobody out of 60 is a count like any other.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, expit, logit, ndtr

from retention.scores.arithmetic import Z95, Stated, at_deviation, generator_for

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

OWN_PARTS = (0.25, 0.5, 0.75, 0.95)
"""Standard deviation of a segment's own part of the lift, in units of the stated range's; the rest is common to all."""
CONFLICTS = ((3.0, 0.015), (8.0, 0.005))
"""Own parts far beyond the stated range, with their probability: a range that is wrong must not outweigh data."""
NARROWEST = 0.025
"""Least standard deviation of a stated lift once something was measured: nobody knows it to the digit."""
COMMON = np.linspace(-6, 6, 31)
"""Common parts that are tried, in units of the stated range."""
SHIFTS = np.linspace(-3.5, 3.5, 29)
"""Logits by which the common level of baselines may differ from what is assumed or modelled."""
SHIFT_ERROR = 0.5
"""Standard deviation of these logits: two thirds of the shops lie between 5 and 12.5 % where 8 % are assumed."""
SCATTER = np.array([10.0, 30.0, 60.0, 120.0, 300.0, 1000.0])
"""Concentrations of baselines around their level: at 10 they scatter widely, at 1,000 they are all but equal."""
CELLS = 64
"""Steps that baselines, and that lifts, are divided into."""
WIDEST = np.linspace(-12, 6, CELLS + 1)
"""Logits of the baselines that are tried first."""
_FINE = np.linspace(-12, 6, 500)
_PASSES = 8
_LEAST = 1e-300


@dataclass(frozen=True)
class Counts:
    """What was counted in a segment; counts of older experiments may be discounted, so they have fractions.

    Args:
        customers: Of the treatment; 0 where there was none, and only the baseline is learned.
        control_converted: Of those who were not contacted.
        control_customers: Of those who were not contacted.
    """

    converted: float
    customers: float
    control_converted: float
    control_customers: float


@dataclass(frozen=True)
class SegmentCounts:
    """A segment that something was measured of.

    Args:
        baseline: What its conversion without contact is taken for, above 0 and below 1.
        counts: One or more, the last one last: each has a baseline of its own, and the last one's is what is learned.
    """

    name: str
    baseline: float
    counts: tuple[Counts, ...]


@dataclass(frozen=True, eq=False)
class Learned:
    """Baseline and lift of a segment, as they are believed to be.

    Args:
        baseline: The conversion without contact, and its 95 % interval.
        lift: Middle of the relative lift, and its 95 % interval.
        assumed: How much of the knowledge of the lift is the assumption, from 0 to 1.
        baselines: Draws, shape (n,).
        lifts: Draws that belong to the baselines, shape (n,).
    """

    baseline: Stated
    lift: Stated
    assumed: float
    baselines: Floats
    lifts: Floats


# Sliders score again and again with the same measurements, and learning takes longer than all the rest of a score.
@lru_cache(maxsize=16)
def learn(segments: tuple[SegmentCounts, ...], lift: Stated, *, draws: int, seed: int) -> dict[str, Learned]:
    """Return what is believed of each segment, by name; the order of the segments does not matter."""
    fits = [_Fit.of(each, _widened(lift)) for each in sorted(segments, key=lambda each: each.name)]
    # The probability of each pair of a level and an effect: prior times what it gives the counts of every segment.
    fit = np.log(_LEVELS.weight)[:, None] + np.log(_EFFECTS.weight)
    for each in fits:
        fit = fit + np.log(np.maximum(each.given_level @ each.given_effect.T, _LEAST))
    weight = np.cumsum(np.exp(fit - fit.max()).ravel())
    chosen = np.searchsorted(weight, generator_for(seed, "experiments").random(draws) * weight[-1])
    level, effect = np.divmod(np.minimum(chosen, weight.size - 1), _EFFECTS.weight.size)
    return {each.segment.name: each.learned(level, effect, seed) for each in fits}


@dataclass(frozen=True, eq=False)
class _Levels:
    """Levels and scatter of the baselines that are tried, shape (levels,) each."""

    shift: Floats
    scatter: Floats
    weight: Floats

    @classmethod
    def all(cls) -> "_Levels":
        shift, scatter = (each.ravel() for each in np.meshgrid(SHIFTS, SCATTER, indexing="ij"))
        # The second part has next to no weight, until counts tell of a level that the first part has none for.
        weight = np.exp(-0.5 * (shift / SHIFT_ERROR) ** 2) + 0.01 * np.exp(-0.5 * (shift / (3 * SHIFT_ERROR)) ** 2)
        return cls(shift, scatter, weight / weight.sum())

    def density(self, baseline: float, logits: Floats) -> Floats:
        """Return the probability density of a segment's baseline under each level, shape (levels, logits)."""
        mean = expit(self._center(baseline) + self.shift)
        a, b = (mean * self.scatter)[:, None], ((1 - mean) * self.scatter)[:, None]
        p = expit(logits)
        return np.asarray(np.exp(a * np.log(p) + b * np.log1p(-p) - betaln(a, b)))

    def _center(self, baseline: float) -> float:
        """Return the logit around which levels have the baseline as their mean."""
        center = wanted = float(logit(baseline))
        for _ in range(20):
            center += wanted - float(logit(self.weight @ expit(center + self.shift)))
        return center


@dataclass(frozen=True, eq=False)
class _Effects:
    """Common parts of the lift and spreads around them that are tried, in units of the stated range."""

    mean: Floats
    spread: Floats
    weight: Floats

    @classmethod
    def all(cls) -> "_Effects":
        usual = (1 - sum(weight for _, weight in CONFLICTS)) / len(OWN_PARTS)
        # However large its own part is, a segment's lift has the stated range: the common part takes up what is left.
        parts = [(np.sqrt(1 - own**2), own, usual) for own in OWN_PARTS]
        parts += [(1.0, own, weight) for own, weight in CONFLICTS]
        common, own, weight = (np.array(each) for each in zip(*parts, strict=True))
        normal = np.exp(-0.5 * COMMON**2)
        mean, weight = np.outer(common, COMMON).ravel(), np.outer(weight, normal / normal.sum()).ravel()
        return cls(mean, np.repeat(own, COMMON.size), weight)

    def mass(self, edges: Floats) -> Floats:
        """Return the probability of each cell of lifts under each effect, shape (effects, cells)."""
        return np.diff(ndtr((edges - self.mean[:, None]) / self.spread[:, None]), axis=1)


_LEVELS, _EFFECTS = _Levels.all(), _Effects.all()


@dataclass(frozen=True, eq=False)
class _Fit:
    """The likelihood of a segment's counts in cells of baseline and lift.

    Args:
        lifts: Edges of the lifts, in units of the stated range.
        baselines: Edges of the last baseline, as logits.
        of_baseline: Density of the last baseline under each level, shape (levels, cells).
        of_counts: Likelihood of the last counts, shape (cells of baselines, cells of lifts).
        given_level: Likelihood of all counts, shape (levels, cells of lifts).
        given_effect: Probability of each cell of lifts, shape (effects, cells of lifts).
    """

    segment: SegmentCounts
    lift: Stated
    lifts: Floats
    baselines: Floats
    of_baseline: Floats
    of_counts: Floats
    given_level: Floats
    given_effect: Floats

    @classmethod
    def of(cls, segment: SegmentCounts, lift: Stated) -> "_Fit":
        lifts, baselines = _edges(segment, lift)
        densities = [_LEVELS.density(segment.baseline, _middles(each)) for each in baselines]
        tables = [_table(counts, each, lifts, lift) for counts, each in zip(segment.counts, baselines, strict=True)]
        given = np.prod([density @ table for density, table in zip(densities, tables, strict=True)], axis=0)
        return cls(segment, lift, lifts, baselines[-1], densities[-1], tables[-1], given, _EFFECTS.mass(lifts))

    def learned(self, level: Places, effect: Places, seed: int) -> Learned:
        """Return what is believed under drawn levels and effects, shape (draws,) each."""
        rng = generator_for(seed, f"measured|{self.segment.name}")
        shares = _shares(self.given_level[level] * self.given_effect[effect])
        cell, z = _drawn(shares, self.lifts, rng)
        of_baseline = _shares(self.of_baseline[level] * self.of_counts.T[cell])
        baselines = expit(_drawn(of_baseline, self.baselines, rng)[1])
        below = np.append(0.0, np.cumsum(shares.mean(axis=0)))
        value, low, high = _lifts(self.lift, np.interp([0.5, 0.025, 0.975], below, self.lifts)).tolist()
        ends = np.quantile(baselines, [0.025, 0.975])
        stated = 1 + np.where(_EFFECTS.spread > 1, _EFFECTS.spread**2, 0)
        return Learned(
            (float((of_baseline @ expit(_middles(self.baselines))).mean()), float(ends[0]), float(ends[1])),
            (value, low, high),
            min(1.0, float(z.var() / stated[effect].mean())),
            baselines,
            _lifts(self.lift, z),
        )


def _edges(segment: SegmentCounts, lift: Stated) -> tuple[Floats, list[Floats]]:
    """Return edges of cells of the lift, and of the baseline of each count, as fine as the counts need them."""
    lifts, baselines = _widest(lift), [WIDEST] * len(segment.counts)
    prior = _LEVELS.weight @ _LEVELS.density(segment.baseline, _FINE)
    for _ in range(_PASSES):
        tables = [
            np.interp(_middles(each), _FINE, prior)[:, None] * _table(counts, each, lifts, lift)
            for counts, each in zip(segment.counts, baselines, strict=True)
        ]
        marginal = [table.sum(axis=0) for table in tables]
        of_lift = np.prod([each / each.sum() for each in marginal], axis=0) * (_EFFECTS.weight @ _EFFECTS.mass(lifts))
        # All counts speak about the lift; what they say together decides which baselines go with it.
        weight = [of_lift / np.maximum(each, _LEAST) for each in marginal]
        finer = [_narrowed(each, table @ w) for each, table, w in zip(baselines, tables, weight, strict=True)]
        before, lifts = lifts, _narrowed(lifts, of_lift)
        shrunk = [np.ptp(new) / np.ptp(old) for new, old in zip([lifts, *finer], [before, *baselines], strict=True)]
        baselines = finer
        if min(shrunk) > 0.8:
            break
    return lifts, baselines


def _table(counts: Counts, baselines: Floats, lifts: Floats, lift: Stated) -> Floats:
    """Return the likelihood of counts in cells of baselines and lifts, the largest 1."""
    p0 = expit(_middles(baselines))[:, None]
    p1 = np.minimum(p0 * (1 + _lifts(lift, _middles(lifts))), 1 - 1e-9)
    value, low, high = lift
    width = max(baselines[1] - baselines[0], (lifts[1] - lifts[0]) * max(value - low, high - value) / Z95)
    fit = _binomial(counts.control_converted, counts.control_customers, p0, width)
    fit = fit + _binomial(counts.converted, counts.customers, p1, width)
    return np.asarray(np.exp(fit - fit.max()))


def _binomial(converted: float, customers: float, rate: Floats, width: float) -> Floats:
    """Return the log likelihood of the counts of an arm, spread to half the width of a cell at the least.

    One narrower than that would fall between the middles of cells. Spread, it is found; the last cells are narrow
    enough to take it as it is.
    """
    spread = min(1.0, 4 / (width**2 * max(converted, 1)))
    return np.asarray(spread * (converted * np.log(rate) + (customers - converted) * np.log1p(-rate)))


def _widest(lift: Stated) -> Floats:
    """Return the edges of the lifts that are tried first: from next to nobody to five times as many."""
    value, low, high = lift
    least, most = -(value + 0.99) * Z95 / (value - low), 4 * Z95 / (high - value)
    return np.linspace(min(least, -8), max(most, 8), CELLS + 1)


def _widened(lift: Stated) -> Stated:
    value, low, high = lift
    return value, min(low, value - Z95 * NARROWEST), max(high, value + Z95 * NARROWEST)


def _lifts(stated: Stated, z: Floats) -> Floats:
    """Return lifts so many standard deviations from the stated value; at -1 nobody would buy."""
    return np.maximum(at_deviation(stated, z), -0.999)


def _middles(edges: Floats) -> Floats:
    return (edges[1:] + edges[:-1]) / 2


def _narrowed(edges: Floats, mass: Floats) -> Floats:
    """Return edges around the cells that hold next to all of the mass, one cell more on each side."""
    below = np.cumsum(mass) / mass.sum()
    first, last = np.searchsorted(below, [1e-7, 1 - 1e-7])
    return np.linspace(edges[max(first - 1, 0)], edges[min(last + 2, edges.size - 1)], edges.size)


def _shares(weight: Floats) -> Floats:
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _drawn(shares: Floats, edges: Floats, rng: np.random.Generator) -> tuple[Places, Floats]:
    """Return a cell of each row, drawn by its share, and a place inside it."""
    below = np.cumsum(shares, axis=1)
    u, rows = rng.random(len(shares)) * below[:, -1], np.arange(len(shares))
    cell = np.minimum((below < u[:, None]).sum(axis=1), shares.shape[1] - 1)
    inside = np.clip(1 - (below[rows, cell] - u) / np.maximum(shares[rows, cell], _LEAST), 0, 1)
    return cell, edges[cell] + inside * (edges[cell + 1] - edges[cell])
