"""Who may be contacted: who agreed, who is on a list, who was contacted lately, who has bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.choice import ConsentSource
from audience_export.lists import PeopleList
from audience_export.people import People
from retention.customers.consent import REFUSALS, Meaning, meaning_of
from retention.customers.normalise import mailboxes
from retention.errors import ContractError, OptionError, Remedy, Setting

COLUMN = "email_consent"
Mask = npt.NDArray[np.bool_]
LONGEST_AGO = 3_650


@dataclass(frozen=True, eq=False)
class Consent:
    """Who agreed.

    Args:
        given: Who agreed, shape (customers,); nobody is asked twice: missing is no.
        refused: Who said no, shape (customers,).
    """

    given: Mask
    refused: Mask
    source: ConsentSource


def consent_of(
    customers: pd.DataFrame, people: People, agreed: PeopleList | None, *, assume: bool, unread: Sequence[str] = ()
) -> Consent:
    """Return who agreed, by a list, by the column `email_consent`, or because a person says that all did.

    A no in the column holds against a list. What is assumed counts only where the data has no such column.

    Raises:
        ContractError: Nothing says who agreed, or a column that was not read may do.
    """
    none = np.zeros(len(customers), dtype=np.bool_)
    has = COLUMN in customers.columns
    answers = customers[COLUMN].astype("boolean") if has else None
    # A missing answer is no agreement, but no refusal either: a list may still say that the customer agreed.
    refused = none if answers is None else ~answers.fillna(True).to_numpy(dtype=np.bool_)
    _check_unread(unread, has=has)
    if agreed is not None:
        return Consent(listed(people, agreed, strict=True) & ~refused, refused, "list")
    if answers is not None:
        return Consent(answers.fillna(False).to_numpy(dtype=np.bool_), refused, "column")
    if assume:
        return Consent(~none, none, "assumed")
    raise ContractError(
        f"nothing says who agreed to be contacted: the data has no column {COLUMN}",
        hint="Add the column, give a list of those who agreed, or, if everybody did, say so",
        remedies=(Remedy(Setting.CONSENT), Remedy(Setting.ASSUMED_CONSENT)),
    )


def _check_unread(headers: Sequence[str], *, has: bool) -> None:
    """Refuse to go on without the answers of a column that looks like consent to e-mail, or that tells refusals."""
    for header in headers:
        meaning = meaning_of(header)
        if meaning in REFUSALS or (not has and meaning not in (None, Meaning.STATE)):
            hint = f"Rename it to {COLUMN} if a yes in it is consent to e-mail; else delete it"
            if meaning in REFUSALS:
                hint = f"Write no into {COLUMN} for them, or give them as a list of those who left; then delete it"
            what = f"the column '{header}' looks like consent and was not read, so a no in it would be overlooked"
            raise ContractError(what, hint=hint)


def listed(people: People, named: PeopleList, *, strict: bool = False) -> Mask:
    """Return which customers a list names, by `user_id`, e-mail address or phone number, shape (customers,).

    Args:
        people: The customers.
        named: The list.
        strict: Whether a number names nobody who has an address: it may be a family's.
    """
    by_id = _among(people.user_id, pa.concat_arrays([named.user_id, named.bare_ids]))
    by_email, by_phone = _among(mailboxes(people.email), named.email), _among(people.phone, named.phone)
    by_phone = pc.and_(by_phone, people.email.is_null()) if strict else by_phone
    return np.asarray(pc.or_(pc.or_(by_id, by_email), by_phone).to_numpy(zero_copy_only=False), dtype=np.bool_)


def _among(keys: pa.Array, listed_keys: pa.Array) -> pa.Array:
    """Return which keys a list has; a long list is looked up in a part of the customers, which is quicker."""
    return pc.is_in(keys, listed_keys.filter(pc.is_in(listed_keys, keys)).drop_null())


def contacted(people: People, named: PeopleList, *, days: int, today: date) -> Mask:
    """Return which customers were contacted at most so many days before today, or on a day not told.

    Args:
        people: The customers.
        named: Who was contacted, with the day.
        days: Days that a customer is left alone; contacts on the first of them count.
        today: The day of the export, in the shop's zone.

    Raises:
        ContractError: The list has no day.
        OptionError: The number of days makes no sense.
    """
    if named.day is None:
        raise named.without_day()
    if not 1 <= days <= LONGEST_AGO:
        raise OptionError(f"{days} is not a number of days from 1 to {LONGEST_AGO:,}", where=Setting.WITHIN)
    first = np.datetime64(today - timedelta(days=days), "D")
    # A row without a day counts: better one contact too few.
    return listed(people, named.where(np.isnat(named.day) | (named.day >= first)))


def bought(people: People, named: PeopleList) -> Mask:
    """Return which customers a list of purchases names with a day not before their abandonment, or with none.

    Raises:
        ContractError: Its days stand in a column of another name.
    """
    if named.day is None:
        if named.dated:
            raise named.without_day()
        return listed(people, named)
    undated = np.isnat(named.day)
    since = people.abandoned_on.cast(pa.date32()).to_numpy(zero_copy_only=False)
    last = np.maximum.reduce(
        [
            _last(people.user_id, named.user_id, named.day),
            _last(people.user_id, named.bare_ids, named.day),
            _last(mailboxes(people.email), named.email, named.day),
            _last(people.phone, named.phone, named.day),
        ]
    )
    return np.asarray(listed(people, named.where(undated)) | (last >= since), dtype=np.bool_)


def _last(keys: pa.Array, listed_keys: pa.Array, days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.datetime64]:
    """Return the last listed day of each key, and a day before all others where there is none."""
    usable = pc.is_in(listed_keys, keys.drop_null()).to_numpy(zero_copy_only=False) & ~np.isnat(days)
    known = listed_keys.filter(pa.array(usable)).dictionary_encode()
    # The one place more is for all keys that the list does not have.
    last = np.full(len(known.dictionary) + 1, np.datetime64("0001-01-01", "D"))
    np.maximum.at(last, known.indices.to_numpy(), days[usable])
    places = pc.index_in(keys, known.dictionary).fill_null(len(known.dictionary))
    return np.asarray(last[places.to_numpy()], dtype="datetime64[D]")
