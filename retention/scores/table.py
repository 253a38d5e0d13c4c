"""The table of scores: from one contact to all who can be reached, and its order."""

import numpy as np
import numpy.typing as npt
import pandas as pd

PROFITS = ("Incremental_Profit", "Incremental_Profit_low", "Incremental_Profit_high")


def in_people(table: pd.DataFrame, reachable: npt.NDArray[np.integer]) -> pd.DataFrame:
    """Return scores whose Incremental_Profit is that of one contact as scores of all who can be reached.

    Args:
        table: Scores, Incremental_Profit with `_low` and `_high` per contact.
        reachable: Customers of each row's segment who can be reached.

    Returns:
        The same with Incremental_Profit of all of them, and after Campaign: Reachable, Profit_per_Send with `_low`
        and `_high`, which is missing where nobody can be reached, and Send_Order from 1 by Profit_per_Send.
    """
    table, added = table.copy(), {"Reachable": reachable}
    for name in PROFITS:
        each = table[name].to_numpy(dtype=np.float64)
        table[name] = reachable * each
        added[name.replace("Incremental_Profit", "Profit_per_Send")] = np.where(reachable > 0, each, np.nan)
    worth = np.nan_to_num(added["Profit_per_Send"], nan=-np.inf)
    added["Send_Order"] = np.empty(len(table), dtype=np.int64)
    added["Send_Order"][np.lexsort((table["Segment"].to_numpy(), -reachable, -worth))] = np.arange(1, len(table) + 1)
    for place, (name, values) in enumerate(added.items(), start=list(table).index("Campaign") + 1):
        table.insert(place, name, values)
    return table


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by total, the place of each inside its rank interval."""
    ranked = table.sort_values(["Overall_Score", "Size", "Segment"], ascending=[False, False, True], ignore_index=True)
    place = np.arange(1, len(ranked) + 1)
    ranked["Rank_low"] = np.minimum(ranked["Rank_low"], place)
    ranked["Rank_high"] = np.maximum(ranked["Rank_high"], place)
    return ranked
