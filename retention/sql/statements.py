"""What is asked of a table of customers: segments, arms, the cube and an audience, each one statement."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from importlib import resources
from itertools import accumulate
from math import ceil, isnan, log1p, nan

from sqlglot import exp, parse_one

from retention.customers.contracts import COLUMNS
from retention.customers.reach import CONSENT, CONTACTS, LEFT_ALONE
from retention.errors import ContractError, OptionError, Remedy, Setting
from retention.experiment.arms import BUCKETS, Experiment
from retention.partition.cube import PAIRS
from retention.partition.fitted import FittedTree
from retention.scores.terms import ESTIMATE, NAMES
from retention.sql.engines import Engine
from retention.sql.tree_case import cell_of, segment_of
from retention.sql.values import LARGEST, folded, known, number, text

FLAGS = ("recovered", CONSENT, *(reason.value for reason in LEFT_ALONE))
SCORED = (
    *("engagement_score", "days_since_abandonment", "profitability_score", "avg_order_value", "cart_value"),
    ESTIMATE,
)


@dataclass(frozen=True)
class Warehouse:
    """A fitted tree and where its statements run.

    Args:
        tree: The fitted tree.
        engine: The engine.
        table: Its table of customers, one row each, with columns that are named and meant as in the contract.
        columns: The columns that the table has.
        experiment: Whose arms the customers are in.
        hash_function: A function that its user registered where the engine has no SHA-256: a text -> 60 bits.
        scale: The order value that the terms of the cube are scaled by, as in `retention.scores.terms.Scale`.
        center: What is subtracted from each term of the cube, so that squares keep their precision.
    """

    tree: FittedTree
    engine: Engine
    table: exp.Table
    columns: Set[str]
    experiment: Experiment | None = None
    hash_function: str = ""
    scale: float = nan
    center: Sequence[float] = (0.0,) * len(NAMES)

    def segments(self) -> exp.Select:
        """Return the statement that gives `user_id` and `segment` of each customer."""
        return self._statement("segments", (), segment=self._segment())

    def arms(self) -> exp.Select:
        """Return the statement that gives `user_id`, `segment` and `arm` of each customer.

        Raises:
            OptionError: There is no experiment, or no hash.
        """
        if self.experiment is None:
            raise OptionError("there is no experiment, so nobody has an arm", hint="Hold out a control group first")
        return self._statement(
            "arms", (), segment=self._segment(), hash=self._hash(self.experiment), arm=_arm(self.experiment)
        )

    def cube(self) -> exp.Select:
        """Return the statement that gives `cell`, `customers` and sums of pairs of terms, for each cell that has any.

        Cells are numbered as in the tree's grid, and sums are called as `sum_name` says, so the rows are those of a
        `Cube`.
        """
        scale = self.scale
        whole = self._statement(
            "cube",
            (*SCORED, *CONTACTS, *FLAGS),
            cell=cell_of(self.tree.grid, self.engine),
            estimated=exp.convert(ESTIMATE in self.columns),
            scale=self._number(scale),
            log_scale=self._number(log1p(scale) if scale > 0 else nan),
        )
        centred = [exp.column("cell"), *map(self._centred, NAMES, self.center)]
        whole.ctes[-1].this.select(*centred, append=False, copy=False)
        return whole.select(*_sums(), copy=False)

    def audience(self, suppressed: exp.Table | None = None, *, assume_consent: bool = False) -> exp.Select:
        """Return the statement that gives whom to contact: `user_id`, `email`, `phone`, `segment`, `arm`.

        Left out is whom `retention.customers.reach.unreached` leaves out, everybody of whom nothing says that they
        agreed, and who has the e-mail address of somebody who must not be contacted.

        Args:
            suppressed: A table of those whom nobody may contact, with the columns `user_id` and `email`.
            assume_consent: Whether to take it that everybody agreed, where no column says so.

        Raises:
            ContractError: Nothing says who agreed.
            OptionError: There is an experiment, and no hash to tell its control group by.
        """
        if CONSENT not in self.columns and not assume_consent:
            what = f"nothing says who agreed to be contacted: the data has no column {CONSENT}"
            raise ContractError(what, remedies=(Remedy(Setting.ASSUMED_CONSENT),))
        trial, engine = self.experiment, self.engine
        listed = exp.or_(*(exp.column(f"listed_{name}").is_(exp.null()).not_() for name in ("id", "mailbox")))
        whole = self._statement(
            "audience",
            (*CONTACTS, *FLAGS),
            segment=self._segment(),
            hash=exp.Literal.number(0) if trial is None else self._hash(trial),
            arm=_nothing("text", engine) if trial is None else _arm(trial),
            control=exp.Literal.string("" if trial is None else trial.arms[0]),
            listed=exp.false() if suppressed is None else listed,
            suppressed=suppressed or self.table,
            listed_id=text("user_id", engine),
            listed_email=folded("email", (), engine),
        )
        for join in list(whole.find_all(exp.Join)) if suppressed is None else ():
            join.pop()
        return whole

    def _statement(self, name: str, wanted: Sequence[str], **parts: exp.Expr) -> exp.Select:
        """Return a statement of its file, with its first step cleaning the columns that are wanted or split on."""
        file = resources.files(__package__).joinpath(f"{name}.sql")
        whole = parse_one(file.read_text(encoding="utf-8"), into=exp.Select)
        parts["customers"] = self.table
        parts["has_addresses"] = exp.convert(any(contact in self.columns for contact in CONTACTS))
        for place in list(whole.find_all(exp.Placeholder)):
            place.replace(parts[place.name].copy())
        splits = {axis.feature: axis.categories for axis in self.tree.grid.axes}
        cleaned = (
            exp.alias_(self._cleaned(each, splits.get(each, ())), each)
            for each in dict.fromkeys(("user_id", *splits, *wanted))
        )
        whole.ctes[0].this.select(*cleaned, append=False, copy=False)
        return whole

    def _cleaned(self, name: str, categories: Sequence[str]) -> exp.Expr:
        """Return a column with the meaning that it has here; one that the table does not have says nothing."""
        kind = COLUMNS[name].kind if name in COLUMNS else "flag" if name in FLAGS else "number"
        if name not in self.columns:
            return exp.convert(name == CONSENT) if kind == "flag" else _nothing(kind, self.engine)
        if kind == "flag":
            return exp.column(name)
        if kind == "number":
            return known(name, self.engine)
        return text(name, self.engine) if kind == "id" else folded(name, categories, self.engine)

    def _segment(self) -> exp.Expr:
        return segment_of(self.tree, self.tree.root, self.engine)

    def _number(self, value: float) -> exp.Expr:
        return _nothing("number", self.engine) if isnan(value) else number(value, self.engine)

    def _centred(self, name: str, middle: float) -> exp.Expr:
        """Return a term less its middle, NULL where it is not finite."""
        column = exp.column(name)
        inside = exp.LTE(this=exp.Abs(this=column), expression=number(LARGEST, self.engine))
        less = exp.Sub(this=column, expression=exp.paren(number(middle, self.engine)))
        return exp.alias_(exp.Case().when(inside, less), name)

    def _hash(self, trial: Experiment) -> exp.Expr:
        """Return the 60 bits that decide a customer's arm."""
        if not (self.engine.hashed or self.hash_function):
            raise OptionError(
                f"{self.engine.name} has no SHA-256, by which customers are assigned to arms",
                where=Setting.DIALECT,
                hint="Register a function there that turns a text into the number that the first 15 hexadecimal digits "
                "of its SHA-256 are",
                remedies=(Remedy(Setting.HASH_FUNCTION),),
            )
        prefix = exp.Literal.string(f"{trial.salt}|{trial.name}|")
        salted = exp.DPipe(this=prefix, expression=exp.column("user_id"))
        if self.engine.hashed:
            return self.engine.filled(self.engine.hashed, x=salted)
        return exp.Anonymous(this=exp.to_identifier(self.hash_function), expressions=[salted])


def _arm(experiment: Experiment) -> exp.Expr:
    """Return the arm of a customer, by the bucket and where shares differ also by the segment."""
    usual, case = _arm_of(experiment, ""), exp.Case()
    for name in experiment.segment_shares:
        case = case.when(exp.column("segment").eq(name), _arm_of(experiment, name))
    return case.else_(usual) if experiment.segment_shares else usual


def _arm_of(experiment: Experiment, segment: str) -> exp.Expr:
    """Return the first arm whose cumulated share lies above the bucket, else the last."""
    *ends, _ = accumulate(experiment.shares_of(segment))
    *others, last = experiment.arms
    case = exp.Case()
    for arm, end in zip(others, ends, strict=True):
        # Buckets are whole numbers, so the next whole number cuts where the share does.
        case = case.when(exp.column("bucket") < ceil(round(end * BUCKETS, 6)), exp.Literal.string(arm))
    return case.else_(exp.Literal.string(last))


def _nothing(kind: str, engine: Engine) -> exp.Expr:
    return exp.cast(exp.null(), "double") if kind == "number" else engine.filled(engine.text, x=exp.null())


def sum_name(kind: str, pair: tuple[int, int]) -> str:
    """Return how a sum of a pair of terms is called, such as `product_conversion_fit`."""
    return "_".join((kind, *(NAMES[place] for place in pair)))


def _sums() -> Iterator[exp.Expr]:
    """Yield the sums of each pair over the customers of a cell who have both."""
    for pair in PAIRS:
        first, second = (exp.column(NAMES[place]) for place in pair)
        one, other = (
            exp.Case().when(each.is_(exp.null()).not_(), them) for each, them in ((second, first), (first, second))
        )
        yield exp.alias_(exp.Count(this=one), sum_name("count", pair))
        for kind, value in (
            ("total", one),
            ("total_other", other),
            ("product", exp.Mul(this=first, expression=second)),
        ):
            whole = exp.Coalesce(this=exp.Sum(this=value), expressions=[exp.Literal.number(0)])
            yield exp.alias_(whole, sum_name(kind, pair))
