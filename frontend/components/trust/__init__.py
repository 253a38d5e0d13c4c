"""Why the numbers can be believed.

mece        the proof that every customer is in exactly one segment
rule_audit  rules from elsewhere, and their repair
quality     files, columns, derived values
quarantine  rows that were set aside
accounting  the account of rows, with its warnings
"""
