"""The commands about saved periods. What a command needs is imported when it runs, so that help is quick."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import run_store

from cli.options.arguments import fold
from cli.options.shared import Debug, Output, Profile, SavedRun, Shown, Sure, Workspace
from cli.shown.reporting import reported

runs = typer.Typer(
    help="Saved periods: list, show, write, rename, delete, export, import; erase a customer from all of them.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"token_normalize_func": fold, "help_option_names": ["-h", "--help"]},
)


@runs.command("list")
def list_saved(shown: Shown = "text", workspace: Workspace = None, debug: Debug = False) -> None:
    """List the saved periods, the last saved first."""
    with _runs(workspace, debug) as (commands, folder):
        commands.listing(folder, shown)


@runs.command()
def show(run: SavedRun, shown: Shown = "text", workspace: Workspace = None, debug: Debug = False) -> None:
    """Show a saved period with its segments."""
    with _runs(workspace, debug) as (commands, folder):
        commands.show(folder, run, shown)


@runs.command()
def write(
    context: typer.Context,
    run: SavedRun,
    output: Output = Path("out"),
    profile: Profile = "machine",
    workspace: Workspace = None,
    debug: Debug = False,
) -> None:
    """Write the files of a saved period, as the main command does."""
    with _runs(workspace, debug) as (commands, folder):
        commands.write(folder, run, output, profile, context.obj.isoformat(timespec="seconds"))


@runs.command()
def rename(
    run: SavedRun,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")],
    workspace: Workspace = None,
    debug: Debug = False,
) -> None:
    """Give a saved period another name."""
    with _runs(workspace, debug) as (commands, folder):
        commands.rename(folder, run, name)


@runs.command()
def delete(run: SavedRun, sure: Sure = False, workspace: Workspace = None, debug: Debug = False) -> None:
    """Delete a saved period and its files."""
    with _runs(workspace, debug) as (commands, folder):
        commands.delete(folder, run, sure)


@runs.command()
def export(
    run: SavedRun,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    workspace: Workspace = None,
    debug: Debug = False,
) -> None:
    """Write a saved period as one file, to keep elsewhere; it holds the customers."""
    with _runs(workspace, debug) as (commands, folder):
        commands.export(folder, run, file)


@runs.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that export wrote.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="What to call it.  [default: as it was]")] = "",
    workspace: Workspace = None,
    debug: Debug = False,
) -> None:
    """Save the period of an exported file."""
    with _runs(workspace, debug) as (commands, folder):
        commands.take_in(folder, file, name)


@runs.command()
def erase(
    user_id: Annotated[str, typer.Argument(metavar="USER_ID", help="The customer; - reads it from the input.")],
    sure: Sure = False,
    workspace: Workspace = None,
    debug: Debug = False,
) -> None:
    """Erase one customer from every saved run; counts and scores stay."""
    with _runs(workspace, debug) as (commands, folder):
        commands.erase(folder, user_id, sure)


@contextmanager
def _runs(workspace: Path | None, debug: bool) -> Iterator[tuple[ModuleType, "run_store.Workspace"]]:
    """Give what the commands about saved periods do, and the workspace."""
    with reported(debug):
        from cli.commands import runs as commands
        from cli.inputs.places import place

        yield commands, place(workspace)
