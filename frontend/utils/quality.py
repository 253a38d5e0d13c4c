"""How good the data of a run is: missing values, derived scores, and rows that were set aside."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis import Run
from frontend.utils import format as fmt
from retention.customers.contracts import COLUMNS, CONTRACT
from retention.customers.derive import FORMULAS, MARKER

SAMPLE = 50


@dataclass(frozen=True)
class ColumnQuality:
    """One column of the contract over the customers of the window.

    Args:
        name: The column.
        present: Whether any file has it, or its values were derived.
        missing: Customers without a value.
        derived: Customers whose value was derived.
        formula: How it was derived; empty where nothing was.
    """

    name: str
    present: bool
    missing: int
    derived: int = 0
    formula: str = ""


def columns_of(run: Run) -> tuple[ColumnQuality, ...]:
    """Return the quality of every column of the contract."""
    customers = run.segmentation.customers
    derived = _derived(customers)
    return tuple(_column(customers, column.name, derived[column.name]) for column in CONTRACT)


def sample_of(quarantine: pd.DataFrame) -> pd.DataFrame:
    """Return the first rows that were set aside, with values that may tell who somebody is made unreadable."""
    first = quarantine.head(SAMPLE)
    values = [masked(column, value) for column, value in zip(first["column"], first["value"].fillna(""), strict=True)]
    return first.assign(value=values)


def reasons_of(quarantine: pd.DataFrame, file: str) -> str:
    """Return why rows of a file were set aside and how many, the most frequent reason first.

    >>> rows = pd.DataFrame({"file": ["a", "a", "b"], "reason": ["duplicate", "duplicate", "not_a_date"]})
    >>> reasons_of(rows, "a")
    'duplicate: 2'
    """
    counts = quarantine.loc[quarantine["file"] == file, "reason"].astype("str").value_counts()
    return ", ".join(f"{str(reason).replace('_', ' ')}: {fmt.count(int(number))}" for reason, number in counts.items())


def masked(column: str, value: str) -> str:
    """Return a value as the page may show it: as it is only in a column that identifies nobody.

    >>> masked("cart_value", "12,50"), masked("email", "ann@example.com"), masked("email", "")
    ('12,50', '15 characters, not shown', '')
    """
    known = COLUMNS.get(column)
    if not value:
        return ""
    if known is not None and not known.personal:
        return value
    return f"{len(value)} characters, not shown"


def missing_columns(columns: Sequence[str]) -> list[str]:
    """Return the columns of the contract that a file does not have."""
    return [column.name for column in CONTRACT if column.name not in columns]


def _column(customers: pd.DataFrame, name: str, derived: int) -> ColumnQuality:
    if name not in customers.columns:
        return ColumnQuality(name, present=False, missing=len(customers))
    formula = FORMULAS[name] if derived else ""
    return ColumnQuality(name, True, int(customers[name].isna().sum()), derived, formula)


def _derived(customers: pd.DataFrame) -> Counter[str]:
    """Return in how many rows each score was derived."""
    counts: Counter[str] = Counter()
    if MARKER in customers.columns:
        for names, number in customers[MARKER].value_counts().items():
            counts.update(dict.fromkeys(filter(None, str(names).split(";")), int(number)))
    return counts
