"""Inputs that grow: what an engine costs, and against what.

engines      in memory against in parts, and against DuckDB alone
hand_written a script that writes the same kinds of files with DuckDB alone
"""
