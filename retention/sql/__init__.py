"""A fitted tree as SQL for other engines: its CASE and the steps of the `.sql` files here, put together by sqlglot.

engines     what sets each engine apart (`engines.toml`), and how a statement is written for it
values      a column's value and a number, with the meaning that they have here
statements  what is asked of a table of customers: segments, arms, the cube, an audience
dbt         a statement as a model of dbt with its tests
"""
