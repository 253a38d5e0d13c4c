"""Tables to measure on: cheap to make, with missing values, the same in every run."""

import numpy as np
import pandas as pd

from benchmarks.harness import ROOT
from retention.policy.policy import Policy
from retention.policy.yaml_text import policy_from_yaml


def customers(size: int, *, seed: int = 20250930) -> pd.DataFrame:
    """Return a universe: user_id, the three features of the twelve-leaf policy, days and cart value."""
    rng = np.random.default_rng(seed)

    def holes(values: np.ndarray, share: float) -> np.ndarray:
        values[rng.random(size) < share] = np.nan
        return values

    return pd.DataFrame(
        {
            "user_id": pd.Series(np.arange(size)).astype("str"),
            "avg_order_value": holes(rng.lognormal(4, 0.8, size).round(2), 0.05),
            "engagement_score": holes(rng.beta(2, 2, size).round(4), 0.03),
            "profitability_score": holes(rng.beta(2, 3, size).round(4), 0.02),
            "days_since_abandonment": rng.integers(0, 7, size).astype(float),
            "cart_value": rng.lognormal(4, 0.8, size).round(2),
        }
    )


def policy(name: str) -> Policy:
    """Return a policy that is shipped."""
    path = ROOT / "policies" / f"{name}.yaml"
    return policy_from_yaml(path.read_text(encoding="utf-8"), source=path.name)
