"""Accepted rows -> the universe: one row per customer who abandoned a cart in the window.

Rules, in this order, each looking only at rows that share a `user_id`:

0. an id that a spreadsheet rounded, with names, e-mail addresses or phone numbers that differ: all are `rounded_id`;
1. rows equal in every contract column: the first stays, the rest are `duplicate`;
2. same abandonment time, other values: all are `conflict` (or the last stays, on request);
3. several abandonment times: the latest one inside the window stays, the others are `superseded`.
   A customer with none inside the window is outside it with all rows.

So `rows = universe + outside the window + rejected`, asserted before anything is returned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from retention.customers.contracts import CONTRACT
from retention.customers.keys import shared_by_rounding
from retention.customers.normalise import ascending
from retention.customers.reasons import Reason
from retention.errors import PeriodError, Remedy, Setting, ensure
from retention.period import Window, zone
from retention.wording import counted, days

OnConflict = Literal["quarantine", "latest"]
Positions = NDArray[np.int64]
Days = NDArray[np.int64]

_MICROSECONDS_PER_DAY = 86_400_000_000
_NO_DAY = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Universe:
    """One row per customer of the window, and what became of the other rows.

    Args:
        customers: The rows used, in input order, with `days_since_abandonment` and
            `days_since_last_order` (whole local calendar days to the window's last day; NaN: never ordered).
        positions: Position of each customer's row in the rows given, shape (len(customers),).
        rejected: `position, column, reason` of the rows that the rules above reject, by position.
        outside_window: Rows of customers without an abandonment in the window.
        late_orders: Customers whose last order is after the window's end.
    """

    customers: pd.DataFrame
    positions: Positions
    window: Window
    rejected: pd.DataFrame
    outside_window: int
    late_orders: int = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know."""
        return late_words(self.late_orders)


def late_words(customers: int) -> tuple[str, ...]:
    """Say that customers ordered after the window."""
    what = f"{counted(customers, 'customer', 'has', 'have')} a last_order_date after the window's end"
    return (f"{what}; their days_since_last_order counts as missing",) if customers else ()


def default_window(rows: pd.DataFrame, timezone: str) -> Window:
    """Return the seven days that end on the last abandonment date of accepted rows.

    Raises:
        PeriodError: There is no row, or the zone is not known.
    """
    if rows.empty:
        raise PeriodError("there is no abandonment date to end the window on", remedies=(Remedy(Setting.WINDOW),))
    last = rows["cart_abandoned_date"].max().tz_convert(zone(timezone))
    return Window.ending(last.date(), timezone)


def select_universe(rows: pd.DataFrame, window: Window, *, on_conflict: OnConflict = "quarantine") -> Universe:
    """Return the universe of the window.

    Args:
        rows: Accepted rows: `user_id` (text), `cart_abandoned_date` (aware time), other contract columns.
        window: Seven local calendar days.
        on_conflict: What to do with rows of one customer and time but other values: reject all of them,
            or keep the `latest` in the input.

    Raises:
        PeriodError: No customer abandoned a cart in the window; names the dates that were found.
    """
    universe = part_of_universe(rows, window, rejected_of(rows, window, on_conflict=on_conflict))
    if not len(universe.positions):
        times = rows["cart_abandoned_date"]
        raise nobody((times.min(), times.max()), len(rows), window, universe.outside_window)
    return universe


def rejected_of(
    rows: pd.DataFrame, window: Window, *, on_conflict: OnConflict = "quarantine", cut: bool | None = None
) -> pd.DataFrame:
    """Return `position, column, reason` of the rows that the rules reject, by position.

    Args:
        rows: As `select_universe`; of each customer all rows or none.
        window: Seven local calendar days.
        on_conflict: As `select_universe`.
        cut: As `retention.customers.keys.rounded_ids` takes it.
    """
    codes = _reasons(rows, _inside(_local_day(rows["cart_abandoned_date"], window), window), on_conflict, cut)
    positions = np.flatnonzero(codes >= 0)
    texts = {"column": list(_COLUMN_OF.values()), "reason": [reason.value for reason in _REASONS]}
    named = {name: pd.array(each, dtype="str").take(codes[positions]) for name, each in texts.items()}
    return pd.DataFrame({"position": positions, **named})


def part_of_universe(rows: pd.DataFrame, window: Window, rejected: pd.DataFrame) -> Universe:
    """Return the customers among some rows, of which others may hold the rest; there may be none.

    Args:
        rows: As `select_universe`.
        window: Seven local calendar days.
        rejected: What `rejected_of` returned of them.
    """
    day = _local_day(rows["cart_abandoned_date"], window)
    inside, keep = _inside(day, window), np.ones(len(rows), dtype=np.bool_)
    keep[rejected["position"].to_numpy()] = False
    # A rejected row counts as rejected wherever its date lies, so that each row is in one of the three counts only.
    positions = np.flatnonzero(keep & inside)
    outside = int((keep & ~inside).sum())
    ensure(len(positions) + outside + len(rejected) == len(rows), "rows = universe + outside the window + rejected")
    whole = len(positions) == len(rows)
    customers = rows if whole else rows.take(positions).reset_index(drop=True)
    customers, late = _with_days(customers, day if whole else day[positions], window)
    return Universe(customers, positions, window, rejected, outside, late)


def _inside(day: Days, window: Window) -> NDArray[np.bool_]:
    return np.asarray((day >= _epoch_day(window.start)) & (day <= _epoch_day(window.end)))


_COLUMN_OF = {
    Reason.ROUNDED_ID: "user_id",
    Reason.DUPLICATE: "user_id",
    Reason.CONFLICT: "user_id",
    Reason.SUPERSEDED: "cart_abandoned_date",
}
_REASONS = tuple(_COLUMN_OF)


def _reasons(
    rows: pd.DataFrame, inside: NDArray[np.bool_], on_conflict: OnConflict, cut: bool | None
) -> NDArray[np.int8]:
    """Return the place in `_REASONS` of why each row is rejected, -1 for none: rules for a `user_id` that repeats."""
    reasons = np.full(len(rows), -1, dtype=np.int8)
    repeated = repeated_rows(rows["user_id"])
    if not len(repeated):
        return reasons
    names = [column.name for column in CONTRACT if column.name in rows.columns]
    some = rows[names].take(repeated).set_axis(repeated)
    shared = pd.Series(shared_by_rounding(some, "user_id", cut), some.index)
    reasons[_labels(shared)] = _REASONS.index(Reason.ROUNDED_ID)
    some = some[~shared]
    # Equal rows go first: they share a time, too, and would be taken for a conflict with each other.
    same = some.duplicated(keep="first")
    reasons[_labels(same)] = _REASONS.index(Reason.DUPLICATE)
    some = some[~same]
    moment = ["user_id", "cart_abandoned_date"]
    # Without `latest` every row of a clash goes: nobody can tell which of two contradicting rows is right.
    clash = some.duplicated(moment, keep="last" if on_conflict == "latest" else False)
    reasons[_labels(clash)] = _REASONS.index(Reason.CONFLICT)
    reasons[_superseded(some[~clash][moment], inside)] = _REASONS.index(Reason.SUPERSEDED)
    return reasons


def _labels(mask: "pd.Series[bool]") -> Positions:
    """Return the index labels (positions in the whole input) where a mask holds."""
    return np.asarray(mask.index[mask.to_numpy()], dtype=np.int64)


def _superseded(rows: pd.DataFrame, inside: NDArray[np.bool_]) -> Positions:
    """Return the positions of all rows but the latest inside, of customers who have one inside."""
    positions = rows.index.to_numpy()
    candidates = rows[inside[positions]].sort_values("cart_abandoned_date", kind="stable")
    chosen = candidates.drop_duplicates("user_id", keep="last")
    # Rows outside the window go as well, but only where their customer has one inside: the others are no rejects.
    covered = rows["user_id"].isin(chosen["user_id"]).to_numpy()
    return np.setdiff1d(positions[covered], chosen.index.to_numpy())


def repeated_rows(user_id: "pd.Series[str]") -> Positions:
    """Return the positions of the rows whose `user_id` occurs more than once."""
    # Identifiers that only ascend, as in an export sorted by them, cannot repeat. To see that is far cheaper than to
    # number a million texts.
    if ascending(pa.array(user_id, from_pandas=True)):
        return np.empty(0, dtype=np.int64)
    codes, uniques = pd.factorize(user_id)
    if len(uniques) == len(user_id):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.bincount(codes, minlength=len(uniques))[codes] > 1)


def _local_day(times: "pd.Series[pd.Timestamp]", window: Window) -> Days:
    wall = times.dt.tz_convert(zone(window.timezone)).dt.tz_localize(None)
    micros = wall.to_numpy().astype("datetime64[us]").view(np.int64)
    # A missing time is the smallest integer there is, which the division would turn into a day like any other.
    return np.where(micros == _NO_DAY, _NO_DAY, micros // _MICROSECONDS_PER_DAY)


def _epoch_day(day: object) -> int:
    return int(np.datetime64(str(day), "D").astype(np.int64))


def _with_days(customers: pd.DataFrame, day: Days, window: Window) -> tuple[pd.DataFrame, int]:
    """Return the customers with their day counts, and how many ordered after the window."""
    since_order, late = _days_since(customers, "last_order_date", window)
    since_abandonment = (_epoch_day(window.end) - day).astype(np.float64)
    named = {"days_since_abandonment": since_abandonment, "days_since_last_order": since_order}
    if "first_order_date" in customers:
        named["days_since_first_order"] = _days_since(customers, "first_order_date", window)[0]
    return customers.assign(**named), late


def _days_since(customers: pd.DataFrame, name: str, window: Window) -> tuple[NDArray[np.float64], int]:
    """Return the days since a date, NaN where it is missing, and how many of the dates are after the window."""
    end, since = _epoch_day(window.end), np.full(len(customers), np.nan)
    if name not in customers:
        return since, 0
    ordered = _local_day(customers[name], window)
    # An order after the window would give a negative number of days, which passes for a very recent order.
    known = (ordered != _NO_DAY) & (ordered <= end)
    since[known] = end - ordered[known]
    return since, int((ordered > end).sum())


def nobody(times: Sequence[pd.Timestamp], rows: int, window: Window, outside: int) -> PeriodError:
    """Return the error of an empty universe, naming what was found."""
    if not rows:
        return PeriodError(f"no rows are left to analyse in the window {window}")
    first, last = (time.tz_convert(zone(window.timezone)).date() for time in (min(times), max(times)))
    abandoned = f"{counted(rows, 'accepted cart', 'was', 'were')} abandoned on {days(first, last)}"
    if outside == rows:
        return PeriodError(
            f"nobody abandoned a cart in the window {window}; the {abandoned}",
            hint="Choose a window that covers some of these dates",
            remedies=(Remedy(Setting.WINDOW),),
        )
    return PeriodError(
        f"no row in the window {window} can be used; the {abandoned}",
        hint="Rows of one customer contradict each other",
        remedies=(Remedy(Setting.ON_CONFLICT),),
    )
