"""Each customer's segment as one CASE, out of a fitted tree."""

from math import inf

from sqlglot import exp

from retention.customers.contracts import COLUMNS
from retention.partition.fitted import FittedTree
from retention.partition.tree import Condition, FittedNode, FittedSplit, leaves
from retention.sql.dialects import Engine, Warehouse, in_steps, step
from retention.sql.values import folded, known, number, text

SEGMENT = "segment"


def segments(tree: FittedTree, warehouse: Warehouse) -> exp.Select:
    """Return the statement that gives `user_id` and `segment` of each customer."""
    return in_steps(warehouse.table, step(read(tree, warehouse.engine)), step(segmented(tree, warehouse.engine)))


def read(tree: FittedTree, engine: Engine) -> dict[str, exp.Expr]:
    """Return the first step: the customer, and every column that the tree splits on, cleaned."""
    cleaned = {
        axis.feature: known(axis.feature, engine)
        if COLUMNS[axis.feature].kind == "number"
        else folded(axis.feature, axis.categories, engine)
        for axis in tree.grid.axes
    }
    return {"user_id": text("user_id", engine), **cleaned}


def segmented(tree: FittedTree, engine: Engine) -> dict[str, exp.Expr]:
    """Return the second step: the customer and the segment."""
    return {"user_id": exp.column("user_id"), SEGMENT: segment_of(tree, tree.root, engine)}


def segment_of(tree: FittedTree, node: FittedNode, engine: Engine) -> exp.Expr:
    """Return the segment of a customer below a node; columns read: those of `read`."""
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
    ways: list[exp.Expr] = []
    if condition.interval is not None:
        ways.append(at_most(column, condition.interval[1], engine))
    elif condition.values:
        ways.append(column.isin(*condition.values))
    if condition.missing:
        ways.append(column.is_(exp.null()))
    return exp.or_(*ways)


def at_most(column: exp.Column, high: float, engine: Engine) -> exp.Expr:
    """Return whether a cleaned number is known and not over one, which may be infinite."""
    if high == inf:
        return column.is_(exp.null()).not_()
    return exp.LTE(this=column.copy(), expression=number(high, engine))
