"""Who changes segment: a matrix of counts as a table; no drawing."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd


def moves(matrix: npt.NDArray[np.int64], before: Sequence[str], after: Sequence[str]) -> pd.DataFrame:
    """Return who changes segment, the most first.

    Args:
        matrix: Customers by segment before (rows) and after (columns).
        before: Names of the rows.
        after: Names of the columns.

    Returns:
        Columns `From`, `To`, `Customers` and `Share` of the segment they come from.

    >>> moves(np.array([[8, 2], [0, 5]]), ["A", "B"], ["A", "B"]).to_dict("records")
    [{'From': 'A', 'To': 'B', 'Customers': 2, 'Share': 0.2}]
    """
    rows = [
        (source, target, int(matrix[i, j]), float(matrix[i, j] / matrix[i].sum()))
        for i, source in enumerate(before)
        for j, target in enumerate(after)
        if source != target and matrix[i, j]
    ]
    table = pd.DataFrame(rows, columns=["From", "To", "Customers", "Share"])
    return table.sort_values(["Customers", "From", "To"], ascending=[False, True, True], ignore_index=True)
