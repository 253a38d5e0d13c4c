"""Where every input row went: rows that are set aside or were given back corrected, and cells that are missing."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_ingestion import Intake
from data_ingestion.files.blocks import LineMap
from data_ingestion.rows.intake import CELLS, Origin
from retention.customers.reach import CONSENT, CONTACTS
from retention.customers.reasons import Reason
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
        newly = f"; {self.newly_set_aside:,} more are now set aside" if self.newly_set_aside else ""
        repaired = f"{self.repaired:,} of the {self.before:,} rows that were set aside are repaired"
        return f"{repaired}, {self.still_set_aside:,} are still set aside{newly}"


@dataclass(frozen=True)
class Accounting:
    """Where every input row went, in rows; the identities are checked when it is made.

    `outside` says why accepted rows are not the row of a customer of the universe: abandonments on
    `other_dates`, and for activity `pending`, `bought_in_time` and `no_cart` customers and rows `folded` into
    their customer's one row. `erased` counts customers whose rows were removed from a saved run on their
    request; a fresh run has none. `cells_missing` counts by column the cells of accepted rows that cannot be read.
    """

    read: int
    accepted: int
    quarantined: int
    outside_window: int
    universe: int
    reasons: dict[str, int] = field(default_factory=dict)
    erased: int = 0
    outside: dict[str, int] = field(default_factory=dict)
    cells_missing: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ensure(self.read == self.accepted + self.quarantined, "read = accepted + quarantined")
        kept = self.universe + self.outside_window + self.erased
        ensure(self.accepted == kept, "accepted = universe + outside window + erased")
        ensure(sum(self.reasons.values()) == self.quarantined, "sum of reasons = quarantined")
        # A period that was saved before the reasons were kept has none.
        outside = sum(self.outside.values()) if self.outside else self.outside_window
        ensure(outside == self.outside_window, "sum of outside = outside window")

    def plain(self) -> dict[str, int | dict[str, int]]:
        """Return the account for JSON; no cells are told of where all can be read."""
        return {name: value for name, value in asdict(self).items() if value or name != "cells_missing"}


def without_undecided(intake: Intake, deciding: Collection[str]) -> Intake:
    """Return customers without the rows whose cell of a deciding column cannot be read; in a log no cell decides."""
    if intake.before is not None:
        intake = replace(intake, before=without_undecided(intake.before, deciding))
    faults = intake.cells[intake.cells["column"].isin(deciding)]
    if intake.activity is not None or faults.empty:
        return intake
    keep = np.ones(len(intake.rows), dtype=np.bool_)
    keep[faults["position"]] = False
    first = faults.drop_duplicates("position")
    counts = first["position"].map(faults["position"].value_counts())
    rejected = intake.with_original(first[[*CELLS, "suggestion"]]).assign(faults=counts.to_numpy())
    quarantine = pd.concat([intake.quarantine, rejected[intake.quarantine.columns]], ignore_index=True)
    left = intake.cells[keep[intake.cells["position"]]]
    return replace(
        intake,
        rows=intake.rows[keep].reset_index(drop=True),
        quarantine=quarantine.sort_values(["file", "line"], kind="stable", ignore_index=True),
        cells=left.assign(position=(np.cumsum(keep) - 1)[left["position"]]),
        origins=tuple(_kept(intake.origins, keep)),
    )


def _kept(origins: Sequence[Origin], keep: NDArray[np.bool_]) -> Iterator[Origin]:
    start = 0
    for origin in origins:
        positions = np.flatnonzero(keep[start : start + origin.rows])
        start += origin.rows
        yield Origin(origin.file, len(positions), LineMap(0, origin.lines.at(positions)))


def cells_missing(intake: Intake, universe: Universe) -> pd.DataFrame:
    """Return the cells of accepted rows that are missing because they cannot be read: `CELLS`."""
    cells = intake.cells
    if intake.activity is None and len(cells):
        for column, places in cells.groupby("column")["position"]:
            values = intake.rows[str(column)].take(places.to_numpy())
            # What a customer is known by is their address or number, too, where they have none.
            missing = values.isna() | (values.eq(False) if column == CONSENT else column in CONTACTS)
            ensure(bool(missing.all()), "no cell that cannot be read has a value")
        cells = cells[~cells["position"].isin(universe.rejected["position"])]
    return cells[list(CELLS)].reset_index(drop=True)


def account_of(
    read: int, universe: int, outside: Mapping[str, int], quarantine: pd.DataFrame, cells: pd.DataFrame
) -> Accounting:
    """Return where every input row went, and how many cells of accepted rows are missing."""
    counts = Counter(quarantine["reason"].astype("str").tolist())
    return Accounting(
        read=read,
        accepted=universe + sum(outside.values()),
        quarantined=len(quarantine),
        outside_window=sum(outside.values()),
        outside={name: count for name, count in outside.items() if count},
        universe=universe,
        reasons={reason.value: counts[reason.value] for reason in Reason if counts[reason.value]},
        cells_missing=dict(sorted(Counter(cells["column"].astype("str").tolist()).items())),
    )


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
            "the row is among those repaired, but was not set aside in this analysis; it would count twice",
            where=f"{file}, line {line}",
            hint="Correct it in the file itself, or analyse the window in which it was set aside",
        )
    still, newly = (was & now).total(), (now - was).total()
    ensure(len(after) == still + newly, "set aside = still + newly set aside")
    return RepairAccount(was.total(), (was - now).total(), still, newly)
