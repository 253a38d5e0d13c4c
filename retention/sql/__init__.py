"""A fitted tree as SQL for other engines, built of sqlglot's expressions; nothing is asked or run here.

dialects   the engines: what each has, and how a statement is written for it
values     a column's value and a number, with the meaning that they have here
segments   each customer's segment as one CASE
arms       each customer's arm by the contract's hash
reach      whom a campaign may reach
cube       cells and their sufficient statistics as one GROUP BY
dbt        a statement as a model of dbt with its tests
"""
