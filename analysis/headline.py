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
    table, present = run.scores.table, "cart_value" in run.segmentation.customers
    values = [part.customers["cart_value"] for part in run.segmentation.in_parts(["cart_value"])] if present else []
    profits = table["Incremental_Profit"].astype("float64")
    return Headline(
        abandoners=run.accounting.universe,
        at_stake=sum(float(each.sum()) for each in values) if present else None,
        without_value=sum(int(each.isna().sum()) for each in values),
        profit=float(profits.sum(min_count=1)),
        profit_sources=tuple(dict.fromkeys(table["Incremental_Profit_source"].tolist())),
        assigned=sum(run.segmentation.sizes),
    )
