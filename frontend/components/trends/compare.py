"""Two periods beside each other under the tree of the earlier one."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from analysis import Run
from analysis.comparison import Comparison, compare
from frontend import state
from frontend.components.trends import figures_compare, period_pair as cmp
from frontend.components.trends.moves import moves, moves_words
from frontend.components.trends.period_pair import Period
from frontend.state import AppState, Result
from frontend.utils import format as fmt, palette, pieces, runs
from frontend.utils.store import Store, key_of
from frontend.utils.workspace import workspace

FIRST = "compare-first"
SECOND = "compare-second"
FEWEST = 2

MOST = 10
COMPARISONS = Store[Comparison](entries=64)
SMALLEST = 0.005
"""Smallest change of a score that two decimals show."""


def show(state: AppState) -> None:
    """Draw the page, or say what it takes to compare."""
    periods = _periods(state.result)
    if len(periods) < FEWEST:
        _nothing(len(periods))
        return
    earlier, later = _chosen(periods)
    with st.spinner("Comparing"):
        pair = _pair(earlier, later, state.result)
    _results(pair)


def _pair(earlier: Period, later: Period, on_screen: Result | None) -> Comparison:
    """Return the comparison of two periods; the first time it reads their customers, part by part."""

    def make() -> Comparison:
        found = compare(_run_of(earlier, on_screen), _run_of(later, on_screen))
        return replace(found, table=found.table.sort_values("Overall_Score_later", ascending=False, ignore_index=True))

    return COMPARISONS.get(key_of(earlier.key, earlier.version, later.key, later.version), make)


def _run_of(period: Period, on_screen: Result | None) -> Run:
    if not period.saved and on_screen is not None:
        return on_screen.people
    return runs.opened_run(runs.summary_of(period.key))


def _nothing(known: int) -> None:
    pieces.nothing(
        "Nothing to compare yet",
        "Two weeks side by side: sizes, scores, how the cuts drifted, and where the customers of both went.",
        "Save the week on screen, and run another week." if known else "Run a week and save it; then another one.",
    )


def _results(pair: Comparison) -> None:
    st.caption(
        fmt.plain(
            f"Both weeks are in the segments of the earlier tree ({pair.policy.title}): what changes is the "
            "customers, not the cuts."
        )
    )
    _headline(pair)
    with pieces.framed("What changed most"):
        pieces.points(cmp.words(pair))
    _table(pair)
    colours = palette.of_segments(pair.policy, pair.segments)
    left, right = st.columns(2)
    with left:
        _bars(pair, "Size", "Customers per segment", colours)
    with right:
        _bars(pair, "Overall_Score", "Overall score", colours)
    _migration(pair, colours)
    _drift(pair)


def _headline(pair: Comparison) -> None:
    change = pair.later - pair.earlier
    with pieces.numbers():
        pieces.number("Abandoners", fmt.count(pair.later), f"{fmt.change(change)} against {fmt.count(pair.earlier)}")
        pieces.number("In both weeks", fmt.count(pair.stayed), _share(pair.stayed, pair.earlier, "earlier"))
        pieces.number("Arrived", fmt.count(pair.arrived), _share(pair.arrived, pair.later, "later"))
        pieces.number("Left", fmt.count(pair.left), _share(pair.left, pair.earlier, "earlier"))


def _share(part: int, whole: int, which: str) -> str:
    return f"{fmt.percent(part / whole)} of the {which}" if whole else fmt.UNKNOWN


def _table(pair: Comparison) -> None:
    pieces.heading("Segments side by side")
    c, table = st.column_config, pair.table
    size_change = table["Size_change"].where(table["Size_change"] != 0)
    score_change = table["Overall_change"].where(table["Overall_change"].abs() >= SMALLEST)
    share = c.NumberColumn("Share", format="%+.1f pp", width=80, help="Change of the share of all abandoners.")
    later = table["Incremental_Profit_later"]
    profit = pieces.money(later, pair.currency, label="Profit later", width=95, help="Expected profit, assumed.")
    pieces.cells(
        {
            "Segment": (table["Segment"], c.TextColumn(pinned=True, width=150)),
            "a": (table["Size_earlier"], c.NumberColumn("Customers earlier", format="localized", width=125)),
            "b": (table["Size_later"], c.NumberColumn("later", format="localized", width=65)),
            "c": (size_change, c.NumberColumn("Change", format="%+d", width=70)),
            "d": (100 * table["Share_change"], share),
            "e": (table["Overall_Score_earlier"], c.NumberColumn("Overall earlier", format="%.2f", width=105)),
            "f": (table["Overall_Score_later"], c.NumberColumn("later", format="%.2f", width=55)),
            "g": (score_change, c.NumberColumn("Change", format="%+.2f", width=70)),
            "h": profit,
        },
        placeholder=fmt.DASH,
        key="compare-table",
        alt="Customers, overall score and expected profit of each segment in both weeks",
    )


def _bars(pair: Comparison, measure: str, title: str, colours: dict[str, str]) -> None:
    sides = pair.table.set_index("Segment")[[f"{measure}_earlier", f"{measure}_later"]]
    sides.columns = pd.Index(["Earlier", "Later"])
    write = fmt.score if measure == "Overall_Score" else lambda value: fmt.count(int(value))
    pieces.framed_chart(
        title,
        "Upper bar, grey: earlier. Lower bar, coloured: later.",
        figures_compare.before_after(sides, colours, write, dark=palette.is_dark()),
        key=f"compare-{measure}",
        alt=f"{title} in both weeks; the table above has the numbers",
    )


def _migration(pair: Comparison, colours: dict[str, str]) -> None:
    with pieces.framed("Customers in both weeks"):
        if not pair.stayed:
            st.caption("No customer is in both weeks, so nobody can have moved.")
            return
        names, matrix = pair.segments, pair.migration
        st.caption("Left: the earlier segment. Right: the later one. Strong bands change segment, faint ones stay.")
        pieces.chart(
            figures_compare.flows(matrix, names, names, colours, dark=palette.is_dark()),
            key="compare-flows",
            alt="Customers in both weeks from their earlier segment to the later one; the tables have the numbers",
        )
        st.caption("Rows: the earlier segment. Columns: the later one, by number. Stronger: a larger share of the row.")
        pieces.chart(
            figures_compare.heat(matrix, names, names, dark=palette.is_dark()),
            key="compare-heat",
            alt="Migration matrix: customers in both weeks by earlier and later segment",
        )
        changed = moves(matrix, names, names)
        if changed.empty:
            st.caption("All of them stayed in their segment.")
        else:
            alt = "The largest moves between segments, with the share of the earlier segment"
            pieces.table(moves_words(changed.head(MOST)), alt=alt)


def _drift(pair: Comparison) -> None:
    with pieces.framed("How the cuts drifted"):
        if not pair.drift:
            st.caption("The weeks were made by different policies, so their cuts cannot be compared.")
            return
        st.caption("Where each cut of the policy lies in the earlier week, and where the later one would put it.")
        pieces.table(
            {
                "Cut": [fmt.plain(cmp.cut_name(drift)) for drift in pair.drift],
                "Earlier": [fmt.number_words(drift.earlier) for drift in pair.drift],
                "Later": [fmt.number_words(drift.later) for drift in pair.drift],
                "Change": [fmt.percent_change(drift.change) for drift in pair.drift],
            },
            alt="Cuts of the policy in both weeks",
        )


def _periods(result: Result | None) -> list[Period]:
    """Return the periods to choose from, the latest window first."""
    saved = [
        Period(s.id, f"{s.name} \u00b7 {fmt.days(s.window.start, s.window.end)}", s.window, True, s.erased)
        for s in workspace().periods()
    ]
    if result is not None and not result.name:
        window = result.run.window
        title = f"On screen now \u00b7 {fmt.days(window.start, window.end)}"
        saved.insert(0, Period(result.key, title, window, False))
    return sorted(saved, key=lambda period: period.window.start, reverse=True)


def _chosen(periods: Sequence[Period]) -> tuple[Period, Period]:
    """Draw two pickers of at least two periods, the latest first; return the chosen ones, the earlier window first."""
    of_key = {period.key: period for period in periods}
    titles = {period.key: period.title for period in periods}
    earlier = next((p.key for p in periods if p.window.start < periods[0].window.start), periods[1].key)
    with st.grid(FEWEST, min_column_width=260):
        first = _pick("Earlier week", FIRST, titles, earlier)
        second = _pick("Later week", SECOND, titles, periods[0].key)
    chosen = sorted((of_key[first], of_key[second]), key=lambda period: period.window.start)
    return chosen[0], chosen[1]


def _pick(label: str, key: str, titles: dict[str, str], preferred: str) -> str:
    state.preset_unless(key, list(titles), preferred)
    return pieces.pick(label, titles, key, **pieces.LASTING)
