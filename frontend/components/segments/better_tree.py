"""The page Better tree: what to search for, the verdict first, then the tree beside today's."""

from dataclasses import replace

import streamlit as st

from analysis.better_tree import BesideToday, BetterTree
from frontend.components.campaign import results, send_day, week
from frontend.components.new_period.upload import TYPES
from frontend.components.policies import kept_policy
from frontend.components.segments import tree_found, tree_page, tree_search
from frontend.components.segments.tree_search import TreeOrder
from frontend.components.trends import figures_compare
from frontend.state import AppState, Result
from frontend.utils import format as fmt, palette, pieces, primary
from frontend.utils.files import OutcomeFiles
from frontend.utils.pieces import LASTING
from retention.customers.contracts import CATEGORICAL_FEATURES, COLUMNS, NUMERIC_FEATURES
from retention.search.held_out import BEST, GREEDY, TODAY
from retention.search.objectives import LeafLimits
from retention.search.questions import Wish

SPREAD, PROFIT = "Segments of different expected value", "The arm that pays most for each"


def show(result: Result, state: AppState) -> None:
    """Draw the page."""
    order = _form(result, state)
    pressed = primary.button("Search the best tree", ":material/search:", key="tree-search", enabled=order is not None)
    if pressed and order is not None:
        state.search = order
    tree_search.follow(state)
    pieces.outcome(state, tree_search.PLACE)
    order_done = state.searched
    if not isinstance(order_done, TreeOrder) or (better := order_done.found) is None:
        return
    if order_done.result.key != result.key:
        st.caption("The last search was of another week.")
        return
    if order is None or order.key != order_done.key:
        st.caption("Below is still what was searched before these fields were changed.")
    _shown(result, better)
    kept_policy.save_as(better.policy, state, key="better-tree", place="better-tree-kept")


def _form(result: Result, state: AppState) -> TreeOrder | None:
    names = result.run.segmentation.customers.columns
    columns = [name for name in (*NUMERIC_FEATURES, *CATEGORICAL_FEATURES) if name in names]
    goals = [SPREAD] if result.run.experiment is None else [SPREAD, PROFIT]
    with pieces.framed("What to search for", "Every tree up to a depth is looked at; the sizes are the policy's."):
        goal = st.radio("Objective", goals, key="tree-goal", **LASTING)
        if len(goals) == 1:
            st.caption("What each arm pays can be searched in weeks in which somebody was held out.")
        with st.grid(2, min_column_width=260):
            depths = {depth: str(depth) for depth in range(1, 5)}
            depth = pieces.segmented("Most splits on a path", depths, "tree-depth", 3, **LASTING)
            chosen = st.multiselect(
                "Columns",
                columns,
                format_func=lambda name: fmt.sentence(COLUMNS[name].label).removesuffix("."),
                key="tree-columns",
                placeholder="All that a policy can split on",
                **LASTING,
            )
        wish = Wish(tuple(chosen), depth, limits=LeafLimits(0))
        return TreeOrder(result, wish, None) if goal == SPREAD else _with_outcomes(result, wish, state)


def _with_outcomes(result: Result, wish: Wish, state: AppState) -> TreeOrder | None:
    uploads = st.file_uploader(
        "Outcomes or orders", type=[*TYPES, "jsonl", "json"], accept_multiple_files=True, key="tree-files"
    )
    sent, columns = send_day.show(result, state, week.state_of(result)), results.list_columns()
    if not uploads or columns is None:
        return None
    wish = replace(wish, limits=LeafLimits(0, per_arm=100))
    reading = replace(state.reading, timezone=result.run.window.timezone)
    return TreeOrder(result, wish, OutcomeFiles(tuple(uploads), columns, sent, reading))


def _shown(result: Result, better: BetterTree) -> None:
    currency = result.run.currency
    say = st.success if better.judged.recommended else st.info
    say(fmt.plain(tree_found.verdict(better, currency)), title=better.conclusion, icon=":material/balance:")
    write, worth = tree_found.writer(better, currency), better.judged.worth
    with pieces.numbers():
        pieces.number("Best tree", write(worth[BEST].value, False), _interval(better, BEST, currency))
        pieces.number("Today's tree", write(worth[TODAY].value, False), _interval(better, TODAY, currency))
        pieces.number("Greedy tree", write(worth[GREEDY].value, False), _interval(better, GREEDY, currency))
        segments = fmt.count(len(result.run.segmentation.tree.segments))
        pieces.number("Leaves", fmt.count(len(better.leaves)), f"{segments} segments today")
    pieces.heading("The leaves", "Names are proposals; they can be edited under Policies once the tree is kept.")
    pieces.table(tree_found.leaves(better, currency), alt="Leaves of the best tree")
    beside = better.beside
    with pieces.framed("The tree"):
        colours = palette.of_segments(better.policy, beside.segments)
        page = tree_page.page_of(beside.nodes, colours, dark=palette.is_dark())
        st.iframe(page, height="content", alt="The best tree; the table above has its leaves in words")
    _moves(result, beside, colours)
    resamples = fmt.counted(tree_search.RESAMPLES, "time")
    pieces.heading(
        "How firm the splits are", f"How often each was found again when customers were resampled, {resamples}."
    )
    pieces.table(tree_found.firmness(better), alt="How often each split of the best tree was found again")


def _interval(better: BetterTree, name: str, currency: str) -> str:
    worth, write = better.judged.worth[name], tree_found.writer(better, currency)
    return fmt.interval(write(worth.low, False), write(worth.high, False)) if worth.known else ""


def _moves(result: Result, beside: BesideToday, colours: dict[str, str]) -> None:
    today = list(result.run.segmentation.tree.names)
    both = palette.of_segments(result.run.policy, today) | colours
    figure = figures_compare.flows(beside.moves, today, list(beside.segments), both, dark=palette.is_dark())
    sentence = "Left: today's segments. Right: the leaves of the tree."
    pieces.framed_chart("Beside the policy in use", sentence, figure, key="tree-flows", stretched=False)
