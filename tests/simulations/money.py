"""Experiments with money whose truth is known, and other ways to judge them; shares no code with the product.

nice -n 10 python -m tests.simulations.money
"""

import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.experiment.intervals import Pair, p_value
from retention.experiment.lift import Costs, holm, money_columns
from retention.experiment.money import FEWEST, Spending, Worth
from tests.simulations import money_rivals

Floats = npt.NDArray[np.float64]

SEED = 61
RATE = 0.03
BASKETS = ("lognormal .5", "lognormal 1", "hillstrom", "online_retail", "cdnow")
SHARES = (0.05, 0.1, 0.2, 0.5)
PURCHASES = (5, 8, 20, 40, 100)
"""Of the control, expected."""
EFFECTS = ((1.0, 1.0), (1.3, 1.0), (1.0, 1.2), (1.2, 0.8))
"""What the treatment does to the rate of buying, and to the size of a basket."""
FAMILY = (2, 4, 6, 10, 15, 25, 40, 60)
"""Expected purchases of the control in the segments of one experiment."""
FAMILY_SHARES = (0.05, 0.1, 0.5)
_CHUNK = 2_000


@dataclass(frozen=True)
class Arm:
    """One arm of many experiments: customers, and per experiment purchases and sums of powers of money."""

    n: int
    sums: Floats

    @property
    def count(self) -> Floats:
        """Purchases."""
        return self.sums[:, 0]


def baskets(kind: str, size: int, rng: np.random.Generator) -> Floats:
    """Return baskets with a mean of 1."""
    name, _, spread = kind.partition(" ")
    if spread:
        sigma = float(spread)
        return rng.lognormal(-(sigma**2) / 2, sigma, size)
    known = np.loadtxt(Path(__file__).parents[1] / "data" / "baskets" / f"{name}.txt")
    return rng.choice(known / known.mean(), size)


def drawn(kind: str, n: int, rate: float, scale: float, experiments: int, rng: np.random.Generator) -> Arm:
    """Return an arm of many experiments."""
    parts = []
    for start in range(0, experiments, _CHUNK):
        count = rng.binomial(n, rate, min(_CHUNK, experiments - start))
        money = scale * baskets(kind, int(count.sum()), rng)
        ends = np.cumsum(count)
        columns = [count.astype(np.float64)]
        for power in (1, 2, 3):
            total = np.concatenate(([0.0], np.cumsum(money**power)))
            columns.append(total[ends] - total[ends - count])
        parts.append(np.stack(columns, axis=1))
    return Arm(n, np.concatenate(parts))


def experiment(
    kind: str, purchases: float, share: float, effect: tuple[float, float], times: int, rng: np.random.Generator
) -> tuple[Arm, Arm]:
    """Return treatment and control of many experiments."""
    n0 = round(purchases / RATE)
    n1 = round(n0 * (1 - share) / share)
    treated = drawn(kind, n1, RATE * effect[0], effect[1], times, rng)
    return treated, drawn(kind, n0, RATE, 1.0, times, rng)


def spending(treated: Arm, control: Arm) -> Spending:
    """Return many experiments as the product takes them, one a row."""
    sums = np.stack([treated.sums, control.sums], axis=1)[:, None]
    n = np.broadcast_to(np.array([float(treated.n), float(control.n)]), sums.shape[:3])
    return Spending(n, sums[..., 0], sums, np.ones((len(sums), 1)))


def coverage(kind: str, purchases: int, share: float, times: int, seed: int) -> Iterator[dict[str, object]]:
    """Yield, per effect, how often the intervals of revenue and profit miss the truth among those that are given."""
    rng = np.random.default_rng([seed, BASKETS.index(kind), purchases, round(100 * share)])
    worth = Worth(0.3, 0.05, 0.002)
    for rate, size in EFFECTS:
        seen = spending(*experiment(kind, purchases, share, (rate, size), times, rng))
        truths = {
            "revenue": (Worth(), RATE * (rate * size - 1)),
            "profit": (worth, RATE * (0.3 * (rate * size - 1) - 0.05 * rate) - 0.002),
        }
        for measure, (value, truth) in truths.items():
            gaps = seen.judge(value)
            given = ~np.isnan(gaps.low)
            low, high = gaps.low[given], gaps.high[given]
            row = {"baskets": kind, "purchases": purchases, "share": share, "rate": rate, "size": size}
            yield row | {
                "measure": measure,
                "given": given.mean(),
                "too hopeful": (low > truth).mean(),
                "too gloomy": (high < truth).mean(),
                "alarm": (gaps.p[given] < 0.05).mean(),
            }


def family(kind: str, share: float, times: int, seed: int) -> dict[str, object]:
    """Return how often any of eight segments is said to bring money that it does not bring.

    `revenue`: nothing changes anything. `pays` and `loses`: the treatment brings a fifth more purchases, and just as
    much as it costs. `wrong loss`: it brings as much again as it costs.
    """
    rng = np.random.default_rng([seed, BASKETS.index(kind), round(100 * share)])
    nothing, lift = (1.0, 1.0), (1.2, 1.0)
    gain = 0.3 * RATE * 0.2
    shown = {}
    for name, effect, cost in (("none", nothing, 0.0), ("even", lift, gain), ("gain", lift, gain / 2)):
        signs = {"revenue_p": np.zeros((times, len(FAMILY))), "profit_p": np.zeros((times, len(FAMILY)))}
        for place, purchases in enumerate(FAMILY):
            columns = judged(*experiment(kind, purchases, share, effect, times, rng), Costs(0.3, cost))
            for p, value in (("revenue_p", "revenue"), ("profit_p", "profit")):
                signs[p][:, place] = columns[p] * np.sign(columns[value])
        for p, signed in signs.items():
            adjusted = np.apply_along_axis(holm, 1, np.abs(signed))
            claims = np.where(adjusted < 0.05, np.sign(signed), 0)
            shown[name, p] = (claims > 0).any(axis=1).mean(), (claims < 0).any(axis=1).mean()
    return {
        "baskets": kind,
        "share": share,
        "revenue": sum(shown["none", "revenue_p"]),
        "pays": shown["even", "profit_p"][0],
        "loses": shown["even", "profit_p"][1],
        "wrong loss": shown["gain", "profit_p"][1],
    }


def judged(treated: Arm, control: Arm, costs: Costs) -> dict[str, Floats]:
    """Return p and value of revenue and profit as the product has them; p = 1 where money by itself shows nothing."""
    seen = spending(treated, control)
    by_itself = seen.judge(), seen.judge(Worth(costs.margin, costs.discount, costs.contact_cost))
    shown = np.logical_or(*(np.nan_to_num(gaps.p, nan=1) < 0.05 for gaps in by_itself))
    x1, x0 = treated.count[shown], control.count[shown]
    rates = {"difference": x1 / treated.n - x0 / control.n, "p": p_value(Pair(x1, treated.n, x0, control.n))}
    rows = Spending(seen.n[shown], seen.converted[shown], seen.sums[shown], seen.weight[shown])
    found = money_columns(rows, costs, pd.DataFrame(rates)) if shown.any() else {}
    out = {}
    for name, gaps in zip(("revenue", "profit"), by_itself, strict=True):
        # A segment with too few purchases is no test, so Holm does not count it.
        out[f"{name}_p"] = np.where(np.isnan(gaps.p), np.nan, 1.0)
        out[f"{name}_p"][shown] = found[f"{name}_p"] if found else np.nan
        out[name] = gaps.value
    return out


def compared(kind: str, purchases: int, share: float, times: int, seed: int) -> dict[str, object]:
    """Return how often each way to judge misses the truth of no effect: too hopeful / too gloomy, in percent."""
    rng = np.random.default_rng([seed, purchases, round(100 * share)])
    treated, control = experiment(kind, purchases, share, (1.0, 1.0), times, rng)
    enough = (treated.count >= FEWEST) & (control.count >= FEWEST)
    out: dict[str, object] = {"baskets": kind, "purchases": purchases, "share": share}
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, way in money_rivals.WAYS.items():
            z = way(money_rivals.moments(treated.n, treated.sums), money_rivals.moments(control.n, control.sums))[
                enough
            ]
            out[name] = _tails((z > money_rivals.CRITICAL).mean(), (z < -money_rivals.CRITICAL).mean())
        for name, tails in money_rivals.resampled(kind, treated.n, control.n, RATE, rng).items():
            out[name] = _tails(*tails)
        gaps = spending(treated, control).judge()
        out["score, both arms"] = _tails((gaps.low[enough] > 0).mean(), (gaps.high[enough] < 0).mean())
    return out


def _tails(hopeful: float, gloomy: float) -> str:
    return f"{100 * hopeful:.1f} / {100 * gloomy:.1f}"


def say(table: pd.DataFrame) -> None:
    sys.stdout.write(f"{table.to_string()}\n")
    sys.stdout.flush()


def main(times: int, seed: int) -> None:
    """Print the families, the coverage and the comparison of one run."""
    pd.set_option("display.width", 250, "display.max_columns", 30, "display.max_rows", 2_000)
    families = pd.DataFrame([family(*cell, times, seed) for cell in itertools.product(BASKETS, FAMILY_SHARES)])
    say(families.round(4))
    rows = [row for cell in itertools.product(BASKETS, PURCHASES, SHARES) for row in coverage(*cell, times, seed)]
    table = pd.DataFrame(rows)
    table["coverage"] = 1 - table["too hopeful"] - table["too gloomy"]
    worst = {"given": "min", "coverage": "min", "too hopeful": "max", "too gloomy": "max"}
    for by in (["measure", "baskets", "purchases"], ["measure", "baskets", "share"], ["measure"]):
        say((100 * table.groupby(by, sort=False).agg(worst)).round(2))
    cells = itertools.product(("lognormal 1",), (5, 10, 20, 50), (0.05, 0.1, 0.5))
    say(pd.DataFrame([compared(*cell, min(times, 2_000), seed) for cell in cells]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, SEED)
