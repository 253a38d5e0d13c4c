"""The arms of a run's experiment, balanced on what is known of its customers before anything is sent."""

import numpy as np
import pandas as pd

from analysis import Run
from retention.customers.reach import unreached
from retention.experiment.arms import Experiment
from retention.experiment.balance import Balance, Cohort, balance_arms
from retention.partition.fitted import Segmentation

MEASURED = {
    "order value": "avg_order_value",
    "engagement": "engagement_score",
    "days since the last order": "days_since_last_order",
}
PAST_ORDERS = "has ordered before"


def balanced(run: Run, experiment: Experiment, *, seed: int = 0, choose: bool = True) -> tuple[Experiment, Balance]:
    """Return a new experiment on a run with the salt whose arms are most alike, and how alike they are.

    Only customers who can be reached count, as in the results.
    """
    return balance_arms(lambda: map(_cohort, run.segmentation.in_parts()), experiment, seed=seed, choose=choose)


def _cohort(part: Segmentation) -> Cohort:
    rest = np.equal(unreached(part.customers), 0)
    customers = part.customers[rest]
    known = {name: customers[column] for name, column in MEASURED.items() if column in customers}
    covariates = pd.DataFrame({name: each.to_numpy(dtype=np.float64) for name, each in known.items()})
    if "last_order_date" in customers:
        # A table of customers tells no number of orders, so whether there was one stands for it.
        covariates[PAST_ORDERS] = customers["last_order_date"].notna().to_numpy(dtype=np.float64)
    names = part.tree.names
    return Cohort(customers["user_id"].reset_index(drop=True), part.codes[rest], names, covariates)
