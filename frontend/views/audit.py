"""Audit of rules: whom rules from elsewhere leave out, and whom they take twice."""

from frontend.components.frame import page_header
from frontend.components.trust import rule_audit
from frontend.state import current

state = current()
page_header.show("Audit of rules")
rule_audit.show(state)
