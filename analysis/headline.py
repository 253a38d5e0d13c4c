"""The numbers on top of a summary."""

from dataclasses import dataclass

from analysis import Run


@dataclass(frozen=True)
class Headline:
    """The numbers on top of a summary.

    Args:
        abandoners: Customers of the window.
        at_stake: Sum of the known cart values; None where there is no such column.
        without_value: Customers whose cart value is not known.
        profit: Expected incremental profit over all segments; NaN where no segment has one.
        profit_sources: Where that number comes from.
        assigned: Customers in exactly one segment.
    """

    abandoners: int
    at_stake: float | None
    without_value: int
    profit: float
    profit_sources: tuple[str, ...]
    assigned: int


def headline_of(run: Run) -> Headline:
    """Return the headline numbers of a run."""
    table, present = run.scores.table, "cart_value" in run.segmentation.customers
    values = [part.customers["cart_value"] for part in run.segmentation.in_parts()] if present else []
    profits = table["Incremental_Profit"].astype("float64")
    return Headline(
        abandoners=run.accounting.universe,
        at_stake=sum(float(each.sum()) for each in values) if present else None,
        without_value=sum(int(each.isna().sum()) for each in values),
        profit=float(profits.sum(min_count=1)),
        profit_sources=tuple(dict.fromkeys(table["Incremental_Profit_source"].tolist())),
        assigned=sum(run.segmentation.sizes),
    )
