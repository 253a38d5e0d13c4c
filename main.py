"""The command line: `python main.py --help`.

Only declarations are here. What a command needs is imported when it runs, so that help is quick.
"""

import gc
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.commands.runs import runs
from cli.options.analyses import BacktestOptions, InspectOptions, SegmentOptions
from cli.options.arguments import arguments, fold
from cli.options.audiences import AudienceOptions
from cli.options.automation import InitOptions, WeeklyOptions
from cli.options.declaration import command, declare
from cli.options.experiments import HoldoutOptions, LiftOptions, MeasuredOptions, PowerOptions, ResultsOptions
from cli.options.shared import Placing, Seed
from cli.options.workbench import AuditOptions, SqlOptions, TreeOptions

HELP_ORDER = """
inputs query recovery_hours outcome_days cutoff experiment arms salt lifts synthetic synthetic_size seed output
overwrite mode policy start end timezone date_order decimal encoding limits mapping min_size max_size split_oversize
weights currency profile on_conflict file_format report save workspace engine master temp_directory memory_limit debug
version
"""

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"token_normalize_func": fold, "help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from analysis.versions import PROGRAM

        typer.echo(f"Cart Recovery Segmenter {PROGRAM}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
]


def segment(context: typer.Context, options: SegmentOptions, version: Version = False) -> None:  # noqa: ARG001 - Typer calls its callback
    """Split the customers who abandoned a cart in 7 days into segments, score them, and write one file a segment.

    This is the main command; its name, segment, may be written or left out. For a first look:

    python main.py --mock
    """
    # The only place where the command line asks what day it is; commands take it from here.
    context.obj = datetime.now(UTC)
    if context.invoked_subcommand is not None:
        _refuse_options_before(context)
        return
    # Imports leave no garbage, so that looking for it among what they make is a sixth of their time for nothing.
    gc.disable()
    from cli.commands.segment import segment_command

    gc.freeze()
    gc.enable()
    segment_command(options, context.obj)


app.callback(invoke_without_command=True)(declare(segment, order=HELP_ORDER.split()))


def _refuse_options_before(context: typer.Context) -> None:
    """Stop where options of the main command stand before another command, which would not see them."""
    sources = (context.get_parameter_source(name) for name in context.params)
    if any(source is not None and source.name == "COMMANDLINE" for source in sources):
        raise typer.BadParameter(f"options go after the command: {context.invoked_subcommand} --option")


@command(app)
def backtest(options: BacktestOptions) -> None:
    """Compare what the model would have predicted for a past window with who came back."""
    from cli.commands.backtest import backtest_command

    backtest_command(options)


@command(app)
def audiences(context: typer.Context, options: AudienceOptions) -> None:
    """Write files for a mail or advertising platform, without those who must not be contacted."""
    from cli.commands.audiences import audiences_command

    audiences_command(options, context.obj)


@command(app)
def holdout(context: typer.Context, options: HoldoutOptions) -> None:
    """Hold out a control group of a saved period, and say what that can show."""
    from cli.commands.holdout import holdout_command

    holdout_command(options, context.obj)


@command(app)
def lift(options: LiftOptions) -> None:
    """Measure the lift of each treatment over the control, from a table that has the arms."""
    from cli.commands.lift import lift_command

    lift_command(options)


@command(app)
def results(context: typer.Context, options: ResultsOptions) -> None:
    """Say what the experiment of a saved period brought, from what its customers did after the send."""
    from cli.commands.results import results_command

    results_command(options, context.obj)


@command(app)
def measured(options: MeasuredOptions) -> None:
    """Show the measured lifts that the next analyses take up, and forget those of an experiment."""
    from cli.commands.measured import measured_command

    measured_command(options)


@command(app)
def power(options: PowerOptions) -> None:
    """Say before sending what an experiment can show: its power, the smallest lift, the customers needed."""
    from cli.commands.power import power_command

    power_command(options)


@command(app)
def tree(context: typer.Context, options: TreeOptions) -> None:
    """Search the best tree of a depth, and say whether it is better than the policy in use."""
    from cli.commands.tree import tree_command

    tree_command(options, context.obj)


app.add_typer(runs, name="runs")


@command(app)
def weekly(context: typer.Context, options: WeeklyOptions) -> None:
    """Run the last full week automatically: analyse, compare, keep, make the files, fill in results, learn."""
    from cli.commands.weekly import weekly_command

    weekly_command(options, context.obj)


@command(app)
def init(options: InitOptions) -> None:
    """Write the shop.yaml that weekly reads; on a terminal it asks for what no option says."""
    from cli.commands.init import init_command

    init_command(options)


@command(app, "inspect")
def inspect_files(options: InspectOptions) -> None:
    """Show what files are taken for and why, their columns and problems, without running anything."""
    from cli.commands.inspect import inspect_command

    inspect_command(options)


@command(app)
def audit(options: AuditOptions) -> None:
    """Find every gap and every overlap of rules of your own, and repair them as a policy."""
    from cli.commands.audit import audit_command

    audit_command(options)


@command(app)
def sql(options: SqlOptions) -> None:
    """Write a policy as SQL for a warehouse: its segments, its arms, its cube, its audience, or a model of dbt."""
    from cli.commands.sql import sql_command

    sql_command(options)


@command(app)
def generate(
    output: Annotated[Path, typer.Option(metavar="FILE", help="The CSV file to write.")],
    placing: Placing,
    size: Annotated[int | None, typer.Option(metavar="N", help="Customers over 30 days.  [default: 10000]")] = None,
    seed: Seed = None,
) -> None:
    """Write synthetic customers as a CSV file."""
    from cli.commands.generate import generate_file
    from cli.shown.console import say

    say(generate_file(size, seed, output, placing))


def _open_streams() -> None:
    """Give a process that was started with closed streams somewhere to write to."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open as long as the process


if __name__ == "__main__":
    _open_streams()
    # Before numpy is there: its sums are short, and a second thread of OpenBLAS keeps a processor busy with waiting.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    app(arguments(sys.argv[1:]))
