"""Outcomes: what customers did after a send.

columns        which column of a file holds what
outcome_rows   files -> typed rows
outcome_list   rows -> customers who bought, of a list
outcome_table  rows -> arms and observations, of a whole experiment
"""
