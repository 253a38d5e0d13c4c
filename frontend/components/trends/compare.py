"""Two periods beside each other under the tree of the earlier one."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st

from analysis import Run
from analysis.comparison import Comparison, compare
from frontend import state
from frontend.components.trends import figures_compare, period_pair as cmp
from frontend.components.trends.moves import moves, moves_words
from frontend.state import AppState, Result
from frontend.utils import format as fmt, palette, pieces, runs
from frontend.utils.store import Store, key_of
from frontend.utils.workspace import workspace
from retention.period import Window
from run_store import RunSummary

Week = RunSummary | Result
FIRST = "compare-first"
SECOND = "compare-second"
FEWEST = 2

MOST = 10
COMPARISONS = Store[Comparison](entries=64)
SMALLEST = 0.005
"""Smallest change of a score that two decimals show."""


def show(state: AppState) -> None:
    """Draw the page, or say what it takes to compare."""
    weeks = _weeks(state.result)
    if len(weeks) < FEWEST:
        _nothing(len(weeks))
        return
    earlier, later = _chosen(weeks)
    with st.spinner("Comparing"):
        pair = _pair(earlier, later)
    _results(pair)


def _pair(earlier: Week, later: Week) -> Comparison:
    """Return the comparison of two weeks; the first time it reads their customers, part by part."""

    def make() -> Comparison:
        comparison = compare(_run_of(earlier), _run_of(later))
        return replace(
            comparison, table=comparison.table.sort_values("Overall_Score_later", ascending=False, ignore_index=True)
        )

    # A saved week changes with its customers.
    versions = [week.key if isinstance(week, Result) else (week.id, week.erased) for week in (earlier, later)]
    return COMPARISONS.get(key_of(*versions), make)


def _run_of(week: Week) -> Run:
    return week.run if isinstance(week, Result) else runs.opened_run(week)


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


def _weeks(result: Result | None) -> dict[str, Week]:
    """Return the weeks to choose from, that on screen by its key, the latest first."""
    weeks: dict[str, Week] = {week.id: week for week in workspace().periods()}
    if result is not None and not result.name:
        weeks = {result.key: result, **weeks}
    return dict(sorted(weeks.items(), key=lambda each: _window(each[1]).start, reverse=True))


def _window(week: Week) -> Window:
    return week.run.window if isinstance(week, Result) else week.window


def _title(week: Week) -> str:
    name, window = "On screen now" if isinstance(week, Result) else week.name, _window(week)
    return f"{name} \u00b7 {fmt.days(window.start, window.end)}"


def _chosen(weeks: Mapping[str, Week]) -> list[Week]:
    """Draw two pickers of at least two weeks, the latest first; return the chosen ones, the earlier window first."""
    titles, (latest, second, *_) = {key: _title(week) for key, week in weeks.items()}, weeks
    last = _window(weeks[latest]).start
    earlier = next((key for key, week in weeks.items() if _window(week).start < last), second)
    with st.grid(FEWEST, min_column_width=260):
        chosen = _pick("Earlier week", FIRST, titles, earlier), _pick("Later week", SECOND, titles, latest)
    return sorted((weeks[key] for key in chosen), key=lambda week: _window(week).start)


def _pick(label: str, key: str, titles: dict[str, str], preferred: str) -> str:
    state.preset_unless(key, list(titles), preferred)
    return pieces.pick(label, titles, key, **pieces.LASTING)
