"""What several pages have in common: why something is not possible, an empty page, a number, a chart, a table, a file.

Each stands here once, so that it looks and reads the same on every page.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Literal, TypeVar

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.elements.lib.column_types import ButtonColumnResult, ColumnConfig

from frontend import state
from frontend.utils import figures, format as fmt, messages, primary, tickets
from frontend.utils.glossary import glossary
from frontend.utils.palette import Badge
from frontend.utils.workspace import preferences
from outputs import ENDINGS, table_file
from outputs.names import slug
from retention.customers.reach import Reach, reach_words
from retention.errors import CancelledError, InputError

T = TypeVar("T")
LASTING: dict[str, Any] = {"persist_state": "session"}
"""What keeps a field's value while another page is open."""
MIME = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".sql": "application/sql",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".zip": "application/zip",
}
ShownColumn = tuple[object, ColumnConfig | ButtonColumnResult] | tuple[object, ColumnConfig, Callable[[Any], str]]
"""The values of a column, how they are shown, and the words for one where Streamlit has none."""


def problem(
    error: InputError, *, kind: Literal["error", "warning"] = "error", title: str = "", after: str = "", icon: str = ""
) -> None:
    """Say why something is not possible and what to do, calmly where somebody wanted it so.

    A title stands above the error's own words.
    """
    words = [messages.title(error) if title else "", messages.details(error), after]
    look = "info" if isinstance(error, CancelledError) else kind
    box = {"error": st.error, "warning": st.warning, "info": st.info}[look]
    box(" ".join(filter(None, words)), title=title or messages.title(error), icon=icon or f":material/{look}:")


def outcome(app: state.AppState, place: str) -> None:
    """Say once what was done at a place of the page, or why not."""
    message = app.outcomes.pop(place, "")
    if isinstance(message, InputError):
        problem(message)
    elif message:
        st.success(fmt.plain(message), icon=":material/check:")


def nothing(title: str, text: str, hint: str = "") -> None:
    """Draw what a page shows in place of its content, and what it takes."""
    with st.container(border=True):
        st.header(title, anchor=False)
        st.markdown(text)
        if hint:
            st.caption(hint)


def number(
    label: str, value: str, note: str = "", about: str = "", *, colour: Badge = "gray", change: str = ""
) -> None:
    """Draw a number of the headline with a short note below it."""
    st.metric(
        label,
        value,
        fmt.plain(note),
        delta_color=colour,
        delta_arrow="off",
        delta_description=change or None,
        border=True,
        height="stretch",
        help=glossary().help(label, about),
    )


def heading(title: str, sentence: str = "") -> None:
    """Draw the title of a part of a page, with a sentence about it."""
    st.header(title, anchor=False)
    if sentence:
        st.caption(sentence)


@contextmanager
def framed(title: str, sentence: str = "", *, stretched: bool = False) -> Iterator[None]:
    """Draw a part of a page in a frame, under its heading; a stretched one is as high as the one beside it."""
    with st.container(border=True, height="stretch" if stretched else "content"):
        heading(title, sentence)
        yield


def numbers(most: int = 4) -> AbstractContextManager[object]:
    """Return the place of some numbers beside each other."""
    return st.grid(most, min_column_width=150, gap="small")


def pick(label: str, words: Mapping[T, str], key: str, *, kind: Callable[..., Any] = st.selectbox, **look: Any) -> T:
    """Draw a choice of what has words, and return it; `look` goes to the widget."""
    chosen: T = kind(label, list(words), format_func=words.__getitem__, key=key, **look)
    return chosen


def whole(
    label: str, ends: tuple[int, int | None, int], key: str, *, step: int = 1, place: Any = st, about: str = ""
) -> int:
    """Draw a lasting field of a whole number, which starts from the last of three, between the others."""
    return int(place.number_input(label, *ends, step, key=key, help=about or None, **LASTING))


def percent(label: str, ends: tuple[float, float, float], key: str, *, step: float = 1.0, about: str = "") -> float:
    """Draw a lasting field of a percentage in the same way, and return it as a share."""
    value = st.number_input(label, *ends, step, format="%g", key=key, help=about or None, **LASTING)
    return float(value) / 100


def segmented(label: str, words: Mapping[T, str], key: str, start: T, **look: Any) -> T:
    """Draw a choice of a few beside each other, of which one always holds, and return it."""
    return pick(label, words, key, kind=st.segmented_control, default=start, required=True, **look)


def chart(figure: go.Figure, *, key: str, alt: str, choose: Callable[[], None] | None = None) -> None:
    """Draw a chart, and its numbers as a table where somebody asks; `alt` says for a screen reader what it shows.

    `choose` takes what was clicked in one that is there for that, of which nobody wants a picture.
    """
    config = figures.config(preferences()[0].pictures, key) | {"displayModeBar": False if choose else "hover"}
    st.plotly_chart(figure, config=config, key=key, alt=alt, on_select=choose or "ignore", selection_mode="points")
    values = st.expander("As a table", icon=":material/table:", key=f"{key}-values", on_change="rerun")
    if values.open:
        with values:
            rows = figures.values_of(figure)
            shown = {str(name): [fmt.plain(str(cell)) for cell in rows[name]] for name in rows.columns}
            table(shown, alt=f"The numbers of the chart {key}")


def framed_chart(
    title: str, sentence: str, figure: go.Figure, *, key: str, alt: str = "", stretched: bool = True
) -> None:
    """Draw a chart in a frame, under its title and a sentence that says how to read it; `alt` as for a chart."""
    with framed(title, sentence, stretched=stretched):
        chart(figure, key=key, alt=alt or f"{title} {sentence}")


def table(columns: Mapping[str, Sequence[object]], *, alt: str) -> None:
    """Draw a table that a keyboard and a screen reader can read; cells are markdown."""
    st.table(dict(columns), border="horizontal", hide_index=True, alt=alt)
    take(pd.DataFrame({name: [fmt.unmarked(str(cell)) for cell in cells] for name, cells in columns.items()}), alt)


def take(frame: pd.DataFrame, name: str) -> None:
    """Draw the menu by which a table is taken away; `name` says what it holds."""
    words = slug(name)[:60]
    with st.popover("Take the table", icon=":material/download:", type="tertiary", key=f"take-{words}"):
        for ending in ENDINGS:
            download(ending.upper(), partial(table_file, frame, ending), f"{words}.{ending}", key=f"{words}-{ending}")


def cells(columns: Mapping[str, ShownColumn], **look: Any) -> None:
    """Draw a table that can be sorted and searched; `look` goes to `st.dataframe`."""
    frame = pd.DataFrame({name: column[0] for name, column in columns.items()})
    config = {name: _explained(name, column[1]) for name, column in columns.items()}
    # The table still sorts by the numbers: a style changes what is read only.
    styled = frame.style.format({name: column[2] for name, column in columns.items() if len(column) > 2}, na_rep="")
    st.dataframe(styled, hide_index=True, column_config=config, height="content", **look)
    looks = {name: {} if isinstance(shown, ButtonColumnResult) else shown for name, shown in config.items()}
    labels = {name: one.get("label") or name for name, one in looks.items()}
    take(frame.rename(columns=labels), look.get("alt") or look["key"])


def money(values: object, currency: str, **look: Any) -> ShownColumn:
    """Return a column of amounts, written as everywhere; `look` goes to the column."""
    return values, st.column_config.NumberColumn(**look), lambda amount: fmt.money(amount, currency)


def _explained(name: str, look: ColumnConfig | ButtonColumnResult) -> ColumnConfig | ButtonColumnResult:
    """Return the look of a column whose help says what the word means, and leads to the glossary."""
    if isinstance(look, ButtonColumnResult):
        return look
    return {**look, "help": glossary().help(look.get("label") or name, look.get("help") or "")}


def choice_of_row(
    columns: Mapping[str, ShownColumn], names: Sequence[str], *, choice: str, key: str, **look: Any
) -> None:
    """Draw a table whose rows stand for names; a click on a row's first cell puts its name into the box `choice`."""
    clicked = f"{key}-{choice}"

    def choose() -> None:
        state.preset(choice, names[int(state.value_of(clicked)["row"])])

    # What was chosen may be gone since.
    state.preset_unless(choice, names, names[0])
    first, (values, *_) = next(iter(columns.items()))
    opener = st.column_config.ButtonColumn(
        type="tertiary", alignment="left", pinned=True, width=120, on_click=choose, key=clicked
    )
    cells({**columns, first: (values, opener)}, key=key, **look)


def facts(lines: Mapping[str, str], *, alt: str) -> None:
    """Draw values beside their names; values are markdown."""
    st.table(dict(lines), border="horizontal", alt=alt)


def points(sentences: Sequence[str]) -> None:
    """Draw plain sentences as a list."""
    st.markdown("\n".join(f"- {fmt.plain(sentence)}" for sentence in sentences))


def reach(counts: Reach) -> None:
    """Say who can be reached, and who cannot."""
    st.caption(fmt.plain(" ".join(reach_words(counts))))


def download(
    label: str | primary.Look,
    data: Callable[[], bytes],
    name: str,
    *,
    key: str,
    icon: str = ":material/download:",
    about: str = "",
) -> None:
    """Draw the button of a file, which is built only when somebody presses it; its ending decides the type."""
    look = {"label": label, "icon": icon} if isinstance(label, str) else {**label}
    mime, built = tickets.ticketed(MIME[PurePosixPath(name).suffix], data)
    # Streamlit looks at a file that is there already, and finds it gone where the page was drawn anew meanwhile.
    st.download_button(**look, data=built, file_name=name, mime=mime, key=key, on_click="ignore", help=about or None)


def ask_before_deleting(thing: str, consequences: str, *, key: str, delete: Callable[[], None]) -> None:
    """Ask in a dialog before something goes for good."""

    def ask() -> None:
        st.markdown(consequences)
        with st.container(horizontal=True, horizontal_alignment="right"):
            keep = st.button("Keep it", key=f"{key}-no")
            gone = st.button(**primary.look("Delete for good", ":material/delete:"), key=f"{key}-yes", on_click=delete)
            if keep or gone:
                st.rerun()

    st.dialog(f"Delete this {thing}?", icon=":material/delete:")(ask)()


def stoppable() -> Callable[[str, float], None]:
    """Return a function that shows nothing, and stops where somebody touched the page, as all that draws does."""
    slot = st.empty()

    def draw(_: str, __: float) -> None:
        slot.empty()

    return draw


def waiting(words: str, *, key: str, cancel: Callable[[], None]) -> Callable[[str, float], None]:
    """Draw how far work has come, with the button that ends it; return what says it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, words)
        st.button("Cancel", icon=":material/close:", key=key, on_click=cancel)

    def tell(step: str, share: float) -> None:
        bar.progress(min(share, 1.0), step or words)

    return tell
