"""The policy workbench against what is published and what others do.

rules  gaps and overlaps of large decision tables
"""
