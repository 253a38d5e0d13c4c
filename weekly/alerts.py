"""Alerts: numbers outside their usual range, and what is never usual. Each names the number, the range and the page."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from retention.customers.reach import Unreached
from retention.wording import SPACE, count, percent
from run_store import RunSummary, SavedRun
from weekly.config import ShopAlerts
from weekly.monday import Monday

STALE_DAYS, DAY = 8, 86_400
SCALE = 1.4826
"""Median absolute deviations times this are standard deviations, where numbers are normal."""
LEAST = 0.05
"""Spread as a share of the median that is usual at the least: weeks that were all alike are no law."""


def alerts_of(wanted: ShopAlerts, week: SavedRun, earlier: Sequence[SavedRun], sent: Sequence[RunSummary]) -> list[str]:
    """Return what is not as usual in a week, against earlier ones, the newest first, and in the results of some."""
    alerts = list(_absolute(wanted, week.summary, sent))
    past = earlier[: wanted.weeks]
    if len(past) < wanted.weeks or not wanted.deviations:
        return alerts
    numbers, usual = _numbers(week), [_numbers(each) for each in past]
    for name, (value, form, page) in numbers.items():
        known = [each[name][0] for each in usual if name in each]
        if len(known) < wanted.weeks:
            continue
        low, high = _range(known, wanted.deviations)
        if not low <= value <= high:
            words = f"{name}: {value:{form}}, usually {low:{form}} to {high:{form}}"
            alerts.append(_alert(words.replace("%", f"{SPACE}%"), page))
    return [*alerts, *_missing(week, past)]


def stale(monday: Monday) -> list[str]:
    """Return which files stopped coming: those of a pattern whose newest one is older than a week and a day."""
    alerts = []
    for pattern in (*monday.shop.source.files, *monday.shop.orders.files):
        newest = max(path.stat().st_mtime for path in monday.shop.paths((pattern,)))
        days = int((monday.now.timestamp() - newest) / DAY)
        if days > STALE_DAYS:
            alerts.append(_alert(f"Files of {pattern}: the newest is {days} days old, usually up to 7", "Data quality"))
    return alerts


def _alert(words: str, page: str) -> str:
    return f"Alert: {words} (page {page})."


def _range(values: Sequence[float], deviations: float) -> tuple[float, float]:
    """Return the usual range of a number.

    >>> _range([100, 110, 90, 105, 95, 100, 100, 400], 3)
    (77.761, 122.239)
    """
    middle, least = median(values), 0.0 if min(values) >= 0 else -math.inf
    spread = deviations * max(SCALE * median(abs(each - middle) for each in values), LEAST * abs(middle))
    return round(max(middle - spread, least), 6), round(middle + spread, 6)


def _numbers(week: SavedRun) -> dict[str, tuple[float, str, str]]:
    """Return the numbers of a week that have a usual range: value, form and page by name."""
    size = week.summary.universe
    recovered = week.reach.left_out[Unreached.RECOVERED]
    cuts = {
        f"Cut of {each.feature} at {each.asked}": (each.cut, ",.4g", "Tree Visualization")
        for each in week.tree.thresholds
    }
    known = "recovered" in week.record.customers.names
    shares = {"Recovered already": (recovered / size, ".1%", "Trends")} if known else {}
    return {"Abandoners": (float(size), ",.0f", "Trends"), **shares, **cuts}


def _missing(week: SavedRun, past: Sequence[SavedRun]) -> Iterator[str]:
    """Yield the kinds of files that every week before had and this one has not."""
    kinds = [Counter(source.layout for source in each.record.sources) for each in past]
    for layout in sorted(set.intersection(*(set(each) for each in kinds)) - {s.layout for s in week.record.sources}):
        counts = [each[layout] for each in kinds]
        yield _alert(f"Files of kind {layout}: 0, usually {min(counts)} to {max(counts)}", "Data quality")


def _absolute(wanted: ShopAlerts, week: RunSummary, sent: Sequence[RunSummary]) -> Iterator[str]:
    share = week.quarantined / max(week.read, 1)
    if wanted.set_aside and share > wanted.set_aside:
        rows = f"{count(week.quarantined)} of {count(week.read)} rows ({percent(share, 1)})"
        yield _alert(f"Set aside: {rows}, usually up to {percent(wanted.set_aside, 1)}", "Data quality")
    for each in sent:
        for broken in each.week.results.broken if each.week.results else ():
            yield _alert(f"Week {each.window.start}, guardrail {broken}", "Campaign")
