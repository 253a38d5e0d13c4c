"""Experiments: who is held out, what that can show, and what it showed.

arms          customers -> arms, by a hash
balance       of many salts, the one whose arms are most alike
power         what an experiment can show, before it is sent
observations  what the customers of an experiment did, as sums
sample_ratio  whether the arms have the sizes that they should have
intervals     of shares, their differences and ratios
money         per customer, for few and skewed purchases
guardrails    what must not get worse
lift          the effect of a treatment over the control
hierarchy     baseline and lift of segments, out of counts and assumptions
beliefs       baseline and lift of each segment of a run, with their sources
stratified    one effect out of several segments
results       all segments of an experiment, judged together
looks         what is clear before the outcome days are over, however often one looks
words         a verdict in words
policy_value  what treating the recommended segments is worth
budget        whom to contact within a budget
"""
