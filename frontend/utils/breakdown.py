"""Who is in each segment by a column of few values, such as the region; frames only, no drawing."""

import pandas as pd

from analysis import Run
from retention.contracts import COLUMNS

BREAKDOWNS = ("region", "archetype")
"""Columns that are broken down where the input has them."""
MOST = 5
"""Values that are shown on their own; the others are one."""
OTHERS = "Others"
UNKNOWN = "Not known"


def available(run: Run) -> tuple[str, ...]:
    """Return the columns that can be broken down: there, and with at least two values."""
    customers = run.segmentation.customers
    return tuple(name for name in BREAKDOWNS if name in customers.columns and customers[name].nunique() > 1)


def title(column: str) -> str:
    """Return the name of a column for people."""
    return COLUMNS[column].label.capitalize()


def breakdown(run: Run, column: str) -> pd.DataFrame:
    """Return customers by segment (rows, by rank) and value (columns, the most frequent first).

    Values beyond the most frequent ones are one column, and so are customers without a value.
    """
    values = run.segmentation.customers[column]
    order = values.value_counts()
    frequent = order.index[: MOST if len(order) > MOST else None]
    places = pd.Categorical(values, categories=frequent).codes.astype("int64")
    places[(places < 0) & values.notna().to_numpy()] = len(frequent)
    names = [*map(str, frequent), OTHERS, UNKNOWN]
    shown = pd.Categorical.from_codes([*range(len(names))], names).take(
        pd.Series(places).where(places >= 0, len(names) - 1).to_numpy()
    )
    table = pd.crosstab(run.segmentation.labels().to_numpy(), shown, dropna=False)
    table = table.reindex(index=run.scores.table["Segment"].tolist(), columns=names, fill_value=0)
    kept = [name for place, name in enumerate(names) if place < len(frequent) or table[name].any()]
    return table[kept].rename_axis(index="Segment", columns=None)
