"""Experiments with a planted lift, trees learnt from them, and what each tree is truly worth."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.search.held_out import BEST, GREEDY, TODAY, Judged, held_out
from retention.search.nodes import leaf_numbers
from retention.search.objectives import LeafLimits
from retention.search.questions import FOLDS, ProfitQuestion, Wish
from run_store import load_policy
from segmentation_engine import fit

Floats = npt.NDArray[np.float64]

FEATURES = ("avg_order_value", "cart_value", "engagement_score", "num_cart_items", "days_since_last_order")
LIMITS = LeafLimits(200, per_arm=60)
POLICYTREE = "policytree-style"
KINDS = ("one column", "two columns together", "nothing to find")
"""Where the mail pays: where engagement is high; where engagement and cart are both high or both low; nowhere."""
CUSTOMERS = 20_000


@dataclass(frozen=True)
class Watched(ProfitQuestion):
    """A question whose customers' true gains are known; it keeps what each judged choice of arms truly brings."""

    true: Floats = field(default_factory=lambda: np.empty(0))
    seen: list[Floats] = field(default_factory=list)

    def judged(self, rows: npt.NDArray[np.bool_], leaves: npt.NDArray[np.int64]) -> Floats:
        """Return what leaves are worth for each customer; what they truly are worth is kept."""
        self.seen.append(self.true * self.chosen(rows, leaves)[leaves])
        return super().judged(rows, leaves)


def draw(kind: str, seed: int) -> Watched:
    """Return an experiment of 20,000 customers; a tenth buys, for lognormal money, and a mail costs 0.2."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    n = CUSTOMERS
    frame = pd.DataFrame(
        {
            "avg_order_value": rng.lognormal(4, 0.7, n),
            "cart_value": rng.lognormal(4, 0.8, n),
            "engagement_score": rng.random(n),
            "num_cart_items": rng.integers(1, 9, n).astype(np.float64),
            "days_since_last_order": np.where(rng.random(n) < 0.2, np.nan, rng.integers(1, 300, n)),
        }
    )
    engaged, large = (frame[name] > frame[name].median() for name in ("engagement_score", "cart_value"))
    lift = {
        "one column": engaged * 0.06,
        "two columns together": (engaged == large) * 0.06,
        "nothing to find": 0.0 * large,
    }
    arm = rng.integers(0, 2, n)
    chance = 0.1 + arm * lift[kind].to_numpy(dtype=np.float64)
    money = rng.lognormal(3, 0.6, n)
    bought = rng.random(n) < chance
    worth, cost = float(np.exp(3 + 0.6**2 / 2)), 0.2
    tree = fit(frame, load_policy("five-segments"))
    today = tree.grid.look_up(frame, tree.segment_of_cell).astype(np.int64)
    return Watched(
        frame,
        today,
        Wish(FEATURES, limits=LIMITS),
        ("control", "mail"),
        arm,
        np.where(bought, money, 0.0) - arm * cost,
        bought,
        np.full((n, 2), 0.5),
        true=np.asarray(lift[kind].to_numpy(dtype=np.float64) * worth - cost, dtype=np.float64),
    )


def compared(kind: str, seed: int) -> tuple[Judged, dict[str, float]]:
    """Return what the held-out comparison says of an experiment, and the true worth of each tree per customer.

    Beside those of the comparison there is a tree as policytree finds it: the best of depth 2, of any size.
    """
    question = draw(kind, seed)
    judged = held_out(question)
    folds, true = question.folds, dict[str, float]()
    for place, name in enumerate((TODAY, GREEDY, BEST)):
        parts = [question.seen[3 * fold + place][folds == fold] for fold in range(FOLDS)]
        true[name] = float(np.concatenate(parts).mean())
    free = Watched(**{**vars(question), "wish": Wish(FEATURES, depth=2, bins=32, caution=0), "seen": []})
    worth = np.empty(CUSTOMERS)
    for fold in range(FOLDS):
        rows = folds != fold
        lesson = free.lesson(rows)
        leaves = leaf_numbers(lesson.best(), lesson.codes(free.frame)).astype(np.int64)
        worth[~rows] = (free.true * free.chosen(rows, leaves)[leaves])[~rows]
    return judged, true | {POLICYTREE: float(worth.mean())}
