"""What one browser session remembers: one typed object, and the values of a few widgets.

This is the only file that touches Streamlit's session state.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analysis import Run
from data_ingestion import ColumnMapping, Intake, ReadOptions, Repairs
from retention.activity.features import FeatureRules
from retention.errors import InputError
from retention.policy.policy import Policy

_KEY = "app"


@dataclass(frozen=True)
class SyntheticRequest:
    """A request for synthetic customers; they cover the 30 days up to the end of the window."""

    size: int
    seed: int


@dataclass(frozen=True)
class PolicyDraft:
    """A policy that somebody changed and did not keep yet, with the key of the field that was changed last."""

    origin: str
    field: str
    policy: Policy
    typed: bool = False


@dataclass(frozen=True)
class Upload:
    """What reading uploaded files, or asking a database, gave: rows and quarantine, and how they were read."""

    intake: Intake = field(repr=False)
    options: ReadOptions


@dataclass(frozen=True)
class Question:
    """A file of which nobody is sure what its columns hold.

    Args:
        samples: Header -> up to three of its cells, what names a person masked; in the order of the file.
        kinds: Formats that it may have, the likeliest first, then all others.
        columns: Format -> column -> the header that may hold it.
        words: Format -> header -> word in it -> what it may mean; only headers of few different words.
    """

    file_id: str
    name: str
    samples: Mapping[str, tuple[str, ...]] = field(repr=False)
    kinds: tuple[str, ...]
    columns: Mapping[str, Mapping[str, str]] = field(repr=False)
    words: Mapping[str, Mapping[str, Mapping[str, str]]] = field(repr=False)


@dataclass(frozen=True)
class Result:
    """A finished run, and how to name it on screen.

    Args:
        key: What the run was made from, as a hash: the key of everything derived from it.
        run: The run, shared between sessions and never changed. Of a saved period its customers come in parts, out of
            its files.
        source: Where the rows came from, in words.
        run_id: Its identifier among the saved runs; empty where it could not be saved.
        name: What a person called it; empty until somebody does.
    """

    key: str
    run: Run = field(repr=False)
    source: str
    run_id: str = ""
    name: str = ""


@dataclass
class AppState:
    """Everything that lasts from one rerun to the next.

    Args:
        sent: The files that were brought last; the field forgets them when another page is opened.
        upload: What is in them, if any were readable.
        upload_ids: The browser's ids of the files that were read last, and the options they were read with.
        upload_errors: Why some or all of the uploaded files are not read.
        repairs: Name of an uploaded file -> its rows that were corrected on screen.
        answers: The browser's id of a file -> what a person said that its columns hold.
        questions: Files of which nobody is sure what their columns hold, and what they may hold.
        asking: The query that the shop's database is answering, the key of that work, and how to read what it gives.
        queried: What the shop's database gave, if it was asked.
        rules: When a cart counts as abandoned, as the form says.
        window_is_new: The window is to be set to the last days of what was just uploaded.
        address: Identifier of the run that the page's address holds; None until it was looked at.
        next_address: Identifier that the address is to hold from the next drawing on.
        unsaved: Why the run on screen could not be saved.
        notice: What was just done, to be said once.
        failure: Why the last thing that was asked for could not be done.
        stopped: Why the last run stopped; the result before it stays.
        made: Key of the result that the form made last.
        steps: By week, the step of the campaign that an address without one shows until another page is opened.
        demo: The demo was asked for and is not run yet.
        pages: The pages of the navigation, by its sections.
        what_if_round: How often the draft of the page "What if" was reset; part of its widgets' keys.
        drafts: Policies that were changed and are not kept yet, the last change last.
        outcomes: What was just done or not, by the place on the page where that is to be said once.
    """

    synthetic: SyntheticRequest | None = None
    sent: tuple[UploadedFile, ...] = ()
    upload: Upload | None = None
    upload_ids: tuple[Hashable, ...] = ()
    upload_errors: tuple[InputError, ...] = ()
    repairs: dict[str, Repairs] = field(default_factory=dict)
    answers: dict[str, ColumnMapping] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    asking: tuple[str, str, ReadOptions] | None = None
    queried: Upload | None = None
    query_error: InputError | None = None
    reading: ReadOptions = field(default_factory=ReadOptions)
    rules: FeatureRules = field(default_factory=FeatureRules)
    window_is_new: bool = False
    result: Result | None = None
    # Two fields, because the value of a drawn widget cannot be set: the frame draws the address before the pages run,
    # so a page leaves the next one here.
    address: str | None = None
    next_address: str | None = None
    unsaved: InputError | None = None
    notice: str = ""
    failure: InputError | None = None
    stopped: InputError | None = None
    made: str = ""
    steps: dict[str, str] = field(default_factory=dict)
    demo: bool = False
    pages: dict[str, list[StreamlitPage]] = field(default_factory=dict)
    order: object = None
    what_if_round: int = 0
    drafts: tuple[PolicyDraft, ...] = ()
    search: object = None
    searched: object = None
    audited: object = None
    outcomes: dict[str, str | InputError] = field(default_factory=dict)

    def succeed(self, notice: str) -> None:
        """Say at the top of the next page what was done, in place of why the last thing was not."""
        self.failure, self.notice = None, notice

    def attempt(self, act: Callable[[], object], notice: str) -> bool:
        """Do what a person asked for and return whether it is done; the top of the page says so, or why not."""
        try:
            act()
        except InputError as error:
            self.failure = error
            return False
        self.succeed(notice)
        return True

    def attempt_at(self, place: str, act: Callable[[], object], notice: str) -> bool:
        """Do the same, and have it said at a place of the page."""
        try:
            act()
        except InputError as error:
            self.outcomes[place] = error
            return False
        self.outcomes[place] = notice
        return True


def current() -> AppState:
    """Return the state of this session."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = AppState()
    state: AppState = st.session_state[_KEY]
    return state


def preset(key: str, value: date | str | int | None) -> None:
    """Set a widget's value; before the widget is drawn in this run."""
    st.session_state[key] = value


def forget(*keys: str) -> None:
    """Let widgets start again from their defaults; before they are drawn in this run."""
    for key in keys:
        st.session_state.pop(key, None)


def value_of(key: str) -> Any:
    """Return a widget's value, or None before it was drawn."""
    return st.session_state.get(key)


def preset_unless(key: str, allowed: Sequence[str], value: str) -> None:
    """Set a widget's value unless it already has one of the allowed ones."""
    if st.session_state.get(key) not in allowed:
        st.session_state[key] = value
