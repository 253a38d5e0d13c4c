"""Who can be reached: the one answer that scores, plans, experiments and audience files start from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from retention.customers.normalise import emails, mailboxes, text_column
from retention.customers.phone import phones_of

Mask = npt.NDArray[np.bool_]

CONTACTS = ("email", "phone")
CONSENT = "email_consent"


class Unreached(StrEnum):
    """Why a customer cannot be reached; each has the first reason that applies, in this order.

    Those who have bought again come first, so that they are as many here as wherever else they are counted. The control
    group comes last, so that its customers are those who could be reached otherwise.
    """

    RECOVERED = "recovered"
    NO_IDENTIFIER = "no_identifier"
    NO_CONSENT = "no_consent"
    UNSUBSCRIBED = "unsubscribed"
    CONTACTED = "contacted_recently"
    NOT_CHOSEN = "not_chosen"
    CONTROL = "control"


LEFT_ALONE = (Unreached.UNSUBSCRIBED, Unreached.CONTACTED, Unreached.NOT_CHOSEN)
"""Reasons that no data of a customer tells; an analysis adds a column for each that is known."""
TELLING = ("user_id", "recovered", *CONTACTS, CONSENT, *(reason.value for reason in LEFT_ALONE))
"""Columns that tell who can be reached, and of whom."""


@dataclass(frozen=True)
class Reach:
    """How many of each segment can be reached, in the order of the tree.

    Args:
        counts: Per segment: customers who can be reached, then those who cannot by each of `Unreached`.
        unsaid: Of the customers who can be reached: those about whose consent nothing is known.
        by_user_id: Whether the table has no column of addresses or numbers, so that everybody counts as reachable.
    """

    counts: tuple[tuple[int, ...], ...]
    unsaid: tuple[int, ...]
    by_user_id: bool

    def __post_init__(self) -> None:
        # Periods of an older program know of no one who was left alone.
        wider = ((*row[:-1], *[0] * (1 + len(Unreached) - len(row)), row[-1]) for row in self.counts)
        object.__setattr__(self, "counts", tuple(wider))

    def __add__(self, other: "Reach") -> "Reach":
        rows = zip(self.counts, other.counts, strict=True)
        counts = tuple(tuple(map(sum, zip(*pair, strict=True))) for pair in rows)
        unsaid = tuple(map(sum, zip(self.unsaid, other.unsaid, strict=True)))
        return Reach(counts, unsaid, self.by_user_id)

    @property
    def reachable(self) -> tuple[int, ...]:
        """Customers who can be reached, per segment."""
        return tuple(row[0] for row in self.counts)

    @cached_property
    def total(self) -> int:
        """Customers who can be reached."""
        return sum(self.reachable)

    @cached_property
    def agreed(self) -> int:
        """Those of them who said that they may be contacted."""
        return self.total - sum(self.unsaid)

    @cached_property
    def left_out(self) -> dict[Unreached, int]:
        """Customers who cannot be reached, by reason."""
        return {reason: sum(row[place] for row in self.counts) for place, reason in enumerate(Unreached, start=1)}

    def held_out(self, segments: Sequence[str]) -> dict[str, float]:
        """Return the share of the control group among those who could be reached, by segment; `""` is everybody's."""
        control = [row[1 + list(Unreached).index(Unreached.CONTROL)] for row in self.counts]
        if not any(control):
            return {}
        pairs = [*zip(segments, control, self.reachable, strict=True), ("", sum(control), self.total)]
        return {name: held / (held + left) for name, held, left in pairs if held + left}


def unreached(customers: pd.DataFrame, control: Mask | None = None) -> npt.NDArray[np.uint8]:
    """Return why each customer cannot be reached: the place in `Unreached` plus 1, and 0 for those who can.

    A table without any column of addresses or numbers says of nobody that they cannot be reached: the shop knows
    its customers by `user_id`. Silence about consent is no refusal.

    Args:
        customers: One row each; columns used: those of `TELLING`.
        control: Who is held out of an experiment.

    >>> some = pd.DataFrame({"email": ["a@x.org", " ", "b@x.org"], "email_consent": [None, True, False]})
    >>> unreached(some).tolist()
    [0, 2, 3]
    """
    masks = {
        Unreached.RECOVERED: is_recovered(customers),
        Unreached.NO_IDENTIFIER: ~_has_contact(customers),
        Unreached.NO_CONSENT: said(customers, CONSENT, False),
        **{reason: said(customers, reason, True) for reason in LEFT_ALONE},
        Unreached.CONTROL: np.zeros(len(customers), dtype=np.bool_) if control is None else control,
    }
    reasons = np.zeros(len(customers), dtype=np.uint8)
    for place, reason in enumerate(Unreached, start=1):
        reasons[masks[reason] & (reasons == 0)] = place
    return reasons


@dataclass(frozen=True)
class LeftAlone:
    """Whom nobody contacts for now: user ids, mailboxes and phone numbers by reason.

    Args:
        names: Of each reason of `LEFT_ALONE` that is known.
        region: ISO 3166 code of the shop's country, by which national phone numbers are read; empty for none.
        notices: What a person should know of the lists.
    """

    names: Mapping[Unreached, frozenset[str]] = field(default_factory=dict)
    region: str = ""
    notices: tuple[str, ...] = ()

    def told(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return customers with a column for each reason."""
        if not self.names:
            return customers
        known = (
            text_column(customers, "user_id"),
            mailboxes(emails(text_column(customers, "email"))),
            phones_of(customers, self.region),
        )
        columns = {
            reason.value: np.logical_or.reduce([pd.Series(each.to_pylist()).isin(people) for each in known])
            for reason, people in self.names.items()
        }
        return customers.assign(**columns)


def count_reach(
    customers: pd.DataFrame, codes: npt.NDArray[np.unsignedinteger], segments: int, control: Mask | None = None
) -> Reach:
    """Return how many of each segment can be reached."""
    reasons, width = unreached(customers, control), 1 + len(Unreached)
    cells = codes.astype(np.intp) * width + reasons
    counts = np.bincount(cells, minlength=segments * width).reshape(segments, width)
    silent = (reasons == 0) & ~said(customers, CONSENT, True)
    unsaid = np.bincount(codes[silent].astype(np.intp), minlength=segments)
    known = any(name in customers.columns for name in CONTACTS)
    return Reach(tuple(map(tuple, counts.tolist())), tuple(unsaid.tolist()), not known)


def reach_words(reach: Reach) -> list[str]:
    """Return who can be reached and who cannot, in sentences.

    >>> reach_words(Reach(((60, 0, 5, 30, 5),), (8,), False))[0]
    '60 of 100 customers can be reached: 5 have no e-mail address or phone number, 30 refused, 5 are held out.'
    """
    why = ", ".join(f"{count:,} {_WORDS[reason]}" for reason, count in reach.left_out.items() if count)
    everybody = sum(map(sum, reach.counts))
    words = [f"{reach.total:,} of {everybody:,} customers can be reached{f': {why}' if why else ''}."]
    if reach.agreed < reach.total:
        words.append(
            f"{reach.agreed:,} of them agreed to be contacted. Of the other {reach.total - reach.agreed:,} the data "
            "does not say, and audience files leave them out until you do."
        )
    if reach.by_user_id:
        words.append("The data has no e-mail addresses or phone numbers, so everybody counts as reachable by user_id.")
    return words


_WORDS = {
    Unreached.RECOVERED: "have bought already",
    Unreached.NO_IDENTIFIER: "have no e-mail address or phone number",
    Unreached.NO_CONSENT: "refused",
    Unreached.UNSUBSCRIBED: "have unsubscribed",
    Unreached.CONTACTED: "were contacted recently",
    Unreached.NOT_CHOSEN: "are not chosen",
    Unreached.CONTROL: "are held out",
}


def _has_contact(customers: pd.DataFrame) -> Mask:
    """Return who has an address or a number that is not blank; everybody where there is no such column."""
    columns = [text_column(customers, name) for name in CONTACTS if name in customers.columns]
    if not columns:
        return np.ones(len(customers), dtype=np.bool_)
    return np.asarray(np.logical_or.reduce([_is_text(column) for column in columns]), dtype=np.bool_)


def _is_text(texts: pa.Array) -> Mask:
    some = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(texts), ""), False)
    return np.asarray(some.to_numpy(zero_copy_only=False), dtype=np.bool_)


def is_recovered(customers: pd.DataFrame) -> Mask:
    """Return who is known to have bought again by the cutoff: nothing is to be won with them."""
    return said(customers, "recovered", True)


def said(customers: pd.DataFrame, name: str, answer: bool) -> Mask:
    """Return of whom a column gives an answer."""
    if name not in customers.columns:
        return np.zeros(len(customers), dtype=np.bool_)
    answers = customers[name].array.astype("boolean")
    return np.asarray((answers == answer).to_numpy(dtype=np.bool_, na_value=False))
