"""Each customer's segment, and each customer's cell, as CASE expressions over cleaned columns."""

from math import inf

from sqlglot import exp

from retention.partition.fitted import FittedTree
from retention.partition.grid import Grid
from retention.partition.tree import Condition, FittedNode, FittedSplit, leaves
from retention.sql.engines import Engine
from retention.sql.values import number


def segment_of(tree: FittedTree, node: FittedNode, engine: Engine) -> exp.Expr:
    """Return the segment of a customer below a node."""
    ends = {int(tree.segment_of_leaf[leaf.index]) for leaf in leaves(node)}
    if len(ends) == 1 or not isinstance(node, FittedSplit):
        return exp.Literal.string(tree.segments[ends.pop()].name)
    *asked, (_, last) = sorted(node.branches, key=lambda branch: _place(branch[0]))
    case = exp.Case()
    for condition, child in asked:
        case = case.when(_holds(condition, engine), segment_of(tree, child, engine), copy=False)
    return case.else_(segment_of(tree, last, engine), copy=False)


def _place(condition: Condition) -> tuple[bool, tuple[float, float]]:
    """Return what orders the branches of a split so that each need only ask what those before it left open."""
    return condition.excluded is not None, condition.interval or (-inf, -inf)


def _holds(condition: Condition, engine: Engine) -> exp.Expr:
    """Return whether a value takes a branch and none of those before it."""
    column = exp.column(condition.feature)
    ways = [column.is_(exp.null())] if condition.missing else []
    if condition.interval is not None:
        return exp.or_(_at_most(column, condition.interval[1], engine), *ways)
    return exp.or_(column.isin(*condition.values), *ways) if condition.values else exp.or_(*ways)


def _at_most(column: exp.Column, high: float, engine: Engine) -> exp.Expr:
    """Return whether a number is known and not over one, which may be infinite."""
    return column.is_(exp.null()).not_() if high == inf else column <= number(high, engine)


def cell_of(grid: Grid, engine: Engine) -> exp.Expr:
    """Return the number of a customer's cell."""
    whole: exp.Expr = exp.Literal.number(0)
    for axis, stride in zip(grid.axes, grid.strides, strict=True):
        column, case = exp.column(axis.feature), exp.Case()
        listed = [column.eq(category) for category in axis.categories]
        tests = [*listed, *(_at_most(column, cut, engine) for cut in (*axis.cuts, inf))]
        for code, test in enumerate(tests, start=1):
            case = case.when(test, exp.Literal.number(code * stride), copy=False)
        whole = exp.Add(this=whole, expression=case.else_(exp.Literal.number(0)))
    return whole
