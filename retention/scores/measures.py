"""The measures that the overall score weighs: the one table of their columns, names, weights and terms.

Whatever shows, weighs or documents them reads this table, so a measure that is added here is nowhere forgotten.
"""

from dataclasses import dataclass

from retention.scores.terms import CONVERSION, FIT, PROFITABILITY, REACHABLE


@dataclass(frozen=True)
class Measure:
    """One measure.

    Args:
        column: Its column in the scores.
        short: Another name of the weight for those who type it.
        term: The customer's term whose mean over a segment it is; None: it does not come from customers one by one.
        scaled: Whether the mean counts less in a segment under the minimum size.
    """

    column: str
    label: str
    weight: str
    short: str
    term: int | None = None
    scaled: bool = False


LIFT = Measure("Lift_vs_Control", "Lift against control", weight="lift", short="lift")
SIZE = Measure("Size_norm", "Relative size", weight="size", short="size")

MEASURES: dict[str, Measure] = {
    measure.column: measure
    for measure in (
        Measure("Conv_Pot", "Conversion index", weight="conv_pot", short="conv", term=CONVERSION),
        LIFT,
        Measure("Profitability", "Profitability", weight="profitability", short="profit", term=PROFITABILITY),
        Measure("Strategic_Fit", "Strategic fit", weight="strategic_fit", short="fit", term=FIT),
        SIZE,
        Measure(
            "Campaign_Efficiency",
            "Campaign efficiency",
            weight="campaign_efficiency",
            short="efficiency",
            term=REACHABLE,
            scaled=True,
        ),
    )
}
"""By column, in the order of every array of measures and of the columns of the scores."""
