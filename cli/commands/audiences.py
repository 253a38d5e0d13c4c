"""The command audiences: files for mail and advertising platforms, of a saved period or of an input."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from analysis import Run, with_experiment
from audience_export import (
    AUDIENCES,
    AudienceRequest,
    Contacted,
    Exported,
    LeftOut,
    audience_names,
    platform_named,
    read_coupons,
    read_people,
    write_audiences,
)
from cli.inputs.experiments import experiment_of
from cli.inputs.intake import analysed_in_memory
from cli.inputs.places import destination, period_named, workspace_at
from cli.inputs.read_options import read_options
from cli.inputs.request import request_of
from cli.options.audiences import AudienceOptions
from cli.shown.console import say, table_text
from cli.shown.progress import Advance, part, progress_bar
from outputs import check_place
from retention.customers.reach import reach_words
from retention.errors import OptionError
from retention.experiment.arms import CONTROL, DEFAULT_SALT, Experiment
from retention.policy.policy import Policy
from retention.wording import counted
from run_store import RunSummary, Weeks, Workspace
from weekly.contacts import recent_contacts
from weekly.files import keep_files

TREATMENT = "treatment"


def audiences_command(options: AudienceOptions, started: datetime) -> None:
    """Write the audience files of a saved period or of an input, and say who is in them and who is not.

    Raises:
        InputError: An option, a list or the input cannot be used; nothing was written.
    """
    experiment, workspace = _check(options), workspace_at(options.source.workspace)
    period = None if options.run is None else period_named(workspace, options.run)
    with progress_bar() as advance:
        run = _run(options, workspace, period, part(advance, 0.0, 0.5))
        # Only an export drew the arms of such a period, and nothing went out yet.
        anew = period is not None and period.week.may_draw_anew
        run = _held_out(run, experiment, own_salt=options.trial.salt is None, anew=anew)
        wanted = _audience_request(options, workspace, run, started, own="" if period is None else period.id)
        note, further = partial(workspace.note, "exported"), part(advance, 0.5, 1.0)
        exported = write_audiences(
            run, destination(options.output, options.placing), wanted, progress=further, note=note
        )
    if period is not None:
        keep_files(Weeks(workspace), period.id, exported, str(options.output.absolute()), started)
    say("\n".join([_table(exported), *_lines(exported, options.output)]))


def _check(options: AudienceOptions) -> Experiment | None:
    """Refuse what can be refused before anything is read; return the experiment that is asked for."""
    platform_named(options.platform)
    if options.run is not None and (options.source.inputs or options.source.synthetic):
        raise OptionError("a saved period and an input exclude each other", hint="Give RUN, or --input, or --mock")
    if (options.contacted is None) != (options.within is None):
        raise OptionError("--contacted FILE and --within DAYS go together", hint="Give both or neither")
    trial = options.trial
    if options.holdout is None:
        return experiment_of(trial)
    if trial.arms is not None:
        raise OptionError("--holdout and --arms exclude each other", hint="--arms control=0.1,... says both")
    if trial.experiment is None:
        raise OptionError("a holdout needs the name of its experiment", where="--holdout", hint="Add --experiment NAME")
    return Experiment(trial.experiment, _shares(options.holdout), salt=trial.salt or DEFAULT_SALT)


def _held_out(run: Run, experiment: Experiment | None, *, own_salt: bool, anew: bool) -> Run:
    """Return the run with the experiment that is asked for, unless it has its own; its salt need not be typed."""
    if experiment is None:
        return run
    drawn = run.experiment
    # Arms of an experiment of the same name go on; another one draws its own.
    if drawn is not None and own_salt and drawn.name == experiment.name:
        experiment = replace(experiment, salt=drawn.salt)
    if drawn not in (None, experiment) and not anew:
        raise OptionError(
            "the period holds out a control group under another experiment or other shares",
            where="--experiment",
            hint="Leave the options of the experiment out, to use that of the period",
        )
    return with_experiment(run, experiment)


def _run(options: AudienceOptions, workspace: Workspace, period: RunSummary | None, advance: Advance) -> Run:
    if period is not None:
        _check_folder(options, workspace.open(period.id).tree.policy)
        return Weeks(workspace).campaign_run(period.id)
    if not options.source.inputs and not options.source.synthetic:
        raise OptionError(
            "there is nothing to export", hint="Name a saved period (see runs list), or give --input FILE"
        )
    request = request_of(options.source, lists=options.lists)
    _check_folder(options, request.policy, request.inputs)
    return analysed_in_memory(request, advance)


def _check_folder(options: AudienceOptions, policy: Policy, inputs: tuple[Path, ...] = ()) -> None:
    """Refuse a folder where a file would be lost, before anything is read."""
    needed = audience_names(policy.segments, platform_named(options.platform).name)
    check_place(destination(options.output, options.placing), (*options.lists, *inputs), AUDIENCES, needed=needed)


def _audience_request(
    options: AudienceOptions, workspace: Workspace, run: Run, started: datetime, *, own: str
) -> AudienceRequest:
    """Return what is asked for of a run, which is `own` among the saved periods."""
    today = started.astimezone(ZoneInfo(run.window.timezone)).date()
    reading = read_options(options.source.reading, workspace.preferences())
    reading = replace(reading, timezone=run.window.timezone)
    read = partial(read_people, reading=reading)
    contacted = None
    if options.contacted is not None and options.within is not None:
        contacted = Contacted(read(options.contacted), options.within, today)
    rested = None
    if options.alone.rest_days is not None:
        days = options.alone.rest_days
        rested = Contacted(recent_contacts(workspace, days, today, reading.country, own=own), days, today)
    return AudienceRequest(
        platform=platform_named(options.platform).name,
        assume_consent=options.assume_consent,
        agreed=None if options.consent is None else read(options.consent),
        unsubscribed=tuple(map(read, options.alone.suppress)),
        contacted=contacted,
        rested=rested,
        bought=tuple(map(read, options.bought)),
        coupons=None if options.coupons is None else read_coupons(options.coupons, reading),
        region=reading.country,
        profile=options.profile,
    )


def _shares(holdout: str) -> dict[str, float]:
    """Return the shares of control and treatment.

    >>> _shares("0.25"), _shares("25%")
    ({'control': 0.25, 'treatment': 0.75}, {'control': 0.25, 'treatment': 0.75})
    """
    text = holdout.strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise OptionError("is not a share between 0 and 1", where="--holdout", hint="Write --holdout 0.1 for a tenth")
    return {CONTROL: share, TREATMENT: 1 - share}


def _table(exported: Exported) -> str:
    plan = exported.plan
    counts = plan.counts.tolist()
    reasons = [(place, reason) for place, reason in enumerate(LeftOut, start=1) if any(row[place] for row in counts)]
    rows = [
        (segment.name, f"{sum(row):,}", f"{row[0]:,}", *(f"{row[place]:,}" for place, _ in reasons))
        for segment, row in zip(plan.run.segmentation.tree.segments, counts, strict=True)
    ]
    return table_text(("Segment", "Size", "In files", *(reason.value for _, reason in reasons)), rows)


def _lines(exported: Exported, output: Path) -> Iterator[str]:
    plan = exported.plan
    totals = plan.counts.sum(axis=0).tolist()
    yield f"{counted(sum(totals), 'customer')} = {totals[0]:,} in audiences + {sum(totals[1:]):,} left out"
    reached = plan.reached_counts.sum(axis=0).tolist()
    yield from reach_words(plan.run.reach)
    further = [f"{count:,} {reason.value}" for reason, count in zip(LeftOut, reached[1:], strict=True) if count]
    yield f"{sum(reached):,} who can be reached = {' + '.join([f'{totals[0]:,} in audiences', *further])}"
    for reason, count in zip(LeftOut, totals[1:], strict=True):
        if count:
            yield f"{count:,} {reason.value}: {reason.sentence}"
    yield from plan.wanted.notices
    if plan.consent == "assumed":
        yield "Consent was assumed, not known."
    if plan.withheld:
        yield f"{plan.withheld:,} in audiences go without their phone number, which another customer has as well."
    if plan.platform.note:
        yield f"{plan.platform.title}: {plan.platform.note}"
    files = sum(len(audience.files) for audience in exported.audiences)
    yield f"{counted(files, 'file')} and manifest.json are in {output}"
