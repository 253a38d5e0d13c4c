"""Five lines that say what to do, and the way to mail and chat."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from retention.errors import OptionError
from retention.wording import count, money, percent
from run_store import RunSummary, SavedRun, WeekStep
from run_store.small_files import keep_small, read_small
from weekly.monday import Monday

if TYPE_CHECKING:
    import apprise

TOLD = "weekly.json"


def five_lines(
    week: SavedRun, before: RunSummary | None, measured: Sequence[RunSummary], workspace: Path
) -> tuple[str, ...]:
    """Return what to know and to do, in five lines.

    Args:
        week: The last week.
        before: The week before it.
        measured: Earlier weeks that were sent, the newest first.
        workspace: Where they are kept.
    """
    return (
        _size(week.summary, before),
        _first(week),
        _files(week.summary),
        _results(measured),
        _to_do(week.summary, workspace),
    )


def _size(week: RunSummary, before: RunSummary | None) -> str:
    change = "" if before is None else f" ({week.universe / before.universe - 1:+.0%} on the week before)"
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


def _to_do(week: RunSummary, workspace: Path) -> str:
    if week.sent is not None:
        return f"To do: nothing; the campaign went out on {week.sent.day}."
    if not week.week.files:
        return "To do: make the files."
    return f'To do: send the files, then say when: python main.py runs sent "{week.name}" DATE --workspace {workspace}'


def tell(monday: Monday, lines: Sequence[str], *, alert: bool, report: Path | None = None) -> None:
    """Send lines to everybody who is to be told; the same lines once.

    Args:
        monday: Who is told and when, and what was told last.
        lines: What to say; the title is the beginning of the first.
        alert: Whether something is not as usual.
        report: A file to attach, where it is there.

    Raises:
        OptionError: A variable is missing or holds no address, or the message was not taken.
    """
    messages, path = monday.shop.messages, monday.workspace.folder / TOLD
    told = json.dumps({"version": 1, "told": hashlib.sha256("\n".join(lines).encode()).hexdigest()}).encode()
    if not messages.to or (messages.when == "alerts" and not alert) or read_small(path) == told:
        return
    title = f"{'Alert, ' if alert else ''}{lines[0].partition(': ')[0]}"
    attached = str(report) if report is not None and report.is_file() else None
    for channel in [_channel(name, monday.environment) for name in messages.to]:
        if not channel.notify(title=title, body="\n".join(lines), attach=attached):
            raise OptionError("a message was not taken", where="messages.to", hint="Check the address and the network")
    keep_small(path, told)
    monday.log("told")


def _channel(name: str, environment: Mapping[str, str]) -> "apprise.Apprise":
    import apprise  # noqa: PLC0415 - most weeks tell nobody by mail

    # It would print what it says to servers, addresses included.
    apprise.logger.disabled = True
    channel, address = apprise.Apprise(), environment.get(name.removeprefix("env:"), "")
    if not channel.add(address):
        what = "holds no address that apprise knows" if address else "is not set"
        raise OptionError(
            f"the variable {what}", where=name, hint="Set it, such as mailtos://USER:PASSWORD@HOST?to=YOU"
        )
    return channel
