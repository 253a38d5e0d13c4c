"""The best tree that the data knows of: bins, sums, an exact search, and what the tree is worth.

bins        features -> few codes, and the splits that each allows
sums        additive statistics of the cells that any features make
objectives  what a leaf is worth, from its sums; limits of its size
nodes       the tree that a search returns
best_tree   the exact best tree
greedy      its rival, which splits one node at a time
questions   what a better tree is asked of: values of customers, or an experiment
held_out    what a search is worth on other customers, and how firm its splits are
proposal    a found tree as a policy
"""
