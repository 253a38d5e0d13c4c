"""Who agreed to be contacted."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from audience_export.lists import PeopleList
from audience_export.people import People
from audience_export.suppression import listed
from retention.errors import ContractError, Remedy, Setting

COLUMN = "email_consent"
Source = Literal["column", "list", "assumed"]


@dataclass(frozen=True, eq=False)
class Consent:
    """Who agreed.

    Args:
        given: Who agreed, shape (customers,); nobody is asked twice: missing is no.
        refused: Who said no, shape (customers,).
        source: Where that is known from.
    """

    given: npt.NDArray[np.bool_]
    refused: npt.NDArray[np.bool_]
    source: Source


def consent_of(customers: pd.DataFrame, people: People, agreed: PeopleList | None, *, assume: bool) -> Consent:
    """Return who agreed, by a list, by the column `email_consent`, or because a person says that all did.

    A no in the column holds against a list. What is assumed counts only where the data has no such column.

    Args:
        customers: The universe; column used: `email_consent`.
        people: The same customers.
        agreed: Who agreed, if there is a list.
        assume: Whether to take it that everybody agreed.

    Raises:
        ContractError: Nothing says who agreed.
    """
    none = np.zeros(len(customers), dtype=np.bool_)
    has = COLUMN in customers.columns
    answers = customers[COLUMN].astype("boolean") if has else None
    refused = none if answers is None else ~answers.fillna(True).to_numpy(dtype=np.bool_)
    if agreed is not None:
        return Consent(listed(people, agreed) & ~refused, refused, "list")
    if answers is not None:
        return Consent(answers.fillna(False).to_numpy(dtype=np.bool_), refused, "column")
    if assume:
        return Consent(~none, none, "assumed")
    raise ContractError(
        f"nothing says who agreed to be contacted: the data has no column {COLUMN}",
        hint="Add the column, give a list of those who agreed, or, if everybody did, say so",
        remedies=(Remedy(Setting.CONSENT), Remedy(Setting.ASSUMED_CONSENT)),
    )
