"""What a customer is known by: an id, else an e-mail address, else a phone number."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from retention.customers.normalise import TEXT, emails, folded, mailboxes, text_column
from retention.customers.phone import e164

_SCIENTIFIC = r"^\s*[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}\s*$"
_LONG, _CUT = r"^[0-9]{16,}$", r"^[0-9]{15}0+$"
_FEWEST = 3
NOBODY = r"^(-1|0(\.0)?|0{8}-0{4}-0{4}-0{4}-0{12})$"
"""What systems write as the id of all who have no account."""


@dataclass(frozen=True)
class Contacts:
    """What the ids of customers are besides ids."""

    found: frozenset[str] = frozenset()
    whole: bool = True

    def __or__(self, other: "Contacts") -> "Contacts":
        return Contacts(self.found | other.found, self.whole and other.whole)


def contacts_of(customers: pd.DataFrame, key: str) -> Contacts:
    """Return what the ids of customers are; arguments as `with_contacts`."""
    ids = text_column(customers, key)
    contacts = _contacts(ids)
    names = frozenset(name for name, texts in contacts.items() if texts.null_count < len(texts))
    return Contacts(names, bool(contacts) and pc.coalesce(*contacts.values()).null_count == ids.null_count)


def with_contacts(customers: pd.DataFrame, key: str, all_ids: Contacts | None = None) -> pd.DataFrame:
    """Return customers whose id is an address or a number with that in `email` or `phone`, too, where it is blank.

    A column that is not there is added only where all ids are addresses or numbers: with one that is known of a few,
    nobody else would count as somebody who can be reached.

    Args:
        customers: One a row; not changed.
        key: Column of their ids.
        all_ids: What the ids of everybody are, where these customers are a part; None: they are all.

    >>> with_contacts(pd.DataFrame({"user_id": ["Ann@x.org", "bob@x.org"]}), "user_id")["email"].tolist()
    ['ann@x.org', 'bob@x.org']
    """
    contacts = _contacts(text_column(customers, key))
    if not contacts and all_ids is not None:
        contacts = dict.fromkeys(("email", "phone"), pa.nulls(len(customers), TEXT))
    known = (all_ids or contacts_of(customers, key)) if contacts else Contacts()
    filled = {
        name: pd.array(pc.coalesce(text_column(customers, name), texts), dtype="str")
        for name, texts in contacts.items()
        if name in known.found and (known.whole or name in customers)
    }
    return customers.assign(**filled) if filled else customers


def _contacts(ids: pa.Array) -> dict[str, pa.Array]:
    """Return the addresses and numbers among ids; nothing where they have no sign of either."""
    if not (_has(ids, b"@") or _has(ids, b"+")):
        return {}
    return {"email": emails(_having(ids, "@")), "phone": e164(_having(ids, "+"), pa.nulls(len(ids), TEXT))}


def _having(ids: pa.Array, sign: str) -> pa.Array:
    return pc.if_else(pc.match_substring(ids, sign), ids, None)


def rounded_ids(ids: pa.Array, cut: bool | None = None) -> pa.Array:
    """Return those of some ids that a spreadsheet took for numbers and rounded.

    Args:
        ids: The ids.
        cut: What `cut_short` says of all ids that these are a part of; None: these are all.

    >>> rounded_ids(pa.array(["1.23457E+11", "17", "1.23457E+11"], TEXT)).to_pylist()
    ['1.23457E+11', '1.23457E+11']
    """
    scientific = ids.filter(pc.match_substring_regex(ids, _SCIENTIFIC)) if _has(ids, b"+") else ids[:0]
    digits = _long(ids)
    return digits if (cut_short([digits]) if cut is None else cut) else scientific


def doubtful_ids(ids: pa.Array, cut: bool | None = None) -> pa.Array:
    """Return ids that may be those of several people: rounded ones, and what systems write for all without an account.

    >>> doubtful_ids(pa.array(["0", "17", "-1", "4.5E+9"], TEXT)).to_pylist()
    ['4.5E+9', '0', '-1']
    """
    return pa.concat_arrays([rounded_ids(ids, cut), ids.filter(pc.match_substring_regex(ids, NOBODY))])


def cut_short(parts: Iterable[pa.Array]) -> bool:
    """Return whether all long numbers among some ids end in zeros, as a spreadsheet writes them."""
    return is_cut(sum(map(cut_counts, parts), start=np.zeros(2, dtype=np.int64)))


def cut_counts(ids: pa.Array) -> NDArray[np.int64]:
    """Return how many of some ids are long numbers, and how many of these end in zeros."""
    digits = _long(ids)
    return np.array([len(digits), pc.sum(pc.match_substring_regex(digits, _CUT)).as_py() or 0])


def is_cut(counts: NDArray[np.int64]) -> bool:
    """Return what `cut_short` returns of ids with these counts."""
    # Beyond the fifteenth digit a spreadsheet writes zeros. One identifier may end so by itself.
    long, cut = map(int, counts)
    return long == cut and long >= _FEWEST


def _long(ids: pa.Array) -> pa.Array:
    long = ids.filter(pc.greater_equal(pc.binary_length(ids), 16))
    return long.filter(pc.match_substring_regex(long, _LONG))


def _has(text: pa.Array, sign: bytes) -> bool:
    """Return whether a sign may be in the text; bytes beside the text do no harm."""
    data = text.buffers()[2]
    return data is not None and bool((np.frombuffer(data, dtype=np.uint8) == sign[0]).any())


def shared_by_rounding(customers: pd.DataFrame, key: str, cut: bool | None = None) -> NDArray[np.bool_]:
    """Return the rows of different people who have one id of `doubtful_ids`, shape (n,).

    Args:
        customers: Columns used, where they are there: `email`, `phone`, `first_name`, `last_name`.
        key: Column of their ids.
        cut: As `rounded_ids` takes it.
    """
    shared = np.zeros(len(customers), dtype=np.bool_)
    rounded = doubtful_ids(text_column(customers, key), cut)
    if len(rounded):
        rows = np.flatnonzero(customers[key].isin(rounded.unique().to_pylist()))
        some = customers.take(rows)
        contacts = {name: folded(text_column(some, name)) for name in ("first_name", "last_name")}
        contacts["email"] = mailboxes(emails(text_column(some, "email")))
        contacts["phone"] = pc.replace_substring_regex(text_column(some, "phone"), "[^0-9]|^0+", "")
        people = pd.DataFrame({name: texts.to_pandas() for name, texts in contacts.items()})
        differ = people.groupby(some[key].to_numpy(dtype=object)).transform("nunique") > 1
        shared[rows] = differ.any(axis=1).to_numpy()
    return shared
