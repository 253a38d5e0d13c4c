"""What is asked of a table of customers: segments, arms, the cube and an audience, each one statement."""

import math
import sys
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from importlib import resources
from itertools import accumulate
from math import inf

from sqlglot import exp, parse_one

from retention.customers.contracts import COLUMNS
from retention.customers.reach import CONSENT, LEFT_ALONE
from retention.errors import ContractError, OptionError, Remedy, Setting, did_you_mean
from retention.experiment.arms import BUCKETS, Experiment
from retention.partition.cube import PAIRS
from retention.partition.fitted import FittedTree
from retention.partition.grid import Grid
from retention.partition.tree import Condition, FittedNode, FittedSplit, leaves
from retention.scores.terms import NAMES
from retention.sql.engines import Engine
from retention.sql.values import folded, known, number, text

STATEMENTS = ("segments", "arms", "cube", "audience")
FLAGS = ("recovered", CONSENT, *LEFT_ALONE)


@dataclass(frozen=True)
class Warehouse:
    """A fitted tree and where its statements run.

    Args:
        table: Its table of customers, one row each, with columns that are named and meant as in the contract.
        columns: The columns that the table has.
        hash_function: A function that its user registered where the engine has no SHA-256: a text -> 60 bits.
        scale: The order value that the terms of the cube are scaled by, as in `retention.scores.terms.Scale`.
        center: What is subtracted from each term of the cube, so that squares keep their precision.
        suppressed: A table of those whom nobody may contact, with the columns `user_id` and `email`.
        assume_consent: Whether to take it that everybody agreed, where no column says so.
    """

    tree: FittedTree
    engine: Engine
    table: exp.Table
    columns: Set[str]
    experiment: Experiment | None = None
    hash_function: str = ""
    scale: float = math.nan
    center: Sequence[float] = (0.0,) * len(NAMES)
    suppressed: exp.Table | None = None
    assume_consent: bool = False

    def statement(self, name: str) -> exp.Select:
        """Return one of `STATEMENTS`: its file with everything in place, cleaning what it reads in its first step.

        - `segments`, `arms`: `user_id`, `segment` and `arm` of each customer.
        - `cube`: `cell`, as the tree's grid numbers it, `customers`, and the sums of each pair of terms.
        - `audience`: whom to contact, with `email`, `phone`, `segment`, `arm`. Left out is whom
          `retention.customers.reach.unreached` leaves out, of whom nothing says that they agreed, and who has the
          e-mail address of somebody who must not be contacted.

        Raises:
            InputError: There is no such statement, or it cannot be made of this tree or for this engine.
        """
        self._check(name)
        file = resources.files(__package__).joinpath(f"{name}.sql")
        whole = parse_one(file.read_text(encoding="utf-8"), into=exp.Select)
        for place in list(whole.find_all(exp.Placeholder)):
            whose = place.parent if isinstance(place.parent, exp.Table) else place
            whose.replace(self._part(place.name))
        if name == "cube":
            centred = [exp.column("cell"), *map(self._centred, NAMES, self.center)]
            whole.ctes[-1].this.select(*centred, append=False, copy=False)
            whole = whole.select(*_sums(), copy=False)
        for join in list(whole.find_all(exp.Join)) if self.suppressed is None else ():
            join.pop()
        aliases = {each.alias for each in whole.find_all(exp.Alias)}
        read = sorted({each.name for each in whole.find_all(exp.Column)} - aliases)
        cleaned = (exp.alias_(self._cleaned(each), each) for each in read)
        whole.ctes[0].this.select(*cleaned, append=False, copy=False)
        return whole

    def _check(self, name: str) -> None:
        if name not in STATEMENTS:
            raise OptionError(f"there is no statement '{name}'", hint=did_you_mean(name, STATEMENTS))
        if name == "arms" and self.experiment is None:
            raise OptionError("there is no experiment, so nobody has an arm", hint="Hold out a control group first")
        if name == "audience" and CONSENT not in self.columns and not self.assume_consent:
            what = f"nothing says who agreed to be contacted: the data has no column {CONSENT}"
            raise ContractError(what, remedies=(Remedy(Setting.ASSUMED_CONSENT),))

    def _part(self, name: str) -> exp.Expr:
        engine, trial, scale = self.engine, self.experiment, self.scale
        listed = [exp.column(f"listed_{key}").is_(exp.null()).not_() for key in ("id", "mailbox")]
        nobody, nothing = exp.Literal.string(""), engine.filled(engine.text, x=exp.null())
        parts: dict[str, Callable[[], exp.Expr]] = {
            "customers": self.table.copy,
            "segment": lambda: segment_of(self.tree, self.tree.root, engine),
            "cell": lambda: cell_of(self.tree.grid, engine),
            "hash": lambda: self._hash(trial) if trial else exp.Literal.number(0),
            "arm": lambda: _arm(trial) if trial else nothing,
            "control": lambda: exp.Literal.string(trial.arms[0]) if trial else nobody,
            "scale": lambda: number(scale, engine),
            "log_scale": lambda: number(math.log1p(scale) if scale > 0 else math.nan, engine),
            "suppressed": (self.suppressed or self.table).copy,
            "listed": lambda: exp.or_(*listed) if self.suppressed else exp.false(),
            "listed_id": lambda: text("user_id", engine),
            "listed_email": lambda: folded("email", (), engine),
        }
        return parts[name]() if name in parts else exp.convert(name.removeprefix("has_") in self.columns)

    def _cleaned(self, name: str) -> exp.Expr:
        """Return a column with the meaning that it has here; one that the table does not have says nothing."""
        kind = COLUMNS[name].kind if name in COLUMNS else "flag" if name in FLAGS else "number"
        if kind == "flag":
            return exp.column(name) if name in self.columns else exp.convert(name == CONSENT)
        if kind == "number":
            return known(name, self.engine) if name in self.columns else number(math.nan, self.engine)
        if name not in self.columns:
            return self.engine.filled(self.engine.text, x=exp.null())
        categories = next((axis.categories for axis in self.tree.grid.axes if axis.feature == name), ())
        return text(name, self.engine) if kind == "id" else folded(name, categories, self.engine)

    def _centred(self, name: str, middle: float) -> exp.Expr:
        """Return a term less its middle, NULL where it is not finite."""
        column, largest = exp.column(name), number(sys.float_info.max, self.engine)
        less = exp.Sub(this=column, expression=exp.paren(number(middle, self.engine)))
        return exp.alias_(exp.Case().when(exp.LTE(this=exp.Abs(this=column), expression=largest), less), name)

    def _hash(self, trial: Experiment) -> exp.Expr:
        """Return the 60 bits that decide a customer's arm."""
        prefix = exp.Literal.string(f"{trial.salt}|{trial.name}|")
        salted = exp.DPipe(this=prefix, expression=exp.column("user_id"))
        if self.engine.hashed:
            return self.engine.filled(self.engine.hashed, x=salted)
        if self.hash_function:
            return exp.Anonymous(this=exp.to_identifier(self.hash_function), expressions=[salted])
        what = f"{self.engine.name} has no SHA-256, by which customers are assigned to arms"
        hint = "Register a function for the first 15 hexadecimal digits of a text's SHA-256 as a number, and name it"
        raise OptionError(what, where=Setting.DIALECT, hint=hint, remedies=(Remedy(Setting.HASH_FUNCTION),))


def _arm(experiment: Experiment, segment: str = "") -> exp.Expr:
    """Return the first arm whose cumulated share lies above the bucket, else the last; by segment where they differ."""
    case = exp.Case()
    for name in () if segment else experiment.segment_shares:
        case = case.when(exp.column("segment").eq(name), _arm(experiment, name))
    *ends, _ = accumulate(experiment.shares_of(segment))
    *others, last = map(exp.Literal.string, experiment.arms)
    for arm, end in zip(others, ends, strict=True):
        # Buckets are whole numbers, so the next whole number cuts where the share does.
        case = case.when(exp.column("bucket") < math.ceil(round(end * BUCKETS, 6)), arm)
    return case.else_(last)


def sum_name(kind: str, pair: tuple[int, int]) -> str:
    """Return how a sum of a pair of terms is called, such as `product_conversion_fit`."""
    return "_".join((kind, *(NAMES[place] for place in pair)))


def _sums() -> Iterator[exp.Expr]:
    """Yield the sums of each pair over the customers of a cell who have both."""
    for pair in PAIRS:
        first, second = (exp.column(NAMES[place]) for place in pair)
        one = exp.Case().when(second.is_(exp.null()).not_(), first)
        other = exp.Case().when(first.is_(exp.null()).not_(), second)
        yield exp.alias_(exp.Count(this=one), sum_name("count", pair))
        both = exp.Mul(this=first, expression=second)
        for kind, value in (("total", one), ("total_other", other), ("product", both)):
            yield exp.alias_(exp.Coalesce(this=exp.Sum(this=value), expressions=[exp.convert(0)]), sum_name(kind, pair))


def segment_of(tree: FittedTree, node: FittedNode, engine: Engine) -> exp.Expr:
    """Return the segment of a customer below a node."""
    ends = {int(tree.segment_of_leaf[leaf.index]) for leaf in leaves(node)}
    if len(ends) == 1 or not isinstance(node, FittedSplit):
        return exp.Literal.string(tree.segments[ends.pop()].name)
    *conditions, (_, last) = sorted(node.branches, key=lambda branch: _place(branch[0]))
    case = exp.Case()
    for condition, child in conditions:
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
