"""The cube as one GROUP BY: the cell of each customer, and the sufficient statistics of the scored terms."""

from collections.abc import Iterator, Sequence, Set

import numpy as np
from sqlglot import exp

from retention.partition.cube import PAIRS
from retention.partition.fitted import FittedTree
from retention.partition.grid import Axis, Grid
from retention.period import DAYS
from retention.scores.terms import ESTIMATE, NAMES, Scale
from retention.sql.dialects import Engine, Warehouse, in_steps, step
from retention.sql.reach import addressed, reason_of
from retention.sql.segments import at_most, read
from retention.sql.values import finite, known, number

CELL, CUSTOMERS = "cell", "customers"
ENGAGEMENT, DAY, PROFIT, ORDER, CART = (
    *("engagement_score", "days_since_abandonment", "profitability_score"),
    *("avg_order_value", "cart_value"),
)
SCORED = (ENGAGEMENT, DAY, PROFIT, ORDER, CART, ESTIMATE)
"""Columns of numbers that the terms are made of."""


def cube(
    tree: FittedTree, warehouse: Warehouse, columns: Set[str], scale: Scale, center: Sequence[float]
) -> exp.Select:
    """Return the statement that gives `cell`, `customers` and the sums of each pair, a row for each cell that has any.

    A sum is called as `sum_name` says. Cells are numbered as in the tree's grid, so the rows are those of a `Cube`.

    Args:
        tree: The fitted tree.
        warehouse: Where it runs.
        columns: Columns of the table.
        scale: The scale of the terms.
        center: What is subtracted from each term, so that squares keep their precision.
    """
    engine = warehouse.engine
    numbers = {name: known(name, engine) for name in SCORED if name in columns}
    first = read(tree, engine) | numbers | addressed(columns)
    cleaned = {name: finite(value, engine) for name, value in _terms(columns, scale, engine).items()}
    centred: dict[str, exp.Expr] = {CELL: exp.column(CELL)}
    for name, middle in zip(NAMES, center, strict=True):
        centred[name] = exp.Sub(this=exp.column(name), expression=exp.paren(number(float(middle), engine)))
    sums = {CELL: exp.column(CELL), CUSTOMERS: exp.Count(this=exp.Star())} | dict(_sums())
    return in_steps(
        warehouse.table,
        step(first),
        step({CELL: cell_of(tree.grid, engine)} | cleaned),
        step(centred),
        step(sums).group_by(exp.column(CELL)),
    )


def sum_name(kind: str, pair: tuple[int, int]) -> str:
    """Return the column of a sum of a pair of terms.

    >>> sum_name("product", (0, 2))
    'product_conversion_fit'
    """
    return "_".join((kind, *(NAMES[place] for place in pair)))


def cell_of(grid: Grid, engine: Engine) -> exp.Expr:
    """Return the number of a customer's cell; columns read: those of `retention.sql.segments.read`."""
    whole: exp.Expr = exp.Literal.number(0)
    for axis, stride in zip(grid.axes, grid.strides, strict=True):
        case = exp.Case()
        for code, test in enumerate(_codes(axis, engine), start=1):
            case = case.when(test, exp.Literal.number(code * stride))
        whole = exp.Add(this=whole, expression=case.else_(exp.Literal.number(0)))
    return whole


def _codes(axis: Axis, engine: Engine) -> Iterator[exp.Expr]:
    """Yield what must hold for each code of an axis from 1, where it does not for those before."""
    column = exp.column(axis.feature)
    if axis.cuts:
        yield from (at_most(column, cut, engine) for cut in axis.cuts)
    else:
        yield from (column.eq(category) for category in axis.categories)
    yield column.is_(exp.null()).not_()


def _terms(columns: Set[str], scale: Scale, engine: Engine) -> dict[str, exp.Expr]:
    """Return each term as `retention.scores.terms` has it, NULL where it is not known; it may be infinite."""

    def column(name: str) -> exp.Expr:
        return exp.column(name) if name in columns else exp.cast(exp.null(), "double")

    def unless_recovered(value: exp.Expr) -> exp.Expr:
        back = exp.column("recovered").eq(True)
        return exp.Case().when(back, exp.null()).else_(value) if "recovered" in columns else value

    heuristic = unless_recovered(exp.Mul(this=column(ENGAGEMENT), expression=_recency(column(DAY), engine)))
    reached = exp.Case().when(reason_of(columns, engine).is_(exp.null()), number(1, engine))
    values = (
        column(ESTIMATE) if ESTIMATE in columns else heuristic,
        column(PROFIT),
        _fit(column(ORDER), column(PROFIT), scale, engine),
        unless_recovered(exp.Coalesce(this=column(CART), expressions=[column(ORDER)])),
        reached.else_(number(0, engine)),
    )
    return dict(zip(NAMES, values, strict=True))


def _recency(days: exp.Expr, engine: Engine) -> exp.Expr:
    """Return 1 to 0 by day, within these."""
    week, one, none = (number(value, engine) for value in (DAYS, 1, 0))
    part = exp.Div(this=exp.paren(exp.Sub(this=week, expression=days)), expression=week.copy())
    return exp.Case().when(days <= none, one).when(days >= week.copy(), none.copy()).else_(part)


def _fit(value: exp.Expr, profitability: exp.Expr, scale: Scale, engine: Engine) -> exp.Expr:
    """Return 0.6 of the log order value against the universe's q99, capped at 1, plus 0.4 of profitability."""
    weighted = exp.Mul(this=number(0.4, engine), expression=profitability)
    if scale.aov_q99 <= 0:
        return weighted
    if np.isnan(scale.aov_q99):
        return exp.cast(exp.null(), "double")
    one = number(1, engine)
    log = exp.Ln(this=exp.Add(this=one, expression=value))
    part = exp.Div(this=log, expression=number(float(np.log1p(scale.aov_q99)), engine))
    # The logarithm of 0 is an error in some engines.
    capped = exp.Case().when(value >= number(scale.aov_q99, engine), one.copy()).when(value > number(-1, engine), part)
    return exp.Add(this=exp.Mul(this=number(0.6, engine), expression=capped), expression=weighted)


def _sums() -> Iterator[tuple[str, exp.Expr]]:
    """Yield the sums of each pair over the customers of a cell who have both."""
    for pair in PAIRS:
        first, second = (exp.column(NAMES[place]) for place in pair)
        with_first, with_second = first.is_(exp.null()).not_(), second.is_(exp.null()).not_()
        yield sum_name("count", pair), exp.Count(this=exp.Case().when(with_first, second))
        for kind, value in (
            ("total", exp.Case().when(with_second, first)),
            ("total_other", exp.Case().when(with_first, second)),
            ("product", exp.Mul(this=first, expression=second)),
        ):
            yield sum_name(kind, pair), exp.Coalesce(this=exp.Sum(this=value), expressions=[exp.Literal.number(0)])
