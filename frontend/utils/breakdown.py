"""Who is in each segment by a column of few values, such as the region; frames only, no drawing."""

import numpy as np
import pandas as pd

from analysis import Run
from retention.customers.contracts import COLUMNS

BREAKDOWNS = ("region", "archetype")
"""Columns that are broken down where the input has them."""
MOST = 6
"""Values that are shown on their own; the others are one."""
OTHERS = "Others"
UNKNOWN = "Not known"


def breakdowns(run: Run) -> dict[str, pd.DataFrame]:
    """Return the breakdown by each column that the input has and that tells customers apart."""
    present = [name for name in BREAKDOWNS if name in run.segmentation.customers.columns]
    tables = {name: breakdown(run, name) for name in present}
    return {name: table for name, table in tables.items() if len(table.columns.difference([UNKNOWN])) > 1}


def title(column: str) -> str:
    """Return the name of a column for people."""
    return COLUMNS[column].label.capitalize()


def breakdown(run: Run, column: str) -> pd.DataFrame:
    """Return customers by segment (rows, by rank) and value (columns, the most frequent first).

    Values beyond the most frequent ones are one column, and so are customers without a value.
    """
    places, names = pd.factorize(run.segmentation.customers[column])
    segments = [segment.name for segment in run.segmentation.tree.segments]
    # Place -1 stands for a value that is not known; one more makes it the first column.
    pairs = run.segmentation.codes.astype(np.intp) * (len(names) + 1) + places + 1
    counts = np.bincount(pairs, minlength=len(segments) * (len(names) + 1)).reshape(len(segments), -1)
    order = np.argsort(-counts[:, 1:].sum(axis=0), kind="stable") + 1
    shown = {str(names[place - 1]): counts[:, place] for place in order[:MOST].tolist()}
    if len(order) > MOST:
        shown[OTHERS] = shown.get(OTHERS, 0) + counts[:, order[MOST:]].sum(axis=1)
    if counts[:, 0].any():
        shown[UNKNOWN] = shown.get(UNKNOWN, 0) + counts[:, 0]
    table = pd.DataFrame(shown, index=pd.Index(segments, name="Segment"))
    return table.reindex(run.scores.table["Segment"].tolist())
