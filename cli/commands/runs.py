"""The commands about saved periods; what they show or say holds no customer's values.

What a command needs is imported when it runs, so that help is quick.
"""

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.inputs.places import destination, mode_of, period_in, workspace_at
from cli.options.arguments import fold
from cli.options.declaration import command
from cli.options.shared import OutputFolder, Placing, Profile, RunArgument, Shown, Sure, WorkspaceFolder
from cli.shown.console import ask, json_text, say, table_text
from retention.errors import OptionError
from retention.wording import counted, money, money_between

if TYPE_CHECKING:
    import run_store

runs = typer.Typer(
    help="Saved periods: list, show, write, rename, date, delete, export, import, all of them; erase a customer; "
    "the audit trail.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"token_normalize_func": fold, "help_option_names": ["-h", "--help"]},
)


@command(runs, "list")
def list_saved(shown: Shown = "text", workspace: WorkspaceFolder = None) -> None:
    """List the saved periods, the last saved first."""
    store = workspace_at(workspace)
    periods = store.periods()
    if shown == "json":
        say(json_text([_plain(period) for period in periods]))
        return
    if not periods:
        say(f"Nothing is saved in {store.folder}. Save a period with: main.py --input FILE --save NAME")
        return
    rows = [
        (
            period.id,
            period.name,
            str(period.window),
            str(period.week.step),
            period.policy,
            f"{period.rows:,}",
            money(math.nan if period.profit is None else period.profit, period.currency),
            f"{period.saved_at:%Y-%m-%d %H:%M %Z}",
        )
        for period in periods
    ]
    words = ("Run", "Name", "Window", "State", "Policy")
    names = (*words, "Customers", "Expected extra profit", "Saved")
    say(table_text(names, rows, left=(*words, "Saved"), stream=sys.stdout))


@command(runs)
def show(run: RunArgument, shown: Shown = "text", workspace: WorkspaceFolder = None) -> None:
    """Show a saved period with its segments."""
    from retention.customers.reach import reach_words

    store, summary = period_in(workspace, run)
    period = store.open(summary.id)
    if shown == "json":
        scores = json.loads(period.scores.table.to_json(orient="records", double_precision=15))
        say(json_text({**_plain(period.summary), "segments": scores}))
        return
    currency = period.summary.currency
    rows = [
        (
            str(row["Send_Order"]),
            row["Segment"],
            f"{row['Size']:,}",
            f"{row['Reachable']:,}",
            f"{row['Overall_Score']:.2f}",
            money_between((row[f"Incremental_Profit{end}"] for end in ("", "_low", "_high")), currency),
        )
        for row in period.scores.recommended.to_dict("records")
    ]
    names = ("Order", "Segment", "Size", "Reachable", "Score", "Expected extra profit")
    say("\n".join([*_facts(period), table_text(names, rows, stream=sys.stdout), *reach_words(period.reach)]))


@command(runs)
def write(
    context: typer.Context,
    run: RunArgument,
    placing: Placing,
    output: OutputFolder = Path("out"),
    profile: Profile = "machine",
    workspace: WorkspaceFolder = None,
) -> None:
    """Write the files of a saved period, as the main command does."""
    from analysis.versions import versions
    from outputs import RunDetails, check_place, run_names, write_outputs

    store, summary = period_in(workspace, run)
    period = store.open(summary.id)
    goal = destination(output, placing)
    check_place(goal, needed=run_names(period.tree.policy.segments, "csv"))
    started = context.obj.isoformat(timespec="seconds")
    details = RunDetails(started, versions(), {"saved_period": period.summary.id, "profile": profile}, {})
    store.note("exported", period.summary.rows)
    written = write_outputs(period.run_in_parts(), goal, profile=profile, details=details)
    say(f"Files of {period.summary.id} are in {written.folder}: {', '.join(sorted(written.names))}")


@command(runs)
def rename(
    run: RunArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")],
    workspace: WorkspaceFolder = None,
) -> None:
    """Give a saved period another name."""
    store, period = period_in(workspace, run)
    store.rename(period.id, name)
    say(f"Renamed {period.id}")


@command(runs)
def sent(
    run: RunArgument,
    day: Annotated[str, typer.Argument(metavar="DATE", help="The day in the shop's zone, such as 2025-10-01.")],
    days: Annotated[
        float, typer.Option("--days", metavar="N", help="Days after the send in which an order counts.")
    ] = 14.0,
    workspace: WorkspaceFolder = None,
) -> None:
    """Record on which day the campaign of a saved period went out."""
    from analysis.outcome_days import Sent
    from cli.inputs.request import read_day
    from run_store import Weeks

    (store, period), went = period_in(workspace, run), Sent(read_day(day, "DATE"), days)
    Weeks(store).sent(period.id, went)
    say(f"{period.id} went out on {went.day}; outcomes count for {days:g} days")


@command(runs)
def log(
    shown: Shown = "text",
    last: Annotated[int, typer.Option("--last", min=1, metavar="N", help="How many entries, the newest.")] = 50,
    workspace: WorkspaceFolder = None,
) -> None:
    """Show the audit trail: who analysed, exported, learnt, erased and deleted, when and how many."""
    store = workspace_at(workspace)
    entries = store.trail(last)
    if shown == "json":
        say(json_text([{**vars(entry), "moment": entry.moment.isoformat()} for entry in entries]))
    elif not entries:
        say(f"Nothing is in the audit trail of {store.folder}")
    else:
        words = ("When", "Who", "What", "Of what", "Run")
        rows = [
            (f"{each.moment:%Y-%m-%d %H:%M:%S %Z}", each.who, each.action, f"{each.count:,}", each.things, each.run)
            for each in entries
        ]
        say(table_text(("When", "Who", "What", "How many", "Of what", "Run"), rows, left=words, stream=sys.stdout))


@command(runs)
def delete(run: RunArgument, sure: Sure = False, workspace: WorkspaceFolder = None) -> None:
    """Delete a saved period and its files."""
    store, period = period_in(workspace, run)
    _confirm(sure, f"Delete {period.id}, {period.window}, {period.rows:,} customers, for good?")
    store.delete(period.id)
    say(f"Deleted {period.id}")


@command(runs)
def export(
    run: RunArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    placing: Placing,
    workspace: WorkspaceFolder = None,
) -> None:
    """Write a saved period as one file, to keep elsewhere; it holds the customers."""
    from outputs import check_file
    from run_store.transfer import is_export

    target = check_file("FILE", file, is_export, overwrite=placing.overwrite)
    store, period = period_in(workspace, run)
    store.export(period.id, target, mode=mode_of(placing.mode))
    say(f"Exported {period.id} to {file}. The file holds customers' data")


@command(runs, "import")
def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that export wrote.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="What to call it.  [default: as it was]")] = "",
    workspace: WorkspaceFolder = None,
) -> None:
    """Save the period of an exported file."""
    run_id = workspace_at(workspace).take_in(_written_by("export", file), name=name)
    say(f"Imported {file.name} as {run_id}")


@command(runs)
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    placing: Placing,
    workspace: WorkspaceFolder = None,
) -> None:
    """Write the whole workspace as one file; it holds the customers."""
    from outputs import check_file
    from run_store.backup import back_up, is_backup

    target = check_file("FILE", file, is_backup, overwrite=placing.overwrite)
    weeks = back_up(workspace_at(workspace), target, mode=mode_of(placing.mode))
    say(f"Backed up {weeks} saved periods to {file}. The file holds customers' data")


@command(runs)
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that backup wrote.")],
    workspace: WorkspaceFolder = None,
) -> None:
    """Add to a workspace what only a backup has; nothing that is there is replaced."""
    from run_store import backup

    store = workspace_at(workspace)
    say(f"Restored {backup.restore(store, _written_by('backup', file))} saved periods to {store.folder}")


@command(runs)
def erase(
    user_id: Annotated[str, typer.Argument(metavar="USER_ID", help="The customer; - reads it from standard input.")],
    sure: Sure = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Erase one customer from every saved run; counts and scores stay."""
    store = workspace_at(workspace)
    customer = sys.stdin.readline().rstrip("\r\n") if user_id == "-" else user_id
    if not customer:
        raise OptionError(
            "the identifier of a customer is empty", hint="Give a user_id, or - to read it from standard input"
        )
    # A terminal of another encoding gives half characters, which no file can hold.
    if customer.encode(errors="ignore").decode() != customer:
        raise OptionError("the identifier of a customer is not text in UTF-8", hint="Give it by standard input, with -")
    holders = store.count_with(customer)
    # Erased all the same where nobody has them yet: a period that is just being saved might.
    if not holders and not store.erase(customer):
        say(f"No saved period in {store.folder} has this customer")
        return
    if user_id == "-" and not sure:
        raise OptionError("an identifier that is read from standard input needs --yes")
    _confirm(sure, f"Erase this customer from {counted(holders, 'saved run')} for good?")
    say(f"Erased the customer from {counted(store.erase(customer), 'saved run')}; counts and scores are as they were")


def _written_by(action: str, file: Path) -> Path:
    """Return where a file is that another action wrote."""
    source = file.expanduser()
    if not source.is_file():
        raise OptionError("there is no such file", where=str(file), hint=f"Name a file that runs {action} wrote")
    return source


def _confirm(sure: bool, question: str) -> None:
    """Ask a person, or stop where nobody can be asked."""
    if sure:
        return
    if not sys.stdin.isatty():
        raise OptionError("there is nobody to ask", hint="Add --yes to go ahead without a question")
    if ask(f"{question} [y/N]").lower() not in ("y", "yes"):
        raise OptionError("nothing was changed")


def _plain(period: "run_store.RunSummary") -> dict[str, Any]:
    window = period.window
    plain: dict[str, Any] = {
        name: value for name, value in vars(period).items() if name not in ("window", "saved_at", "week")
    }
    sent = None if period.sent is None else {"day": str(period.sent.day), "days": period.sent.days}
    days = {"start": str(window.start), "end": str(window.end), "timezone": window.timezone}
    state = {"state": str(period.week.step), "week": period.week.plain()}
    return {**plain, "window": days, "saved_at": period.saved_at.isoformat(), "sent": sent, **state}


def _facts(period: "run_store.SavedRun") -> Iterator[str]:
    from cli.shown.summary import account

    summary = period.summary
    yield f"{summary.id}  {summary.name or 'not named'}"
    yield f"Policy {summary.policy}, {summary.window}, saved {summary.saved_at:%Y-%m-%d %H:%M %Z}, {summary.week.step}"
    if summary.sent is not None:
        yield f"Sent on {summary.sent.day}; outcomes count for {summary.sent.days:g} days"
    yield account(period.record.accounting)
    if summary.erased:
        yield f"{summary.erased:,} of these customers were erased since."
