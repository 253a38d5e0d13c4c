"""The analysis on other engines than this machine's memory: the same rules, the same numbers.

parts  customers who come in parts, of which one is in memory
"""
