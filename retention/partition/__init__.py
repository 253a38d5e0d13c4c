"""The partition: a policy with numbers, proven total, and every customer in exactly one segment.

quantiles    quantile cuts -> numbers, moved where ties leave a branch empty
parts        rows of which one part is in memory at a time
ranks        quantiles of numbers that are only ever seen in pieces
learning     learned cuts -> numbers, rounded, with how far they move
fitting      policy nodes -> fitted nodes
tree         fitted nodes, leaves, segments, rules in words
grid         axes, cells, codes, leaf table
proof        every cell has exactly one leaf, shown without the code that filled the table
sizing       minimum and maximum sizes, the segments that result, waves
oversize     optional: segments over the maximum split by the next most telling feature
fitted       the fitted tree, and the partition of a universe that it makes
cube         sufficient statistics per cell
outline      the neutral tree that charts and tables render
explanation  why one customer is where they are, and what would move them
profiles     who a segment is against everyone else
what_if      other cuts and sizes, answered from a finer cube
record       a fitted tree <-> JSON
"""
