"""Rules of somebody else, and the customers of a week: where nobody or two segments would take them."""

from dataclasses import dataclass

import pandas as pd

from analysis.accounting import without_undecided
from analysis.run import Settings, in_window
from data_ingestion import Intake
from retention.customers.contracts import OUTCOMES
from retention.customers.universe import select_universe
from retention.errors import ContractError, InputError, ensure
from retention.partition.fitted import Segmentation
from retention.policy.policy import Policy, features
from retention.rules.audit import RuleAudit, audit
from retention.rules.cells import space_of
from retention.rules.counts import counted
from retention.rules.logic import RuleSet
from retention.rules.reading import read_rules, root_of, rules_of_tree
from retention.rules.repair import repaired
from segmentation_engine import fit


@dataclass(frozen=True)
class MendedRules:
    """Rules that were audited, with the policy that mends them, or why none can."""

    found: RuleAudit
    repair: Policy | InputError


def audit_rules(text: str, source: str, intake: Intake | None = None, settings: Settings | None = None) -> RuleAudit:
    """Return all gaps and overlaps of the rules, or of the policy, in a text.

    Raises:
        InputError: The rules are not understood, or the customers lack a column of theirs.
    """
    read = read_rules(text, source)
    customers = None if intake is None else _customers(intake, settings or Settings(), _columns(read))
    return _audited(read, source, customers)


def mended_rules(text: str, source: str, name: str, week: Segmentation | None) -> MendedRules:
    """Return the same of the customers of a run, with the repair under a name."""
    read, customers = read_rules(text, source), None
    if week is not None:
        learned = ("user_id", *OUTCOMES) if isinstance(read, Policy) else ()
        used = ("cart_value", *learned, *_columns(read))
        customers = pd.concat([part.customers for part in week.in_parts(used, waves=False)], ignore_index=True)
    audited = _audited(read, source, customers)
    try:
        return MendedRules(audited, repair_of(audited, name))
    except InputError as error:
        return MendedRules(audited, error)


def _audited(read: RuleSet | Policy, source: str, customers: pd.DataFrame | None) -> RuleAudit:
    if customers is None:
        return audit(read if isinstance(read, RuleSet) else rules_of_tree(root_of(read, source), source))
    if absent := [name for name in _columns(read) if name not in customers.columns]:
        raise ContractError(f"the rules read {', '.join(absent)}, which the input does not have", where=source)
    rules = read if isinstance(read, RuleSet) else rules_of_tree(fit(customers, read).root, source)
    return counted(audit(rules), customers)


def _columns(read: RuleSet | Policy) -> tuple[str, ...]:
    if isinstance(read, Policy):
        return features(read)
    return tuple(axis.feature for axis in space_of(rule.when for rule in read.rules).axes)


def _customers(intake: Intake, settings: Settings, used: tuple[str, ...]) -> pd.DataFrame:
    """Return the customers of the window, without rows whose cells in the columns that are used cannot be read."""
    intake, window, _, _ = in_window(intake, settings)
    rows = without_undecided(intake, used).rows
    return select_universe(rows, window, on_conflict=settings.on_conflict).customers


def repair_of(audited: RuleAudit, name: str) -> Policy:
    """Return a policy that mends rules, after an audit of its own.

    Raises:
        RulesError: It would be beyond what a policy can hold.
    """
    policy = repaired(audited, name)
    ensure(audit(rules_of_tree(root_of(policy, name), name)).clean, "a repaired policy has no gap or overlap")
    return policy
