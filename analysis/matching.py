"""The customers of outcomes, as whatever file names them -> their rows in a run."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analysis.run import Run
from retention.activity.activity import NONE
from retention.customers.normalise import emails, mailboxes, text_column
from retention.customers.phone import phones_of
from retention.customers.reach import CONTACTS
from retention.errors import ContractError, Remedy, Setting

Places = NDArray[np.intp]
NATIONAL = r"'?\(?0[0-9 ()./-]{6,}"
"""What a phone number looks like that misses its country."""


def places(run: Run, customers: pd.DataFrame, region: str = "") -> Places:
    """Return the row of each customer in the run by user_id, else by e-mail, else by phone; `NONE` where it has none.

    Args:
        run: The analysis.
        customers: `customer`, and `email`, `phone` and `country` where they are known.
        region: ISO 3166 code of the shop's country, by which national phone numbers are read; empty for none.
    """
    segmentation, names = run.segmentation, text_column(customers, "customer")
    parts = segmentation.in_parts(["user_id"], waves=False)
    ids = pa.chunked_array([text_column(part.customers, "user_id") for part in parts]).combine_chunks()
    # An identifier with blanks at its ends is another one where the period has it, and carelessness elsewhere.
    place = pc.coalesce(pc.index_in(names, ids), pc.index_in(pc.utf8_trim_whitespace(names), ids))
    rows = np.asarray(place.fill_null(NONE).to_numpy(), dtype=np.intp)
    for name in CONTACTS:
        rest = np.flatnonzero(rows == NONE)
        if len(rest) and name in segmentation.customers:
            unmatched = customers.iloc[rest]
            contacts = unmatched[name].fillna(unmatched["customer"]) if name in unmatched else unmatched["customer"]
            parts = segmentation.in_parts([name, "country"], waves=False)
            known = (_known_by(name, part.customers, region) for part in parts)
            rows[rest] = _single(known, _known_by(name, unmatched.assign(**{name: contacts}), region))
    return rows


def _known_by(name: str, people: pd.DataFrame, region: str) -> pa.Array:
    return phones_of(people, region) if name == "phone" else mailboxes(emails(text_column(people, name)))


def _single(known: Iterable[pa.Array], keys: pa.Array) -> Places:
    """Return the places of identifiers; one that several customers share says nothing of one of them."""
    places, times, start = np.full(len(keys) + 1, NONE, dtype=np.intp), np.zeros(len(keys), dtype=np.int64), 0
    for part in known:
        which = pc.index_in(part, keys, skip_nulls=True)
        indexes = which.drop_null().to_numpy()
        places[indexes] = start + np.flatnonzero(which.is_valid())
        times, start = times + np.bincount(indexes, minlength=len(keys)), start + len(part)
    places[:-1][times != 1] = NONE
    # What is asked several times has the place of the first; what is no identifier has the last one, which is none.
    own = pc.index_in(keys, keys, skip_nulls=True).fill_null(NONE)
    return places[np.asarray(own.to_numpy(), dtype=np.intp)]


def nobody(customers: "pd.Index[str]") -> ContractError:
    """Return the error that none of the customers of outcomes is in a run."""
    national = pd.Series(customers).str.fullmatch(NATIONAL).any()
    return ContractError(
        "the only customer is not in the period"
        if len(customers) == 1
        else f"none of the {len(customers):,} customers is in the period",
        hint="Give outcomes of the same shop, with the same ids, addresses or phone numbers",
        remedies=(Remedy(Setting.COUNTRY),) if national else (),
    )
