"""What a campaign would have done: outcomes drawn from the planted truth."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from data_generation.generator import Synthetic
from retention.errors import OptionError, Setting

KEPT_WHOLE = 0.70
KEPT_LOW = 0.50
"""Most recovered carts are bought whole; of the others a uniform part between `KEPT_LOW` and 1."""


def treated_probability(truth: pd.DataFrame) -> pd.Series:
    """Return the probability that a cart is recovered under a campaign: p x (1 + lift)."""
    return truth["recovery_probability"] * (1 + truth["campaign_lift"])


def draw_outcomes(synthetic: Synthetic, treated: npt.ArrayLike, seed: int) -> pd.DataFrame:
    """Return what each customer does, given who gets the campaign.

    A customer has one draw per seed, whoever is treated. So a customer who converts without the
    campaign also converts with it, and two calls with the same seed give both potential outcomes.

    Args:
        synthetic: The customers.
        treated: One boolean per customer, in row order.
        seed: Seed of the outcomes, 0 or more; the customers' own seed counts as well.

    Returns:
        `user_id`, `converted` (0 or 1), `revenue` (money, 0 without conversion), row for row.

    Raises:
        OptionError: `treated` is not one boolean per customer, or the seed is negative.
    """
    arm = np.asarray(treated)
    if arm.dtype != np.bool_ or arm.shape != (synthetic.size,):
        raise OptionError("treatment is not one boolean per customer", hint=f"Pass {synthetic.size} booleans")
    if seed < 0:
        raise OptionError(f"the seed {seed} is negative", where=Setting.SEED, hint="Use 0 or more")
    truth = synthetic.truth
    rng = np.random.default_rng((synthetic.seed, seed))
    probability = np.where(arm, treated_probability(truth), truth["recovery_probability"])
    converted = rng.random(synthetic.size) < probability
    part = rng.random(synthetic.size)
    kept = np.where(part < KEPT_WHOLE, 1.0, KEPT_LOW + (1 - KEPT_LOW) * (part - KEPT_WHOLE) / (1 - KEPT_WHOLE))
    revenue = np.where(converted, np.round(truth["cart_value"].to_numpy() * kept, 2), 0.0)
    return pd.DataFrame({"user_id": truth["user_id"], "converted": converted.astype(np.int64), "revenue": revenue})
