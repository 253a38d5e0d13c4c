"""Does the stated interval hold what came back? Weeks of customers whose probabilities are known, drawn here.

nice -n 10 python -m tests.simulations.coming_back
"""

import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.activity.forecast import BASE, Past, predictor, tried
from retention.scores.arithmetic import prediction_interval

WEEKS = 12
SEED = 20_251
SIZES = (100, 400)
REPLICATES = 60
CASES = {
    # Level of the log odds, its standard deviation from week to week, its change a week, and the signal's strength.
    "stable": (-2.2, 0.0, 0.0, 1.0),
    "stable, weak signal": (-2.2, 0.0, 0.0, 0.2),
    "weeks differ": (-2.2, 0.25, 0.0, 1.0),
    "drifting": (-2.2, 0.1, 0.06, 1.0),
    "no signal": (-2.2, 0.0, 0.0, 0.0),
    "no signal, weeks differ": (-2.2, 0.25, 0.0, 0.0),
    "signal turns": (-2.2, 0.1, 0.0, -1.0),
}


@dataclass(frozen=True)
class Found:
    """What one log showed in the week that was predicted: per segment, and of the Brier scores."""

    inside: NDArray[np.bool_]
    width: NDArray[np.float64]
    chosen: str
    gain: float


def weeks(case: str, size: int, rng: np.random.Generator) -> tuple[pd.DataFrame, NDArray[np.bool_], NDArray[np.int64]]:
    """Return customers of so many weeks and one more, whether each came back, and how many weeks ago."""
    level, spread, drift, strength = CASES[case]
    ago = np.repeat(np.arange(WEEKS, -1, -1), size)
    cart, days = rng.lognormal(4, 1, len(ago)), rng.integers(0, 7, len(ago)).astype(float)
    orders = rng.random(len(ago)) < 0.4
    frame = pd.DataFrame(
        {
            "cart_value": cart,
            "avg_order_value": np.where(orders, rng.lognormal(4, 0.8, len(ago)), np.nan),
            "num_cart_items": rng.poisson(2, len(ago)) + 1.0,
            "sessions_last_30d": rng.geometric(0.25, len(ago)).astype(float),
            "days_since_abandonment": days,
            "days_since_last_order": np.where(orders, rng.integers(1, 300, len(ago)), np.nan),
        }
    )
    # A step and a product, so that no logistic regression on the columns is right.
    signal = (np.log(cart) - 4) - 0.35 * days + 0.8 * orders * (np.log(cart) > 4.5) + 1.0
    # A sign below 0: half-way through the log the habit turns round.
    turned = np.where((strength < 0) & (ago > WEEKS // 2), -1.0, 1.0)
    odds = level + (rng.normal(0, spread, WEEKS + 1) + drift * np.arange(WEEKS + 1))[WEEKS - ago]
    back = rng.random(len(ago)) < 1 / (1 + np.exp(-(odds + turned * abs(strength) * signal)))
    return frame, back, ago


def segments(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Return five segments: by order value and cart, as policies have them."""
    order, cart = frame["avg_order_value"].to_numpy(), frame["cart_value"].to_numpy()
    return np.where(np.isnan(order), np.where(cart > 90, 1, 0), np.where(order < 40, 2, np.where(cart > 60, 4, 3)))


def one(case: str, size: int, rng: np.random.Generator) -> Found | None:
    """Return what one log showed; None where it was too short to be tried on."""
    frame, back, ago = weeks(case, size, rng)
    now = ago == 0
    past = Past(frame[~now].reset_index(drop=True), back[~now], ago[~now])
    trial = tried(past)
    if trial is None:
        return None
    asked, actual = frame[now].reset_index(drop=True), back[now]
    found = predictor(past, trial)(asked)
    spread = trial.spread(segments(trial.past.customers))
    groups = segments(asked)
    count = np.bincount(groups, minlength=5)
    share = np.bincount(groups, found[trial.used], 5) / count
    low, high = prediction_interval(share, spread.error(share, count))
    came = np.bincount(groups, actual, 5) / count
    error, base = (found[trial.used] - actual) ** 2, (found[BASE] - actual) ** 2
    return Found((low <= came) & (came <= high), high - low, trial.used, float((base - error).mean()))


def simulate(case: str, size: int, replicates: int, seed: int = SEED) -> dict[str, float]:
    """Return shares over logs: segments inside, all of a week inside, mean width, model used, and the Brier gain."""
    rng = np.random.default_rng([seed, list(CASES).index(case), size])
    logs = [found for _ in range(replicates) if (found := one(case, size, rng)) is not None]
    gains = np.array([found.gain for found in logs])
    return {
        "logs": len(logs),
        "inside": float(np.mean([found.inside for found in logs])),
        "width": float(np.mean([found.width for found in logs])),
        "used": float(np.mean([found.chosen != BASE for found in logs])),
        "gain": float(gains.mean()),
        "gain_error": float(gains.std(ddof=1) / np.sqrt(len(gains))),
    }


def table(replicates: int) -> str:
    """Return the results of all cases as a table in Markdown."""
    lines = ["| log | customers a week | inside | mean width | model used | Brier gain |", "|---|---|---|---|---|---|"]
    for case in CASES:
        for size in SIZES:
            r = simulate(case, size, replicates)
            gain = f"{r['gain']:.4f} (standard error {r['gain_error']:.4f})"
            shares = f"{r['inside']:.1%} | {100 * r['width']:.1f} | {r['used']:.0%}"
            lines.append(f"| {case} | {size:,} | {shares} | {gain} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table(REPLICATES) + "\n")
