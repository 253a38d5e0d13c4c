"""What a person should know of an analysis, in sentences."""

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd

from data_ingestion import Intake
from data_ingestion.cells.currencies import is_currency
from retention.customers.contracts import COLUMNS
from retention.customers.reach import is_recovered
from retention.customers.universe import Universe, late_words
from retention.partition.fitted import FittedTree
from retention.scores.measured_lift import MeasuredLift


@dataclass(frozen=True)
class Seen:
    """What customers tell together; parts add.

    Args:
        size: How many there are.
        recovered: How many of them have bought again already.
        late_orders: How many ordered after the window.
        currency: Their one currency code; empty where they name none.
    """

    size: int = 0
    recovered: int = 0
    late_orders: int = 0
    currency: str = ""

    @classmethod
    def of(cls, universe: Universe) -> "Seen":
        """Return what a universe, or a part of one, tells."""
        customers = universe.customers
        recovered = int(is_recovered(customers).sum())
        return cls(len(customers), recovered, universe.late_orders, _currency(customers))

    def __add__(self, other: "Seen") -> "Seen":
        size, recovered = self.size + other.size, self.recovered + other.recovered
        return Seen(size, recovered, self.late_orders + other.late_orders, self.currency or other.currency)


def shown_currency(seen: Seen, asked: str) -> str:
    """Return the currency that money is shown in, or nothing where it has none."""
    return asked or (seen.currency if is_currency(seen.currency) else "")


def notices(
    intake: Intake,
    seen: Seen,
    tree: FittedTree,
    lifts: tuple[MeasuredLift, ...],
    notes: tuple[str, ...],
    currency: str,
) -> tuple[str, ...]:
    """Return what a person should know of rows and segments.

    Args:
        intake: What was read.
        seen: What the customers tell.
        tree: The fitted tree.
        lifts: What experiments counted.
        notes: How the conversion came about.
        currency: The currency that is asked for.
    """
    rows = (*_relabelled(seen.currency, currency), *intake.warnings, *_near_misses(intake))
    customers = (*late_words(seen.late_orders), *_recovered(seen), *notes)
    return (*rows, *customers, *_cut_warnings(tree, shown_currency(seen, currency)), *_lift_notes(tree, lifts))


def _recovered(seen: Seen) -> tuple[str, ...]:
    """Say how many have bought again already, and which numbers speak of the others."""
    count, size = seen.recovered, seen.size
    if not count:
        return ()
    told = (
        f"{count:,} of {size:,} customers are recovered: they have bought again already. They stay in their segments; "
        f"conversion, profit, power and holdouts speak of the other {size - count:,}"
    )
    return (told,)


def _near_misses(intake: Intake) -> tuple[str, ...]:
    """Warn of headers that were left out though they almost read like a column of the contract."""
    absent = [name for name in COLUMNS if name not in intake.rows.columns]
    near = [
        (source.name, header, match[0])
        for source in intake.sources
        for header in source.ignored
        if (match := get_close_matches(header.strip().casefold(), absent, n=1, cutoff=0.8))
    ]
    return tuple(f"{file}: the column '{header}' was left out; did you mean '{name}'?" for file, header, name in near)


def _cut_warnings(tree: FittedTree, currency: str) -> tuple[str, ...]:
    # A cut that splits a segment over the maximum has a note as well, but the sizing log tells of it.
    return tuple(cut.words(currency) for cut in tree.thresholds if cut.told() and "splits" not in cut.note)


def _lift_notes(tree: FittedTree, lifts: tuple[MeasuredLift, ...]) -> tuple[str, ...]:
    """Say how old measured lifts are, and which are of segments that this run does not have."""
    known = {segment.name for segment in tree.segments}
    used = Counter((lift.experiment, lift.measured_on) for lift in lifts if lift.segment in known)
    dated = [
        f"The lift of {count} of {len(known)} segments was measured by the experiment '{name}' on {day}."
        for (name, day), count in used.items()
    ]
    unknown = list(dict.fromkeys(lift.segment for lift in lifts if lift.segment not in known))
    if unknown:
        dated.append(f"Measured lifts of {', '.join(unknown)} were not used: the run has no such segment.")
    return tuple(dated)


def _relabelled(own: str, asked: str) -> tuple[str, ...]:
    """Warn where money of one currency is shown as another: nothing is converted."""
    if own and not asked and not is_currency(own):
        return ("What the input's column 'currency' holds is no code of ISO 4217, so money is shown without one.",)
    if not asked or not own or asked == own:
        return ()
    return (f"The input's money is in {own}; it is shown as {asked} and was not converted.",)


def _currency(customers: pd.DataFrame) -> str:
    """Return the input's one currency code, or nothing where it names none."""
    if "currency" not in customers.columns:
        return ""
    codes = customers["currency"].dropna().str.strip().str.upper()
    codes = codes[codes != ""]
    return str(codes.iloc[0]) if len(codes) else ""
