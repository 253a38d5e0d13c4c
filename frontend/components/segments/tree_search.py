"""The search of a better tree: asked for, done in a worker, waited for on any page, remembered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import streamlit as st

from analysis.better_tree import BetterTree, better_tree
from frontend.state import AppState, Result
from frontend.utils import files, messages, pieces
from frontend.utils.files import OutcomeFiles
from frontend.utils.runs import Progress
from frontend.utils.store import Store, key_of
from retention.errors import InputError, InvariantError
from retention.search.questions import Wish
from workers import job

TREES = Store[BetterTree](entries=16)
PLACE = "better-tree"
RESAMPLES = 50


@dataclass(frozen=True)
class TreeOrder:
    """What somebody wants searched; without outcomes, leaves of different expected value."""

    result: Result
    wish: Wish
    outcomes: OutcomeFiles | None

    @property
    def key(self) -> str:
        """Everything that decides what is found."""
        outcomes: tuple[object, ...] = ()
        if self.outcomes is not None:
            outcomes = (*files.digests(self.outcomes.uploads), self.outcomes)
        return key_of("tree", self.result.key, self.wish, *outcomes)

    @property
    def found(self) -> BetterTree | None:
        """What was found, where that is still known."""
        return TREES.get(self.key, self.search) if self.key in TREES else None

    def search(self, progress: Progress = lambda *_: None) -> BetterTree:
        """Return the best tree; errors as `better_tree`."""
        return TREES.get(self.key, lambda: job.done(self.key, self._work, progress))

    def _work(self, folder: Path) -> Callable[..., BetterTree]:
        run, outcomes = self.result.run, None
        if self.outcomes is not None:
            ((_, outcomes),) = self.outcomes.read(folder, datetime.now(UTC), [(run, self.outcomes.sent)])
        return partial(better_tree, run, self.wish, outcomes, resamples=RESAMPLES)


def follow(state: AppState) -> None:
    """Wait for the search that runs, if one does; whatever is touched meanwhile, the page that follows waits on."""
    order = state.search
    if not isinstance(order, TreeOrder):
        return
    tell = pieces.waiting("Searching the best tree", key="cancel-tree", cancel=partial(_cancel, state))
    try:
        order.search(tell)
        state.searched = order
    except InputError as error:
        state.outcomes[PLACE] = error
    except InvariantError as error:
        state.outcomes[PLACE] = messages.fault(error)
    state.search = None
    st.rerun()


def _cancel(state: AppState) -> None:
    state.search, state.outcomes[PLACE] = None, job.cancelled()
