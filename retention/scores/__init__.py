"""Scores: the measures of a segment and the arithmetic of their intervals.

terms          what is scored, per customer
measures       the one table of measures: columns, names, weights, terms
arithmetic     weighing, intervals, draws, ranks
table          profit of one contact as that of all who can be reached, and the order
measured_lift  what an experiment counted in a segment
"""
