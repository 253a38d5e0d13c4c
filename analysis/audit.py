"""Rules of somebody else, and the customers of a week: where nobody or two segments would take them."""

import pandas as pd

from analysis.run import Settings, in_window
from analysis.set_aside import without_undecided
from data_ingestion import Intake
from retention.customers.universe import select_universe
from retention.errors import ContractError, ensure
from retention.policy.policy import Policy, features
from retention.rules.audit import RuleAudit, audit
from retention.rules.cells import space_of
from retention.rules.counting import counted
from retention.rules.logic import RuleSet
from retention.rules.reading import read_rules, root_of, rules_of_tree
from retention.rules.repair import repaired
from segmentation_engine import fit


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
        return audit(read if isinstance(read, RuleSet) else rules_of_tree(root_of(read, source), source))
    customers = _customers(intake, settings or Settings(), _columns(read), source)
    rules = read if isinstance(read, RuleSet) else rules_of_tree(fit(customers, read).root, source)
    return counted(audit(rules), customers)


def _columns(read: RuleSet | Policy) -> tuple[str, ...]:
    if isinstance(read, Policy):
        return features(read)
    return tuple(axis.feature for axis in space_of(rule.when for rule in read.rules).axes)


def _customers(intake: Intake, asked: Settings, used: tuple[str, ...], source: str) -> pd.DataFrame:
    """Return the customers of the window, without rows whose cells in the columns that are used cannot be read."""
    intake, window, _, _ = in_window(intake, asked)
    rows = without_undecided(intake, used).rows
    customers = select_universe(rows, window, on_conflict=asked.on_conflict).customers
    if absent := [name for name in used if name not in customers.columns]:
        raise ContractError(f"the rules read {', '.join(absent)}, which the input does not have", where=source)
    return customers


def repair_of(found: RuleAudit, name: str) -> Policy:
    """Return a policy that mends rules, after an audit of its own.

    Raises:
        RulesError: It would be beyond what a policy can hold.
    """
    policy = repaired(found, name)
    ensure(audit(rules_of_tree(root_of(policy, name), name)).clean, "a repaired policy has no gap or overlap")
    return policy
