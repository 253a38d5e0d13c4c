"""Rows that are set aside, and what became of them when a person gave some back, corrected."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

import pandas as pd

from data_ingestion import Intake
from retention.customers.universe import OnConflict, Universe, select_universe
from retention.errors import ContractError, PeriodError, ensure
from retention.period import Window


@dataclass(frozen=True)
class RepairAccount:
    """The rows that were set aside before a repair, used now or set aside again, and those that only now are."""

    before: int
    repaired: int
    still_set_aside: int
    newly_set_aside: int

    def __post_init__(self) -> None:
        ensure(self.repaired + self.still_set_aside == self.before, "repaired + still set aside = quarantined before")

    @property
    def words(self) -> str:
        """The account in words."""
        newly = f"; {self.newly_set_aside:,} others now are, too" if self.newly_set_aside else ""
        told = f"{self.repaired:,} of the {self.before:,} rows that were set aside are repaired"
        return f"{told}, {self.still_set_aside:,} still are set aside{newly}"


def rejected_rows(intake: Intake, universe: Universe) -> pd.DataFrame:
    """Return the cell faults found while reading and the row faults found since, as one table."""
    if not len(universe.rejected):
        return intake.quarantine
    places = intake.locate(universe.rejected["position"].to_numpy())
    late = intake.with_original(places).assign(
        column=universe.rejected["column"].to_numpy(),
        value="",
        reason=universe.rejected["reason"].to_numpy(),
        faults=1,
        suggestion="",
    )
    joined = pd.concat([intake.quarantine, late[intake.quarantine.columns]], ignore_index=True)
    return joined.sort_values(["file", "line"], kind="stable", ignore_index=True)


def repairs_of(intake: Intake, window: Window, on_conflict: OnConflict, after: pd.DataFrame) -> RepairAccount | None:
    """Return what became of rows that a person gave back; None: nobody did.

    Args:
        intake: What was read.
        window: The window.
        on_conflict: What is done with rows of one customer and time that differ.
        after: The rows that are set aside.

    Raises:
        ContractError: A row was given back that had not been set aside.
    """
    if intake.before is None:
        return None
    before = intake.before.quarantine
    # For a log the rows are no customers; in a table, nobody may have been in the window before.
    with suppress(PeriodError):
        if intake.before.activity is None:
            before = rejected_rows(intake.before, select_universe(intake.before.rows, window, on_conflict=on_conflict))
    was, now = (Counter(zip(rows["file"].tolist(), rows["line"].tolist(), strict=True)) for rows in (before, after))
    for file, line in sorted(intake.repaired - was.keys()):
        raise ContractError(
            "the row is among those repaired, but was not set aside in this analysis; it would enter twice",
            where=f"{file}, line {line}",
            hint="Correct it in the file itself, or analyse the window in which it was set aside",
        )
    still, newly = (was & now).total(), (now - was).total()
    ensure(len(after) == still + newly, "set aside = still + newly set aside")
    return RepairAccount(was.total(), (was - now).total(), still, newly)
