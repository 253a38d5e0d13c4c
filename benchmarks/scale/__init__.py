"""Inputs that grow: what an engine costs, and against what.

engines      in memory against in parts, and against DuckDB alone
growth       Parquet to Parquet, up to any size, against DuckDB and Polars
growth_plot  cost against customers as a picture
event_logs   event logs on each engine
cluster      one worker of Spark against two, and what a task costs
inputs       customers as Parquet, of any number
watching     seconds and memory of a process
hand_written a script that writes the same kinds of files with DuckDB alone
by_polars    the same with Polars, streaming
"""
