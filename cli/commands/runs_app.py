"""The commands about saved periods. What a command needs is imported when it runs, so that help is quick."""

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options.arguments import fold
from cli.options.declaration import declare
from cli.options.shared import OutputFolder, Profile, SavedRun, Shown, Sure, WorkspaceFolder

if TYPE_CHECKING:
    from run_store import Workspace

runs = typer.Typer(
    help="Saved periods: list, show, write, rename, date, delete, export, import; erase a customer from all of them.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"token_normalize_func": fold, "help_option_names": ["-h", "--help"]},
)


@runs.command("list")
@declare
def list_saved(shown: Shown = "text", workspace: WorkspaceFolder = None) -> None:
    """List the saved periods, the last saved first."""
    commands, folder = _commands(workspace)
    commands.listing(folder, shown)


@runs.command()
@declare
def show(run: SavedRun, shown: Shown = "text", workspace: WorkspaceFolder = None) -> None:
    """Show a saved period with its segments."""
    commands, folder = _commands(workspace)
    commands.show(folder, run, shown)


@runs.command()
@declare
def write(
    context: typer.Context,
    run: SavedRun,
    output: OutputFolder = Path("out"),
    profile: Profile = "machine",
    workspace: WorkspaceFolder = None,
) -> None:
    """Write the files of a saved period, as the main command does."""
    commands, folder = _commands(workspace)
    commands.write(folder, run, output, profile, context.obj.isoformat(timespec="seconds"))


@runs.command()
@declare
def rename(
    run: SavedRun,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")],
    workspace: WorkspaceFolder = None,
) -> None:
    """Give a saved period another name."""
    commands, folder = _commands(workspace)
    commands.rename(folder, run, name)


@runs.command()
@declare
def sent(
    run: SavedRun,
    day: Annotated[str, typer.Argument(metavar="DATE", help="The day in the shop's zone, such as 2025-10-01.")],
    days: Annotated[
        float, typer.Option("--days", metavar="N", help="Days after the send in which an order counts.")
    ] = 14.0,
    workspace: WorkspaceFolder = None,
) -> None:
    """Keep with a saved period on which day its campaign went out."""
    commands, folder = _commands(workspace)
    commands.sent(folder, run, day, days)


@runs.command()
@declare
def delete(run: SavedRun, sure: Sure = False, workspace: WorkspaceFolder = None) -> None:
    """Delete a saved period and its files."""
    commands, folder = _commands(workspace)
    commands.delete(folder, run, sure)


@runs.command()
@declare
def export(
    run: SavedRun,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    workspace: WorkspaceFolder = None,
) -> None:
    """Write a saved period as one file, to keep elsewhere; it holds the customers."""
    commands, folder = _commands(workspace)
    commands.export(folder, run, file)


@runs.command("import")
@declare
def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that export wrote.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="What to call it.  [default: as it was]")] = "",
    workspace: WorkspaceFolder = None,
) -> None:
    """Save the period of an exported file."""
    commands, folder = _commands(workspace)
    commands.take_in(folder, file, name)


@runs.command()
@declare
def erase(
    user_id: Annotated[str, typer.Argument(metavar="USER_ID", help="The customer; - reads it from standard input.")],
    sure: Sure = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Erase one customer from every saved run; counts and scores stay."""
    commands, folder = _commands(workspace)
    commands.erase(folder, user_id, sure)


def _commands(workspace: Path | None) -> tuple[ModuleType, "Workspace"]:
    """Return what the commands about saved periods do, and the workspace."""
    from cli.commands import runs as commands
    from cli.inputs.places import place

    return commands, place(workspace)
