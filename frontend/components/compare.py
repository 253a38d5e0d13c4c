"""Two periods beside each other under the tree of the earlier one."""

import pandas as pd
import streamlit as st

from analysis import Run
from analysis.comparison import compare
from frontend.components import period_choice, pieces
from frontend.state import AppState, Result
from frontend.utils import compared as cmp
from frontend.utils import figures_compare, palette, runs
from frontend.utils import format as fmt
from frontend.utils.compared import Compared, Period, without_customers
from frontend.utils.moves import moves
from frontend.utils.store import Store, key_of
from retention.errors import InputError
from retention.partition.tree import number_words

MOST = 10
"""Moves that the table lists."""
COMPARISONS = Store[Compared](entries=64)
SMALLEST = 0.005
"""Smallest change of a score that two decimals show."""


def show(state: AppState, *, dark: bool) -> None:
    """Draw the page, or say what it takes to compare."""
    try:
        periods = period_choice.known(state.result)
        if len(periods) < period_choice.FEWEST:
            _nothing(len(periods))
            return
        earlier, later = period_choice.show(periods)
        with st.spinner("Comparing"):
            compared = _compared(earlier, later, state.result)
    except InputError as error:
        pieces.problem(error)
        return
    _results(compared, dark=dark)


def _compared(earlier: Period, later: Period, on_screen: Result | None) -> Compared:
    """Return the comparison of two periods; the first time their customers are loaded.

    Raises:
        InputError: They cannot be compared, or one was deleted or is damaged.
    """

    def make() -> Compared:
        return without_customers(compare(_run_of(earlier, on_screen), _run_of(later, on_screen)))

    return COMPARISONS.get(key_of(earlier.key, earlier.version, later.key, later.version), make)


def _run_of(period: Period, on_screen: Result | None) -> Run:
    if not period.saved and on_screen is not None:
        return on_screen.people
    return runs.saved_run(period.key, period.version)


def _nothing(known: int) -> None:
    pieces.nothing(
        "Nothing to compare yet",
        "Two periods side by side: sizes, scores, how the cuts drifted, and where the customers of both went.",
        "Save the period on screen, and run another week." if known else "Run a week and save it; then another one.",
    )


def _results(compared: Compared, *, dark: bool) -> None:
    st.caption(
        fmt.plain(
            f"Both periods are in the segments of the earlier tree ({compared.policy}): what changes is the customers, "
            "not the cuts."
        )
    )
    _headline(compared)
    with st.container(border=True):
        st.subheader("What changed most", anchor=False)
        pieces.points(cmp.words(compared))
    _table(compared)
    colours = palette.of_segments(compared.segments)
    left, right = st.columns(2)
    with left:
        _bars(compared, "Size", "Customers per segment", colours, dark=dark)
    with right:
        _bars(compared, "Overall_Score", "Overall score", colours, dark=dark)
    _migration(compared, colours, dark=dark)
    _drift(compared)


def _headline(compared: Compared) -> None:
    change = compared.later - compared.earlier
    with st.grid(4, min_column_width=150, gap="small"):
        pieces.number(
            "Abandoners", fmt.count(compared.later), f"{cmp.signed(change)} against {fmt.count(compared.earlier)}"
        )
        pieces.number(
            "In both periods", fmt.count(compared.stayed), _share(compared.stayed, compared.earlier, "earlier")
        )
        pieces.number("Arrived", fmt.count(compared.arrived), _share(compared.arrived, compared.later, "later"))
        pieces.number("Left", fmt.count(compared.left), _share(compared.left, compared.earlier, "earlier"))


def _share(part: int, whole: int, which: str) -> str:
    return f"{fmt.percent(part / whole)} of the {which}" if whole else fmt.UNKNOWN


def _table(compared: Compared) -> None:
    st.subheader("Segments side by side", anchor=False)
    c, table = st.column_config, compared.table
    money = f"{fmt.symbol(compared.currency)}%,.0f"
    st.dataframe(
        pd.DataFrame(
            {
                "Segment": table["Segment"],
                "a": table["Size_earlier"],
                "b": table["Size_later"],
                "c": table["Size_change"].where(table["Size_change"] != 0),
                "d": 100 * table["Share_change"],
                "e": table["Overall_Score_earlier"],
                "f": table["Overall_Score_later"],
                "g": table["Overall_change"].where(table["Overall_change"].abs() >= SMALLEST),
                "h": table["Incremental_Profit_later"],
            }
        ),
        hide_index=True,
        column_config={
            "Segment": c.TextColumn(pinned=True, width=150),
            "a": c.NumberColumn("Customers earlier", format="localized", width=125),
            "b": c.NumberColumn("later", format="localized", width=65),
            "c": c.NumberColumn("Change", format="%+d", width=70),
            "d": c.NumberColumn("Share", format="%+.1f pp", width=80, help="Change of the share of all abandoners."),
            "e": c.NumberColumn("Overall earlier", format="%.2f", width=105),
            "f": c.NumberColumn("later", format="%.2f", width=55),
            "g": c.NumberColumn("Change", format="%+.2f", width=70),
            "h": c.NumberColumn("Profit later", format=money, width=95, help="Expected profit, assumed."),
        },
        height="content",
        placeholder=fmt.DASH,
        key="compare-table",
        alt="Customers, overall score and expected profit of each segment in both periods",
    )


def _bars(compared: Compared, measure: str, title: str, colours: dict[str, str], *, dark: bool) -> None:
    sides = compared.table.set_index("Segment")[[f"{measure}_earlier", f"{measure}_later"]]
    sides.columns = pd.Index(["Earlier", "Later"])
    with st.container(border=True, height="stretch"):
        st.subheader(title, anchor=False)
        st.caption("Upper bar, grey: earlier. Lower bar, coloured: later.")
        pieces.chart(
            figures_compare.before_after(
                sides, colours, fmt.score if measure == "Overall_Score" else _count, dark=dark
            ),
            key=f"compare-{measure}",
            alt=f"{title} in both periods; the table above has the numbers",
        )


def _count(value: float) -> str:
    return fmt.count(int(value))


def _migration(compared: Compared, colours: dict[str, str], *, dark: bool) -> None:
    with st.container(border=True):
        st.subheader("Customers in both periods", anchor=False)
        if not compared.stayed:
            st.caption("No customer is in both periods, so nobody can have moved.")
            return
        names, matrix = compared.segments, compared.migration
        st.caption("Left: the earlier segment. Right: the later one. Strong bands change segment, faint ones stay.")
        pieces.chart(
            figures_compare.flows(matrix, names, names, colours, dark=dark),
            key="compare-flows",
            alt="Customers in both periods from their earlier segment to the later one; the tables have the numbers",
        )
        st.caption("Rows: the earlier segment. Columns: the later one, by number. Stronger: a larger share of the row.")
        pieces.chart(
            figures_compare.heat(matrix, names, names, dark=dark),
            key="compare-heat",
            alt="Migration matrix: customers in both periods by earlier and later segment",
        )
        _moves(moves(matrix, names, names))


def _moves(changed: pd.DataFrame) -> None:
    if changed.empty:
        st.caption("All of them stayed in their segment.")
        return
    shown = changed.head(MOST)
    pieces.table(
        {
            "From": [fmt.plain(name) for name in shown["From"]],
            "To": [fmt.plain(name) for name in shown["To"]],
            "Customers": [
                f"{fmt.count(n)} ({fmt.percent(s)})" for n, s in zip(shown["Customers"], shown["Share"], strict=True)
            ],
        },
        alt="The largest moves between segments, with the share of the earlier segment",
    )


def _drift(compared: Compared) -> None:
    with st.container(border=True):
        st.subheader("How the cuts drifted", anchor=False)
        if not compared.drift:
            st.caption("The periods were made by different policies, so their cuts cannot be compared.")
            return
        st.caption("Where each cut of the policy lies in the earlier period, and where the later one would put it.")
        pieces.table(
            {
                "Cut": [fmt.plain(cmp.cut_name(drift)) for drift in compared.drift],
                "Earlier": [number_words(drift.earlier) for drift in compared.drift],
                "Later": [number_words(drift.later) for drift in compared.drift],
                "Change": [cmp.signed_percent(drift.change) for drift in compared.drift],
            },
            alt="Cuts of the policy in both periods",
        )
