"""Scores: the measures of a segment and the arithmetic of their intervals.

measures       what is scored, per customer
arithmetic     weighing, intervals, draws, ranks
measured_lift  what an experiment measured of a segment
"""
