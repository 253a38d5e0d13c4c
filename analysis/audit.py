"""Rules of somebody else, and the customers of a week: where nobody or two segments would take them."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.run import DERIVED_NAMES, Settings, in_window
from analysis.set_aside import without_undecided
from data_ingestion import Intake
from retention.customers.universe import select_universe
from retention.errors import ContractError, RulesError, ensure
from retention.partition.quantiles import FeatureSample
from retention.policy.policy import Policy, features, quantile_of, splits
from retention.rules.audit import RuleAudit, audit
from retention.rules.cells import space_of
from retention.rules.counting import counted
from retention.rules.logic import RuleSet
from retention.rules.reading import read_rules, rules_of_policy
from retention.rules.repair import repaired


def audit_rules(text: str, source: str, intake: Intake | None = None, settings: Settings | None = None) -> RuleAudit:
    """Return all gaps and overlaps of the rules, or of the policy, in a text.

    Args:
        text: The rules.
        source: The name of their file.
        intake: Customers to count in the gaps and overlaps.
        settings: The window and the like.

    Raises:
        InputError: The rules are not understood, or the customers lack a column of theirs.
    """
    read = read_rules(text, source)
    if intake is None:
        return audit(read if isinstance(read, RuleSet) else rules_of_policy(read, source, _nobody(read, source)))
    used = _columns(read)
    customers = _customers(intake, settings or Settings(), used, source)
    if isinstance(read, Policy):
        numbers = lambda name: FeatureSample.of(customers[name].to_numpy(np.float64, na_value=np.nan))  # noqa: E731
        read = rules_of_policy(read, source, numbers)
    return counted(audit(read), customers)


def _columns(read: RuleSet | Policy) -> tuple[str, ...]:
    if isinstance(read, Policy):
        return features(read)
    return tuple(axis.feature for axis in space_of(rule.when for rule in read.rules).axes)


def _customers(intake: Intake, asked: Settings, used: tuple[str, ...], source: str) -> pd.DataFrame:
    """Return the customers of the window, without rows whose cells in the columns that are used cannot be read."""
    intake, window, _, _ = in_window(intake, asked)
    absent = [name for name in used if name not in intake.rows.columns and name not in DERIVED_NAMES]
    if absent:
        raise ContractError(f"the rules read {', '.join(absent)}, which the input does not have", where=source)
    return select_universe(without_undecided(intake, used).rows, window, on_conflict=asked.on_conflict).customers


def _nobody(policy: Policy, source: str) -> Callable[[str], FeatureSample]:
    cuts = [cut for split in splits(policy.tree) for cut in split.cuts or ()]
    if any(quantile_of(cut) is not None for cut in cuts):
        raise RulesError(
            "the policy cuts at quantiles, which are known of customers only",
            where=source,
            hint="Give the customers as well",
        )
    return lambda _: FeatureSample(np.empty(0))


def repair_of(found: RuleAudit, name: str) -> Policy:
    """Return a policy that mends rules, after an audit of its own.

    Raises:
        RulesError: It would be beyond what a policy can hold.
    """
    policy = repaired(found, name)
    ensure(audit(rules_of_policy(policy, name, _nobody(policy, name))).clean, "a repaired policy has no gap or overlap")
    return policy
