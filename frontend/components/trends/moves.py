"""Who changes segment: a matrix of counts as a table; no drawing."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from frontend.utils import format as fmt


def moves(matrix: npt.NDArray[np.int64], before: Sequence[str], after: Sequence[str]) -> pd.DataFrame:
    """Return who changes segment, the most first: `From`, `To`, `Customers`, and `Share` of the segment they come from.

    `matrix` has customers by segment before (rows) and after (columns).

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


def moves_words(changed: pd.DataFrame) -> dict[str, list[str]]:
    """Return moves as columns of a table in words."""
    numbers = zip(changed["Customers"], changed["Share"], strict=True)
    return {
        "From": [fmt.plain(name) for name in changed["From"]],
        "To": [fmt.plain(name) for name in changed["To"]],
        "Customers": [f"{fmt.count(n)} ({fmt.percent(share)})" for n, share in numbers],
    }
