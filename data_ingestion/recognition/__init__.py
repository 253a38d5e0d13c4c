"""Recognition: what a file may be, and how sure that is.

guess         what an unknown file may be
cell_fit      how well cells fit a column
cell_samples  a few cells for a person to look at
choice        what a file is read as
"""
