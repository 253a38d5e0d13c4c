"""Weeks over time.

over_time        the saved weeks over time
week_points      a saved week in a few numbers
compare          two weeks under one frozen tree
period_pair      what changed between them, in sentences
moves            how many moved from where to where
backtest         predictions beside what happened
figures_compare  charts of two weeks
figures_trends   charts of predictions and of weeks over time
"""
