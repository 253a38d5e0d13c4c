"""An experiment as a person drafts it on a page, and what it can show."""

from dataclasses import dataclass

import pandas as pd

from analysis.experiment_design import Design
from retention.experiment.arms import CONTROL, Experiment
from retention.experiment.power import ALPHA, Outlook, Plan, outlook, power

SHARES = tuple(share / 100 for share in range(2, 91, 2))
"""Held-out shares that the chart shows."""


@dataclass(frozen=True)
class Draft:
    """What the form holds.

    Args:
        name: Names the experiment.
        treatments: Label and share of each treatment.
        held_out: Share of the control.
        segments: Segments that hold out another share, by name.
        lift: The wished relative lift.
        wanted: The wanted power.
        balance: Whether the salt is chosen under which the arms are most alike.
    """

    name: str
    treatments: tuple[tuple[str, float], ...]
    held_out: float
    segments: tuple[tuple[str, float], ...] = ()
    lift: float = 0.2
    wanted: float = 0.8
    balance: bool = True

    def experiment(self) -> Experiment:
        """Return the experiment; where a segment holds out another share, its treatments share the rest as elsewhere.

        Raises:
            OptionError: A label or share cannot be.
        """
        return Experiment(
            self.name, self._shares(self.held_out), {name: self._shares(share) for name, share in self.segments}
        )

    def _shares(self, held_out: float) -> dict[str, float]:
        rest = 1 - self.held_out
        return {CONTROL: held_out} | {label: share / rest * (1 - held_out) for label, share in self.treatments}


def together(design: Design) -> Outlook | None:
    """Return what all customers can show at once; None where segments hold out shares of their own."""
    totals = design.counts.sum()
    control, treated = int(totals.iloc[0]), int(totals.iloc[1:].min())
    table = design.table
    baseline = float((table["Baseline"] * table["Customers"]).sum() / max(1, table["Customers"].sum()))
    sayable = control and treated and 0 < baseline < 1 and baseline * (1 + design.lift) <= 1
    if design.experiment.segment_shares or not sayable:
        return None
    plan = Plan(control + treated, baseline, control / (control + treated))
    return outlook(plan, design.lift, wanted=design.wanted)


def power_by_share(design: Design) -> pd.DataFrame:
    """Return the power of the wished lift by held-out share (rows) and segment (columns, in the order of the tree).

    The treatments share what is not held out as they do in the design; the smallest one is tested.
    """
    shares = design.experiment.shares_of("")
    smallest = min(shares[1:]) / (1 - shares[0])
    columns = {}
    for row in design.table.to_dict("records"):
        baseline, customers = row["Baseline"], row["Customers"]
        if not 0 < baseline < 1 or baseline * (1 + design.lift) > 1 or not customers:
            continue
        columns[row["Segment"]] = [_power(customers, baseline, share, smallest, design) for share in SHARES]
    return pd.DataFrame(columns, index=pd.Index(SHARES, name="share"))


def _power(customers: int, baseline: float, share: float, smallest: float, design: Design) -> float:
    control, treated = customers * share, customers * (1 - share) * smallest
    if control + treated < 2:
        return 0.0
    # As the design itself: the test is corrected for all segments and treatments.
    tests = int(design.table["Power"].notna().sum()) * (len(design.counts.columns) - 1)
    return power(Plan(control + treated, baseline, control / (control + treated), ALPHA / max(1, tests)), design.lift)
