"""The workspace for the pages: the periods that people saved under a name, and what the shop keeps for next time.

What cannot be read comes back as its usual value, with the reason: a page that only starts from it goes on.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from frontend.state import Result
from frontend.utils import format as fmt, login
from outputs.names import slug
from retention.errors import InputError
from retention.period import DAYS
from retention.scores.measured_lift import MeasuredLift
from run_store import Preferences, RunSummary, Workspace
from run_store.trail import Entry

T = TypeVar("T")
SYNTHETIC = "synthetic"
"""The source of customers that nobody is."""


def workspace() -> Workspace:
    """Return the workspace of this server, for whoever is logged in."""
    place = Workspace.of(os.environ, login.account())
    # Workers are in a folder of their own.
    return replace(place, folder=place.folder.absolute())


def noted(build: Callable[[], T], customers: int, things: str = "customers") -> Callable[[], T]:
    """Return what builds a file and writes into the audit trail that whoever is logged in now took it."""
    place = workspace()

    def built() -> T:
        # Only a file that there is was taken, and none is handed out that the trail does not name.
        file = build()
        place.note("exported", customers, things)
        return file

    return built


def periods() -> tuple[tuple[RunSummary, ...], InputError | None]:
    """Return the saved periods that have a name, the last saved first; and why they cannot be listed, if so."""
    return _readable(workspace().periods, ())


def weeks() -> tuple[RunSummary, ...]:
    """Return the saved periods, the newest week first."""
    return newest(periods()[0])


def newest(saved: Sequence[RunSummary]) -> tuple[RunSummary, ...]:
    """Return periods, the newest week first."""
    return tuple(sorted(saved, key=lambda period: (period.window.start, period.saved_at), reverse=True))


def preferences() -> tuple[Preferences, InputError | None]:
    """Return the shop's settings, the defaults where they cannot be read; and why they cannot, if so."""
    return _readable(workspace().preferences, Preferences())


def lifts() -> tuple[tuple[MeasuredLift, ...], InputError | None]:
    """Return the lifts that the next analyses use, none where they cannot be read; and why they cannot, if so."""
    return _readable(workspace().lifts, ())


def last_erasure() -> int:
    """Return what tells a save whether a customer was erased since; where that is unknown, any erasure counts."""
    return _readable(workspace().last_erasure, 0)[0]


def trail(most: int) -> tuple[tuple[Entry, ...], InputError | None]:
    """Return the last entries of the audit trail, none where they cannot be read; and why they cannot, if so."""
    return _readable(lambda: workspace().trail(most), ())


def _readable(read: Callable[[], T], usual: T) -> tuple[T, InputError | None]:
    try:
        return read(), None
    except InputError as error:
        return usual, error


def titles(saved: Sequence[RunSummary]) -> dict[str, str]:
    """Return identifier -> a title that no other period has: names may be equal, and so may weeks."""
    unique = dict[str, str]()
    for period in saved:
        title = f"{period.name} \u00b7 {fmt.days(period.window.start, period.window.end)}"
        same = sum(other == title or other.startswith(f"{title} (") for other in unique.values())
        unique[period.id] = f"{title} ({same + 1})" if same else title
    return unique


def export_name(period: RunSummary) -> str:
    """Return the name of an exported file."""
    return f"{period.window.start}_{slug(period.name)}.period.zip"


def week_before(result: Result) -> RunSummary | None:
    """Return the saved period of the seven days before with the same policy; the last saved one of several.

    Synthetic customers and those of a shop are no weeks of each other.
    """
    run = result.run
    wanted = run.window.start - timedelta(days=DAYS), run.window.timezone, run.policy.name
    drawn = [source.name for source in run.sources] == [SYNTHETIC]
    for period in periods()[0]:
        known = period.window.start, period.window.timezone, period.policy
        if known == wanted and (period.source == SYNTHETIC) == drawn:
            return period
    return None
