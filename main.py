"""The command line: `python main.py --help`.

Only declarations are here. What a command needs is imported when it runs, so that help is quick.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.commands.runs_app import runs
from cli.options import audiences as audience
from cli.options import experiments
from cli.options.arguments import arguments, fold
from cli.options.shared import (
    ArmFiles,
    Arms,
    Currency,
    Cutoff,
    DateOrder,
    Debug,
    Decimal,
    End,
    ExperimentName,
    FileFormat,
    Inputs,
    Lifts,
    Limits,
    MappingFile,
    MaxSize,
    MinSize,
    OnConflict,
    OutcomeDays,
    Output,
    PolicyName,
    Profile,
    Query,
    RecoveryHours,
    Report,
    Salt,
    Save,
    SavedRun,
    Seed,
    Shown,
    SplitOversize,
    Start,
    Synthetic,
    SyntheticSize,
    Version,
    Weights,
    Workspace,
    Zone,
)
from cli.shown.reporting import reported

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"token_normalize_func": fold, "help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def segment(
    context: typer.Context,
    *,
    inputs: Inputs = None,
    query: Query = None,
    recovery_hours: RecoveryHours = None,
    outcome_days: OutcomeDays = None,
    cutoff: Cutoff = None,
    experiment: ExperimentName = None,
    arms: Arms = None,
    salt: Salt = None,
    lifts: Lifts = None,
    synthetic: Synthetic = False,
    synthetic_size: SyntheticSize = None,
    seed: Seed = None,
    output: Output = Path("out"),
    policy: PolicyName = None,
    start: Start = None,
    end: End = None,
    timezone: Zone = None,
    date_order: DateOrder = "auto",
    decimal: Decimal = "auto",
    limits: Limits = None,
    mapping: MappingFile = None,
    min_size: MinSize = None,
    max_size: MaxSize = None,
    split_oversize: SplitOversize = False,
    weights: Weights = None,
    currency: Currency = None,
    profile: Profile = "machine",
    on_conflict: OnConflict = "quarantine",
    file_format: FileFormat = "csv",
    report: Report = None,
    save: Save = None,
    workspace: Workspace = None,
    debug: Debug = False,
    version: Version = False,
) -> None:
    """Split the customers who abandoned a cart in 7 days into segments, score them, and write one file a segment.

    This is the main command; its name, segment, may be written or left out. For a first look:

    python main.py --mock
    """
    options = locals()
    context.obj = datetime.now(UTC)
    if context.invoked_subcommand is None:
        _segment(options, debug)
    else:
        _refuse_options_before(context)


def _segment(options: dict[str, Any], debug: bool) -> None:
    """Run the main command."""
    with reported(debug):
        from cli.commands.segment import segment as run
        from cli.inputs.request import Given

        run(Given.of(options), datetime.now(UTC).isoformat(timespec="seconds"))


def _refuse_options_before(context: typer.Context) -> None:
    """Stop where options of the main command stand before another command, which would not see them."""
    sources = (context.get_parameter_source(name) for name in context.params)
    if any(source is not None and source.name == "COMMANDLINE" for source in sources):
        raise typer.BadParameter(f"options go after the command: {context.invoked_subcommand} --option")


@app.command()
def backtest(
    *,
    inputs: Inputs = None,
    policy: PolicyName = None,
    start: Start = None,
    end: End = None,
    timezone: Zone = None,
    date_order: DateOrder = "auto",
    decimal: Decimal = "auto",
    limits: Limits = None,
    mapping: MappingFile = None,
    recovery_hours: RecoveryHours = None,
    outcome_days: OutcomeDays = None,
    shown: Shown = "text",
    workspace: Workspace = None,
    debug: Debug = False,
) -> None:
    """Hold what the model would have said of a past window against who then came back."""
    options = locals()
    with reported(debug):
        from cli.commands.backtest import backtest_command

        backtest_command(options, shown)


@app.command()
def audiences(
    run: audience.Run = None,
    *,
    platform: audience.PlatformName,
    output: Output = Path("audiences"),
    consent: audience.ConsentList = None,
    assume_consent: audience.AssumeConsent = False,
    suppress: audience.Suppress = None,
    contacted: audience.ContactedList = None,
    within: audience.Within = None,
    bought: audience.Bought = None,
    coupons: audience.CouponList = None,
    holdout: audience.Holdout = None,
    experiment: audience.ExperimentName = None,
    arms: Arms = None,
    salt: Salt = None,
    country: audience.Country = "",
    profile: Profile = "machine",
    inputs: Inputs = None,
    query: Query = None,
    synthetic: Synthetic = False,
    synthetic_size: SyntheticSize = None,
    seed: Seed = None,
    policy: PolicyName = None,
    start: Start = None,
    end: End = None,
    timezone: Zone = None,
    date_order: DateOrder = "auto",
    workspace: Workspace = None,
    debug: Debug = False,
) -> None:
    """Write files for a mail or advertising platform, without those who must not be contacted."""
    options = locals()
    with reported(debug):
        from cli.commands.audiences import audiences_command

        audiences_command(options, run, datetime.now(UTC))


@app.command()
def holdout(
    context: typer.Context,
    run: SavedRun,
    *,
    experiment: ExperimentName = None,
    arms: Arms = None,
    salt: Salt = None,
    lift: experiments.Wished = 0.2,
    power: experiments.Wanted = 0.8,
    output: ArmFiles = None,
    save: Save = None,
    shown: Shown = "text",
    workspace: Workspace = None,
    debug: Debug = False,
) -> None:
    """Hold out a control group of a saved period, and say what that can show."""
    options = locals()
    with reported(debug):
        from cli.commands.holdout import holdout_command

        holdout_command(options, context.obj)


@app.command()
def lift(
    file: experiments.LiftFile,
    *,
    arm: experiments.Arm,
    control: experiments.Control,
    outcome: experiments.Outcome,
    revenue: experiments.Revenue = None,
    by: experiments.By = None,
    customer: experiments.Identifier = None,
    covariate: experiments.Covariate = None,
    decimal: Decimal = "auto",
    allocation: experiments.Allocation = None,
    contact_cost: experiments.ContactCost = 0.0,
    discount: experiments.Discount = 0.0,
    margin: experiments.Margin = 1.0,
    shown: Shown = "text",
    debug: Debug = False,
) -> None:
    """Measure the lift of each treatment over the control, out of a table that has the arms."""
    options = locals()
    with reported(debug):
        from cli.commands.lift import lift_command

        lift_command(options, shown)


@app.command()
def results(
    context: typer.Context,
    run: SavedRun,
    files: experiments.OutcomeFiles,
    *,
    sent: experiments.SentOn = None,
    days: experiments.DaysAfter = None,
    customer: experiments.CustomerColumn = None,
    outcome: experiments.OutcomeColumn = None,
    revenue: experiments.Revenue = None,
    covariate: experiments.Covariate = None,
    decimal: Decimal = "auto",
    lifts: experiments.LiftsFile = None,
    treatment: experiments.Treatment = None,
    margin: experiments.RunMargin = None,
    contact_cost: experiments.RunContactCost = None,
    discount: experiments.RunDiscount = None,
    shown: Shown = "text",
    workspace: Workspace = None,
    debug: Debug = False,
) -> None:
    """Say what the experiment of a saved period brought, out of what its customers did after the send."""
    options = locals()
    with reported(debug):
        from cli.commands.results import results_command

        results_command(options, context.obj)


@app.command()
def power(
    *,
    size: experiments.GroupSize = None,
    scores: experiments.Scores = None,
    baseline: experiments.Baseline = None,
    holdout: experiments.Holdout = 0.1,
    lift: experiments.Wished = 0.2,
    power: experiments.Wanted = 0.8,
    weekly: experiments.Weekly = None,
    shown: Shown = "text",
    debug: Debug = False,
) -> None:
    """Say before sending what an experiment can show: its power, the smallest lift, the customers needed."""
    options = locals()
    with reported(debug):
        from cli.commands.power import power_command

        power_command(options, shown)


app.add_typer(runs, name="runs")


@app.command("inspect")
def inspect_files(
    *,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files of one analysis.")],
    shown: Shown = "text",
    write_mapping: Annotated[
        Path | None,
        typer.Option("--write-mapping", metavar="FILE", help="Write the likeliest column mapping, to be checked."),
    ] = None,
    mapping: MappingFile = None,
    timezone: Zone = None,
    date_order: DateOrder = "auto",
    decimal: Decimal = "auto",
    limits: Limits = None,
    debug: Debug = False,
) -> None:
    """Show what files are taken for and why, their columns and problems, without running anything."""
    options = locals()
    with reported(debug):
        from cli.commands.inspect import inspect_command

        inspect_command(files, options, shown, write_mapping)


@app.command()
def generate(
    output: Annotated[Path, typer.Option(metavar="FILE", help="The CSV file to write.")],
    size: Annotated[int | None, typer.Option(metavar="N", help="Customers over 30 days.  [default: 10000]")] = None,
    seed: Seed = None,
    debug: Debug = False,
) -> None:
    """Write synthetic customers as a CSV file."""
    with reported(debug):
        from cli.commands.generate import generate_file

        typer.echo(generate_file(size, seed, output))


def _open_streams() -> None:
    """Give a process that was started with closed streams somewhere to write to."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open as long as the process


if __name__ == "__main__":
    _open_streams()
    app(arguments(sys.argv[1:]))
