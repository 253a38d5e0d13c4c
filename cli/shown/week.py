"""A week in five lines: what to know of it, and what is left to do."""

import math
from collections.abc import Sequence
from pathlib import Path

from retention.wording import count, money, percent
from run_store import RunSummary, SavedRun, WeekStep


def five_lines(
    week: SavedRun, before: RunSummary | None, measured: Sequence[RunSummary], folder: Path
) -> tuple[str, ...]:
    """Return what to know and to do, in five lines.

    Args:
        week: The last week.
        before: The week before it.
        measured: Earlier weeks that were sent, the newest first.
        folder: The workspace.
    """
    return (
        _size(week.summary, before),
        _first(week),
        _files(week.summary),
        _results(measured),
        _to_do(week.summary, folder),
    )


def _size(week: RunSummary, before: RunSummary | None) -> str:
    more = 0.0 if before is None else week.universe / before.universe - 1
    sign = "-" if more < 0 else "+"
    change = "" if before is None else f" ({sign}{percent(abs(more))} on the week before)"
    stake = "" if week.at_stake is None else f", carts worth {money(week.at_stake, week.currency)}"
    return f"Week {week.window}: {count(week.universe)} abandoned a cart{change}{stake}."


def _first(week: SavedRun) -> str:
    table = week.scores.recommended
    for row in table[~table["Segment"].isin(week.scores.stopped)].head(1).to_dict("records"):
        profit = float(row["Incremental_Profit"])
        brings = "" if math.isnan(profit) else f", expected extra profit {money(profit, week.summary.currency)}"
        return f"Write first to {row['Segment']}: {count(int(row['Reachable']))} people{brings}."
    return "Write to nobody: every segment is expected to lose money."


def _files(week: RunSummary) -> str:
    held = week.week.held_out
    control = f"{percent(held.share)} are held out for '{held.experiment}'" if held else "nobody is held out"
    made = "; ".join(f"{count(each.customers)} people for {each.platform} in {each.where}" for each in week.week.files)
    return f"Files: {made or 'none'}; {control}."


def _results(measured: Sequence[RunSummary]) -> str:
    known = next((each for each in measured if each.week.results), None)
    if known is None or known.week.results is None:
        return f"Results: {'orders of after the send are missing' if measured else 'no send is recorded'}."
    found = known.week.results
    arms = "; ".join(f"{each.arm}: {each.words}" for each in found.arms)
    ending = " Learnt." if known.week.step is WeekStep.LEARNT else "" if found.final else f" {found.words}"
    return f"Results of week {known.window.start}: {arms}{ending}"


def _to_do(week: RunSummary, folder: Path) -> str:
    if week.sent is not None:
        return f"To do: nothing; the campaign went out on {week.sent.day}."
    if not week.week.files:
        return "To do: make the files."
    return f'To do: send the files, then say when: python main.py runs sent "{week.name}" DATE --workspace {folder}'
