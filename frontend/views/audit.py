"""Audit of rules: whom rules from elsewhere leave out, and whom they take twice."""

from frontend.components.trust import rule_audit
from frontend.state import current

state = current()
rule_audit.show(state)
