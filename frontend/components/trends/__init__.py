"""Weeks over time.

compare          two weeks under one frozen tree
period_pair      the two weeks, and who moved
moves            how many moved from where to where
backtest         predictions beside what happened
figures_compare  their charts
"""
