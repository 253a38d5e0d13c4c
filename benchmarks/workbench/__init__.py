"""The policy workbench.

rules  gaps and overlaps of large decision tables
trees  the search of the best tree
"""
