"""The numbers on top of a summary."""

from dataclasses import dataclass

from analysis import Run


@dataclass(frozen=True)
class Headline:
    """The numbers on top of a summary; where nothing is known the profit is NaN and what is at stake None."""

    abandoners: int
    at_stake: float | None
    without_value: int
    profit: float
    profit_sources: tuple[str, ...]
    assigned: int


def headline_of(run: Run) -> Headline:
    """Return the headline numbers of a run."""
    customers, table = run.segmentation.customers, run.scores.table
    values = customers["cart_value"] if "cart_value" in customers.columns else None
    profits = table["Incremental_Profit"].astype("float64")
    return Headline(
        abandoners=run.accounting.universe,
        at_stake=None if values is None else float(values.sum()),
        without_value=0 if values is None else int(values.isna().sum()),
        profit=float(profits.sum(min_count=1)),
        profit_sources=tuple(dict.fromkeys(table["Incremental_Profit_source"].tolist())),
        assigned=sum(run.segmentation.sizes),
    )
