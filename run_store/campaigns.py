"""Campaigns: the saved periods of one experiment, whose arms last over all of them."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from retention.errors import OptionError, WorkspaceError
from retention.experiment.arms import Experiment
from retention.period import Window
from run_store.catalog import Catalog, RunSummary
from run_store.saved_period import open_period

CampaignRuns = Iterable[tuple[RunSummary, Experiment]]


def campaign(catalog: Catalog, name: str) -> Iterator[tuple[RunSummary, Experiment]]:
    """Yield the saved periods whose experiment has a name, the last saved first."""
    for summary in catalog.summaries():
        known = None
        # A period that cannot be read has none.
        with suppress(WorkspaceError):
            known = open_period(catalog, summary.id).record.experiment if summary.listed else None
        if known is not None and known.name == name:
            yield summary, known


def check_arms(experiment: Experiment, window: Window, known: CampaignRuns) -> None:
    """Refuse arms that would not last: those of an experiment stay the same in all periods that it runs over.

    Raises:
        OptionError: It has other arms in another period.
    """
    for summary, before in known:
        if summary.window != window and (before != experiment or before.segment_shares):
            shares = ",".join(f"{arm}={share:g}" for arm, share in before.shares.items())
            raise OptionError(
                f"the experiment '{before.name}' is already running, in the period '{summary.name}', and a customer "
                "who appears again would change arms",
                hint="Segments with shares of their own need another name of the experiment each time"
                if before.segment_shares or experiment.segment_shares
                else f"Keep its arms {shares} and its salt '{before.salt}', or choose another name",
            )
