"""The customers of outcomes, as whatever file names them -> their rows in a run."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analysis.run import Run
from retention.activity.activity import NONE
from retention.customers.normalise import emails, mailboxes, text_column
from retention.customers.phone import phones_of
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
    universe, names = run.segmentation.customers, customers["customer"]
    ids = pd.Index(universe["user_id"])
    found = np.asarray(ids.get_indexer(pd.Index(names)))
    # An identifier with blanks at its ends is another one where the period has it, and carelessness elsewhere.
    found = np.where(found != NONE, found, ids.get_indexer(pd.Index(names.str.strip())))
    rest = np.flatnonzero(found == NONE)
    asked = customers.iloc[rest]
    for name in ("email", "phone"):
        if name in universe:
            told = asked[name].fillna(asked["customer"]) if name in asked else asked["customer"]
            place = _single(_known_by(name, universe, region), _known_by(name, asked.assign(**{name: told}), region))
            found[rest] = np.where(found[rest] != NONE, found[rest], place)
    return found


def _known_by(name: str, people: pd.DataFrame, region: str) -> pa.Array:
    return phones_of(people, region) if name == "phone" else mailboxes(emails(text_column(people, name)))


def _single(known: pa.Array, asked: pa.Array) -> Places:
    """Return the places of identifiers; one that several customers share says nothing of one of them."""
    counts = pc.value_counts(known.drop_null())
    once = counts.field("values").filter(pc.equal(counts.field("counts"), 1))
    # An empty text stands for what nobody has.
    place = pc.index_in(pc.if_else(pc.fill_null(pc.is_in(asked, once), False), asked, ""), known)
    return np.asarray(place.fill_null(NONE).to_numpy(), dtype=np.intp)


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
