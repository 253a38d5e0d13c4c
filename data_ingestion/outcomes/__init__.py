"""Outcomes: what customers did after a send.

outcome_table    a table with arms and outcomes
outcome_list     lists of customers who bought
outcome_numbers  text of such tables -> numbers
"""
