"""The analysis on other engines than this machine's memory: the same rules, the same numbers.

anywhere  `analyze`: one way in, which chooses
parts  customers who come in parts, of which one is in memory
activity  customers out of what they did, part by part
spark  customers in parts on a cluster
part_account  what became of the rows of some parts
"""
