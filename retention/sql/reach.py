"""Whom a campaign may reach, in SQL: consent, suppression and the control group."""

from collections.abc import Iterator, Set

from sqlglot import exp

from retention.customers.reach import CONSENT, CONTACTS, LEFT_ALONE, Unreached
from retention.errors import ContractError, Remedy, Setting
from retention.experiment.arms import Experiment
from retention.partition.fitted import FittedTree
from retention.sql.arms import ARM, arm_of, kept
from retention.sql.dialects import Engine, Warehouse, in_steps, step
from retention.sql.segments import read, segmented
from retention.sql.values import folded, text

REASON, MAILBOX, SHARED = "left_out", "mailbox", "shares_mailbox"
FLAGS = ("recovered", CONSENT, *(reason.value for reason in LEFT_ALONE))
"""Columns of the table that hold true and false, where it has them."""
BLOCKED = (Unreached.RECOVERED, Unreached.NO_CONSENT, Unreached.UNSUBSCRIBED, Unreached.CONTACTED)
"""Reasons that hold for the person, and so for everybody with the same e-mail address."""


def audience(
    tree: FittedTree,
    warehouse: Warehouse,
    columns: Set[str],
    *,
    experiment: Experiment | None = None,
    suppressed: exp.Table | None = None,
    assume_consent: bool = False,
) -> exp.Select:
    """Return the statement that gives whom to contact: `user_id`, addresses, `segment` and `arm`.

    Left out is whom `retention.customers.reach.unreached` leaves out, everybody of whom nothing says that they agreed,
    and who shares an e-mail address with somebody who must not be contacted.

    Args:
        tree: The fitted tree.
        warehouse: Where it runs.
        columns: Columns of the table.
        experiment: Whose control group is held out.
        suppressed: A table of those whom nobody may contact, with the columns `user_id` and `email`.
        assume_consent: Whether to take it that everybody agreed, where no column says so.

    Raises:
        ContractError: Nothing says who agreed.
        OptionError: The engine cannot tell the control group.
    """
    if CONSENT not in columns and not assume_consent:
        raise ContractError(
            f"nothing says who agreed to be contacted: the data has no column {CONSENT}",
            hint="Add the column, or, if everybody did, say so",
            remedies=(Remedy(Setting.ASSUMED_CONSENT),),
        )
    engine = warehouse.engine
    mailbox = {MAILBOX: _mailbox(engine)} if "email" in columns else {}
    first = read(tree, engine) | addressed(columns) | mailbox
    reason = reason_of(columns, engine, suppressed=suppressed is not None)
    own = [name for name in (*CONTACTS, MAILBOX, CONSENT) if name in first]
    second = segmented(tree, engine) | kept(own) | {REASON: reason}
    third = kept(second) | ({} if experiment is None else {ARM: arm_of(experiment, warehouse)})
    fourth = kept(third) | ({SHARED: _shared(experiment)} if mailbox else {})
    given = step(kept(name for name in third if name not in (MAILBOX, CONSENT, REASON)))
    return in_steps(
        warehouse.table,
        step(first),
        step(second) if suppressed is None else _beside(step(second), suppressed, columns, engine),
        step(third),
        step(fourth),
        given.where(*_may_be_contacted(columns, experiment)),
    )


def addressed(columns: Set[str]) -> dict[str, exp.Expr]:
    """Return the columns of a table that tell who can be reached."""
    return kept(name for name in (*CONTACTS, *FLAGS) if name in columns)


def reason_of(columns: Set[str], engine: Engine, *, suppressed: bool = False) -> exp.Expr:
    """Return why a customer cannot be reached, NULL where they can but for an experiment; columns read: `addressed`."""
    tests: dict[Unreached, exp.Expr] = {
        reason: exp.column(reason.value).eq(True) for reason in Unreached if reason.value in columns
    }
    if CONSENT in columns:
        tests[Unreached.NO_CONSENT] = exp.column(CONSENT).eq(False)
    if blank := [folded(name, (), engine).is_(exp.null()) for name in CONTACTS if name in columns]:
        tests[Unreached.NO_IDENTIFIER] = exp.and_(*blank)
    if suppressed:
        listed = [exp.column(name).is_(exp.null()).not_() for name in _keys(columns).values()]
        tests[Unreached.UNSUBSCRIBED] = exp.or_(*filter(None, [tests.get(Unreached.UNSUBSCRIBED), *listed]))
    case = exp.Case()
    for reason in Unreached:
        if reason in tests:
            case = case.when(tests[reason], exp.Literal.string(reason.value))
    return case if tests else exp.null()


def _keys(columns: Set[str]) -> dict[str, str]:
    """Return by which columns a customer is found among the suppressed, and what these are called there."""
    return {"user_id": "suppressed_id"} | ({MAILBOX: "suppressed_mailbox"} if "email" in columns else {})


def _mailbox(engine: Engine) -> exp.Expr:
    return exp.Lower(this=folded("email", (), engine))


def _beside(select: exp.Select, suppressed: exp.Table, columns: Set[str], engine: Engine) -> exp.Select:
    """Return a step that sees the suppressed beside each customer."""
    for key, name in _keys(columns).items():
        value = text(key, engine) if key == "user_id" else _mailbox(engine)
        # Once each: a customer who is listed twice stays one row.
        listed = step({name: value}).from_(suppressed.copy()).distinct().subquery(f"{name}s")
        select = select.join(listed, on=exp.column(key).eq(exp.column(name)), join_type="left")
    return select


def _shared(experiment: Experiment | None) -> exp.Expr:
    """Return 1 where the mailbox is also that of somebody who must not be contacted."""
    blocked: exp.Expr = exp.column(REASON).isin(*(reason.value for reason in BLOCKED))
    if experiment is not None:
        blocked = exp.or_(blocked, exp.column(ARM).eq(experiment.arms[0]))
    one, none = exp.Literal.number(1), exp.Literal.number(0)
    return exp.Window(this=exp.Max(this=exp.Case().when(blocked, one).else_(none)), partition_by=[exp.column(MAILBOX)])


def _may_be_contacted(columns: Set[str], experiment: Experiment | None) -> Iterator[exp.Expr]:
    """Yield what must hold of whom a campaign contacts."""
    yield exp.column(REASON).is_(exp.null())
    if CONSENT in columns:
        yield exp.column(CONSENT).eq(True)
    if experiment is not None:
        yield exp.column(ARM).neq(experiment.arms[0])
    if "email" in columns:
        yield exp.or_(exp.column(MAILBOX).is_(exp.null()), exp.column(SHARED).eq(0))
