"""Who must not be contacted: who is on a list, who was contacted lately, who has bought."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from audience_export.lists import PeopleList
from audience_export.people import People
from retention.errors import ContractError, OptionError, Setting

Mask = npt.NDArray[np.bool_]
LONGEST_AGO = 3_650


def listed(people: People, named: PeopleList) -> Mask:
    """Return which customers a list names, by `user_id` or by e-mail address, shape (customers,)."""
    by_id = pc.is_in(people.user_id, _set(named.user_id))
    by_email = pc.is_in(people.email, _set(named.email))
    return np.asarray(pc.or_(by_id, by_email).to_numpy(zero_copy_only=False), dtype=np.bool_)


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
        raise ContractError("has no column date, so nothing tells how long ago a contact was", where=named.name)
    if not 1 <= days <= LONGEST_AGO:
        raise OptionError(f"{days} is not a number of days from 1 to {LONGEST_AGO:,}", where=Setting.WITHIN)
    first = np.datetime64(today - timedelta(days=days), "D")
    # A row without a day counts: better one contact too few.
    return listed(people, named.where(np.isnat(named.day) | (named.day >= first)))


def bought(people: People, named: PeopleList) -> Mask:
    """Return which customers a list of purchases names with a day not before their abandonment, or with none."""
    if named.day is None:
        return listed(people, named)
    undated = np.isnat(named.day)
    since = people.abandoned_on.cast(pa.date32()).to_numpy(zero_copy_only=False)
    last = np.maximum(_last(people.user_id, named.user_id, named.day), _last(people.email, named.email, named.day))
    return np.asarray(listed(people, named.where(undated)) | (last >= since), dtype=np.bool_)


def _set(values: pa.Array) -> pa.Array:
    return values.drop_null()


def _last(keys: pa.Array, listed_keys: pa.Array, days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.datetime64]:
    """Return the last listed day of each key, and a day before all others where there is none."""
    usable = listed_keys.is_valid().to_numpy(zero_copy_only=False) & ~np.isnat(days)
    known = listed_keys.filter(pa.array(usable)).dictionary_encode()
    last = np.full(len(known.dictionary) + 1, np.datetime64("0001-01-01", "D"))
    np.maximum.at(last, known.indices.to_numpy(), days[usable])
    places = pc.index_in(keys, known.dictionary).fill_null(len(known.dictionary))
    return np.asarray(last[places.to_numpy()], dtype="datetime64[D]")
