"""What became of rows that were set aside when a person gave some of them back, corrected."""

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass

import pandas as pd

from retention.errors import ContractError, ensure


@dataclass(frozen=True)
class RepairAccount:
    """The account of a repair, in rows.

    Args:
        before: Set aside before it.
        repaired: Of these, used now.
        still_set_aside: Of these, set aside again.
        newly_set_aside: Used before, and set aside because of a corrected row, as one that repeats them.
    """

    before: int
    repaired: int
    still_set_aside: int
    newly_set_aside: int

    def __post_init__(self) -> None:
        ensure(self.repaired + self.still_set_aside == self.before, "repaired + still set aside = quarantined before")

    @property
    def words(self) -> str:
        """The account in words."""
        newly = f"; {self.newly_set_aside:,} others are set aside because of them" if self.newly_set_aside else ""
        return (
            f"{self.repaired:,} of the {self.before:,} rows that were set aside are repaired, "
            f"{self.still_set_aside:,} still are set aside{newly}"
        )


def account_of_repairs(before: pd.DataFrame, given: Set[tuple[str, int]], after: pd.DataFrame) -> RepairAccount:
    """Return the account of a repair.

    Args:
        before: `file, line` of the rows that were set aside without it.
        given: `file, line` of the rows that were given back.
        after: `file, line` of the rows that are set aside now.

    Raises:
        ContractError: A row was given back that had not been set aside.
    """
    was, now = _places(before), _places(after)
    used = sorted(given - was.keys())
    if used:
        file, line = used[0]
        raise ContractError(
            "the row is among those repaired, but was not set aside in this analysis; it would enter twice",
            where=f"{file}, line {line}",
            hint="Correct it in the file itself, or analyse the window in which it was set aside",
        )
    still = (was & now).total()
    account = RepairAccount(was.total(), was.total() - still, still, (now - was).total())
    ensure(len(after) == still + account.newly_set_aside, "set aside = still + newly set aside")
    return account


def _places(rows: pd.DataFrame) -> Counter[tuple[str, int]]:
    return Counter(zip(rows["file"].tolist(), rows["line"].tolist(), strict=True))
