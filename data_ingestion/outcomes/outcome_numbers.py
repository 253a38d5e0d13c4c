"""Money and covariates of a table about outcomes: one decimal sign for all columns, never guessed in silence."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_ingestion.cells.decimal_sign import SIGNS
from data_ingestion.cells.numbers import DecimalSign, NumberCells, parse_numbers
from data_ingestion.formats.record_columns import SCHEMA
from data_ingestion.options import Decimal
from retention.errors import SourceError

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

ROLES = ("revenue", "covariate")
LARGEST = 1e100
"""Beyond it squares of numbers, which every interval needs, are no numbers any more."""


def outcome_numbers(
    columns: Mapping[str, pa.Array], typed: Mapping[str, Mask], decimal: Decimal, name: str
) -> dict[str, tuple[Floats, Mask]]:
    """Return the numbers of each column, NaN where a cell is blank, and which cells are no number, by role.

    Args:
        columns: Role -> large text without nulls, shape (n,); roles that hold no numbers are passed over.
        typed: Role -> which cells the file itself holds as numbers, shape (n,).
        decimal: The sign, or `auto`: whatever cells that can be read one way only have.
        name: Base name of the file.

    Raises:
        SourceError: Cells such as `1,234` can be read both ways and nothing tells which.

    >>> text = {"revenue": pa.array(["12.50", "1,234", ""], pa.large_string())}
    >>> outcome_numbers(text, {}, "auto", "x.csv")["revenue"][0].tolist()
    [12.5, 1234.0, nan]
    """
    cells = {
        role: parse_numbers(columns[role], SCHEMA[role], typed=typed.get(role)) for role in ROLES if role in columns
    }
    sign = _sign(list(cells.values()), name) if decimal == "auto" else decimal
    return {role: _resolved(each, sign) for role, each in cells.items()}


def _sign(columns: Sequence[NumberCells], name: str) -> DecimalSign:
    if any(each.comma >= 0 for each in columns):
        return "comma"
    unsure = [each.open for each in columns if each.open is not None]
    if not unsure or any(each.point >= 0 for each in columns):
        return "point"
    point, comma = (any((cells.leaning == side).any() for cells in unsure) for side in (1, -1))
    if point == comma:
        count = sum(int(cells.ambiguous.sum()) for cells in unsure)
        raise SourceError(
            f"{count:,} numbers such as '1,234' can be read as thousands or as decimals, and no number tells which",
            where=name,
            hint="Say which it is",
            remedies=(SIGNS,),
        )
    return "point" if point else "comma"


def _resolved(cells: NumberCells, sign: DecimalSign) -> tuple[Floats, Mask]:
    values, bad = cells.resolve(sign)
    wrong = np.abs(np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf)) > LARGEST
    return values, wrong if bad is None else wrong | bad
