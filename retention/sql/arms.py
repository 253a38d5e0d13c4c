"""Each customer's arm in SQL: the contract's hash, the same number in every engine."""

from collections.abc import Iterable
from itertools import accumulate
from math import ceil

from sqlglot import exp

from retention.errors import OptionError, Setting
from retention.experiment.arms import BUCKETS, Experiment
from retention.partition.fitted import FittedTree
from retention.sql.dialects import Warehouse, in_steps, step
from retention.sql.segments import SEGMENT, read, segmented

ARM = "arm"


def arms(tree: FittedTree, experiment: Experiment, warehouse: Warehouse) -> exp.Select:
    """Return the statement that gives `user_id`, `segment` and `arm` of each customer.

    Raises:
        OptionError: The engine has no SHA-256, and no function of its user is named.
    """
    first, second = read(tree, warehouse.engine), segmented(tree, warehouse.engine)
    third = kept(second) | {ARM: arm_of(experiment, warehouse)}
    return in_steps(warehouse.table, step(first), step(second), step(third))


def kept(columns: Iterable[str]) -> dict[str, exp.Expr]:
    """Return columns of the step before, as they are."""
    return {name: exp.column(name) for name in columns}


def arm_of(experiment: Experiment, warehouse: Warehouse) -> exp.Expr:
    """Return the arm of a customer; columns read: `user_id` and `segment`."""
    drawn = exp.Mod(this=_hash(experiment, warehouse), expression=exp.Literal.number(BUCKETS))
    usual = _drawn_arm(experiment, "", drawn)
    if not experiment.segment_shares:
        return usual
    case = exp.Case()
    for name in experiment.segment_shares:
        case = case.when(exp.column(SEGMENT).eq(name), _drawn_arm(experiment, name, drawn))
    return case.else_(usual)


def _drawn_arm(experiment: Experiment, segment: str, drawn: exp.Expr) -> exp.Expr:
    """Return the arm of a bucket: the first whose cumulated share lies above it, and the last for those above all."""
    *ends, _ = accumulate(experiment.shares_of(segment))
    case = exp.Case()
    for arm, end in zip(experiment.arms, ends, strict=False):
        # Buckets are whole numbers, so the next whole number cuts where the share does.
        cut = exp.Literal.number(ceil(round(end * BUCKETS, 6)))
        case = case.when(exp.LT(this=drawn.copy(), expression=cut), exp.Literal.string(arm))
    return case.else_(exp.Literal.string(experiment.arms[-1]))


def _hash(experiment: Experiment, warehouse: Warehouse) -> exp.Expr:
    engine = warehouse.engine
    prefix = exp.Literal.string(f"{experiment.salt}|{experiment.name}|")
    salted = exp.DPipe(this=prefix, expression=exp.column("user_id"))
    if engine.hashed:
        return engine.filled(engine.hashed, x=salted)
    if not warehouse.hash_function:
        raise OptionError(
            f"{engine.name} has no SHA-256, by which customers are assigned to arms",
            where=Setting.DIALECT,
            hint="Register a function there that takes a text and returns the first 15 hexadecimal digits of its "
            "SHA-256 as a number, and name it",
        )
    return exp.Anonymous(this=warehouse.hash_function, expressions=[salted])
