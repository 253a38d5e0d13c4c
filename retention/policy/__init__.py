"""Policies: what a marketer means, before any customer is looked at.

policy       Policy, Split, Campaign, Assumptions, Weights, Sizes
yaml_text    YAML in and out, hash, JSON schema
edits        cuts, splits, names, missing branches and texts changed
differences  two policies told apart in words
strict_yaml  YAML without aliases, tags and repeated keys
"""
