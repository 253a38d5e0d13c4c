"""Saved periods on the command line; what is shown or said holds no customer's values."""

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.outcome_days import Sent
from analysis.versions import versions
from cli.inputs.request import read_day
from cli.options.shared import Shown
from cli.shown.console import json_text, profit_words, say, table_text
from cli.shown.summary import account
from outputs import Profile, RunDetails, check_place, write_outputs
from retention.errors import OptionError, WorkspaceError
from run_store import RunSummary, SavedRun, Workspace


def listing(workspace: Workspace, shown: Shown) -> None:
    """Print the saved periods, the last saved first."""
    periods = workspace.periods()
    if shown == "json":
        say(json_text([_plain(period) for period in periods]))
        return
    if not periods:
        say(f"Nothing is saved in {workspace.folder}. Save a period with: main.py --input FILE --save NAME")
        return
    rows = [
        (
            period.id,
            period.name,
            str(period.window),
            period.policy,
            f"{period.rows:,}",
            profit_words(math.nan if period.profit is None else period.profit, currency=period.currency),
            f"{period.saved_at:%Y-%m-%d %H:%M %Z}",
        )
        for period in periods
    ]
    words = ("Run", "Name", "Window", "Policy")
    names = (*words, "Customers", "Expected extra profit", "Saved")
    say(table_text(names, rows, left=(*words, "Saved"), stream=sys.stdout))


def show(workspace: Workspace, run: str, shown: Shown) -> None:
    """Print one saved period with its segments."""
    period = workspace.open(resolved(workspace, run).id)
    if shown == "json":
        scores = json.loads(period.scores.table.to_json(orient="records", double_precision=15))
        say(json_text({**_plain(period.summary), "segments": scores}))
        return
    currency = period.summary.currency
    rows = [
        (
            str(rank),
            row["Segment"],
            f"{row['Size']:,}",
            f"{row['Overall_Score']:.2f}",
            profit_words(*(row[f"Incremental_Profit{end}"] for end in ("", "_low", "_high")), currency=currency),
        )
        for rank, row in enumerate(period.scores.table.to_dict("records"), start=1)
    ]
    table = table_text(("Rank", "Segment", "Size", "Score", "Expected extra profit"), rows, stream=sys.stdout)
    say("\n".join([*_facts(period), table]))


def write(workspace: Workspace, run: str, output: Path, profile: Profile, started: str) -> None:
    """Write the files of a saved period, as the analysis itself would have."""
    period = resolved(workspace, run)
    check_place(output)
    details = RunDetails(started, versions(), {"saved_period": period.id, "profile": profile}, {})
    written = write_outputs(workspace.open(period.id).run(), output, profile=profile, details=details)
    say(f"Files of {period.id} are in {written.folder}: {', '.join(sorted(written.names))}")


def rename(workspace: Workspace, run: str, name: str) -> None:
    """Give a saved period another name."""
    period = resolved(workspace, run)
    workspace.rename(period.id, name)
    say(f"Renamed {period.id}")


def sent(workspace: Workspace, run: str, day: str, days: float) -> None:
    """Keep with a saved period when its campaign went out."""
    period, went = resolved(workspace, run), Sent(read_day(day, "DATE"), days)
    workspace.remember_sent(period.id, went)
    say(f"{period.id} went out on {went.day}; outcomes count for {days:g} days")


def delete(workspace: Workspace, run: str, sure: bool) -> None:
    """Delete a saved period and its files, after asking."""
    period = resolved(workspace, run)
    _confirm(sure, f"Delete {period.id}, {period.window}, {period.rows:,} customers, for good?")
    workspace.delete(period.id)
    say(f"Deleted {period.id}")


def export(workspace: Workspace, run: str, file: Path) -> None:
    """Write a saved period as one file."""
    target = file.expanduser()
    if target.is_dir():
        raise OptionError("the file to write is a folder", where=str(file), hint="Name a file to write")
    period = resolved(workspace, run)
    workspace.export(period.id, target)
    say(f"Exported {period.id} to {file}. The file holds customers' data")


def take_in(workspace: Workspace, file: Path, name: str) -> None:
    """Save the period of an exported file."""
    source = file.expanduser()
    if not source.is_file():
        raise OptionError("there is no such file", where=str(file), hint="Name a file that runs export wrote")
    run_id = workspace.take_in(source, name=name)
    say(f"Imported {file.name} as {run_id}")


def erase(workspace: Workspace, user_id: str, sure: bool) -> None:
    """Remove one customer from every saved run, those without a name included, after asking."""
    wanted = sys.stdin.readline().rstrip("\r\n") if user_id == "-" else user_id
    if not wanted:
        raise OptionError(
            "the identifier of a customer is empty", hint="Give a user_id, or - to read it from standard input"
        )
    found = workspace.count_with(wanted)
    if not found:
        say(f"No saved period in {workspace.folder} has this customer")
        return
    if user_id == "-" and not sure:
        raise OptionError("an identifier that is read from standard input needs --yes")
    _confirm(sure, f"Erase this customer from {_runs(found)} for good?")
    say(f"Erased the customer from {_runs(workspace.erase(wanted))}; counts and scores are as they were")


def resolved(workspace: Workspace, asked: str) -> RunSummary:
    """Return the run of an identifier, or the one saved period of that name."""
    found = workspace.find(asked)
    if found is not None:
        return found
    named = [period for period in workspace.periods() if period.name == asked]
    if len(named) > 1:
        raise OptionError(
            f"{len(named)} saved periods have this name", hint="Use an identifier: " + ", ".join(p.id for p in named)
        )
    if not named:
        raise WorkspaceError(
            "there is no such saved period", where=str(workspace.folder), hint="See runs list for names and identifiers"
        )
    return named[0]


def _confirm(sure: bool, question: str) -> None:
    """Ask a person, or stop where nobody can be asked.

    Raises:
        OptionError: The answer is no, or there is no terminal to ask on.
    """
    if sure:
        return
    if not sys.stdin.isatty():
        raise OptionError("nobody is there to ask", hint="Add --yes to go ahead without a question")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise OptionError("nothing was changed")


def _plain(period: RunSummary) -> dict[str, Any]:
    window = period.window
    plain: dict[str, Any] = {
        name: value for name, value in vars(period).items() if name not in ("window", "saved_at", "sent")
    }
    sent = None if period.sent is None else {"day": str(period.sent.day), "days": period.sent.days}
    days = {"start": str(window.start), "end": str(window.end), "timezone": window.timezone}
    return {**plain, "window": days, "saved_at": period.saved_at.isoformat(), "sent": sent}


def _facts(period: SavedRun) -> Iterator[str]:
    summary = period.summary
    yield f"{summary.id}  {summary.name or 'not named'}"
    yield f"Policy {summary.policy}, {summary.window}, saved {summary.saved_at:%Y-%m-%d %H:%M %Z}"
    if summary.sent is not None:
        yield f"Sent on {summary.sent.day}; outcomes count for {summary.sent.days:g} days"
    yield account(period.record.accounting)
    if summary.erased:
        yield f"{summary.erased:,} of these customers were erased since."


def _runs(number: int) -> str:
    return f"{number} saved run" + ("" if number == 1 else "s")
