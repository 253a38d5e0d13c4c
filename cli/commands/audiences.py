"""The command audiences: files for mail and advertising platforms, of a saved period or of an input."""

import io
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.box import ASCII2
from rich.console import Console
from rich.table import Table

from analysis import Run, analyze
from audience_export import (
    AUDIENCES,
    Contacted,
    Exported,
    LeftOut,
    Wanted,
    platform_named,
    read_coupons,
    read_people,
    write_audiences,
)
from cli.commands.runs import resolved
from cli.inputs.experiments import experiment_of
from cli.inputs.places import place
from cli.inputs.reading import read_input
from cli.inputs.request import Given, request_of
from cli.shown.progress import Advance, part, progress_bar
from outputs import Profile, check_place
from retention.errors import OptionError
from retention.experiment.arms import CONTROL, DEFAULT_SALT, Experiment

WIDTH = 140
TREATMENT = "treatment"
UNUSED: dict[str, Any] = {
    "split_oversize": False,
    "on_conflict": "quarantine",
    "file_format": "csv",
    "experiment": None,
    "arms": None,
    "salt": None,
}
"""Options of the main command that this one does not have, or reads itself, at their defaults; the others are None."""


@dataclass(frozen=True)
class Asked:
    """The options about audiences as they were typed; see `main.py` for each."""

    platform: str
    output: Path
    profile: Profile
    assume_consent: bool
    consent: Path | None
    suppress: tuple[Path, ...]
    contacted: Path | None
    within: int | None
    bought: tuple[Path, ...]
    coupons: Path | None
    holdout: str | None
    experiment: str | None
    arms: str | None
    salt: str | None
    country: str

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "Asked":
        """Return the options from a mapping that names them as the fields here do; it may hold more."""
        values = {each.name: options[each.name] for each in fields(cls)}
        return cls(**values | {name: tuple(options[name] or ()) for name in ("suppress", "bought")})

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read."""
        named = (self.consent, *self.suppress, self.contacted, *self.bought, self.coupons)
        return tuple(path for path in named if path is not None)


def audiences_command(options: Mapping[str, Any], run: str | None, started: datetime) -> None:
    """Write the audience files of a saved period or of an input, and say who is in them and who is not.

    Args:
        options: Options as typed, by the names of `Asked` and `Given`.
        run: Identifier or name of a saved period; None for an input.
        started: When the command began, which tells what a recent contact is.

    Raises:
        InputError: An option, a list or the input cannot be used; nothing was written.
    """
    asked = Asked.of(options)
    experiment = _check(asked)
    with progress_bar() as advance:
        period = _held_out(_run(options, run, part(advance, 0.0, 0.5)), experiment)
        zone = period.window.timezone
        wanted = _wanted(asked, period, started.astimezone(ZoneInfo(zone)).date())
        exported = write_audiences(period, asked.output, wanted, progress=part(advance, 0.5, 1.0))
    _print(exported, asked.output)


def _check(asked: Asked) -> Experiment | None:
    """Refuse what can be refused before anything is read; return the experiment that is asked for."""
    platform_named(asked.platform)
    check_place(asked.output, asked.files, AUDIENCES)
    if (asked.contacted is None) != (asked.within is None):
        raise OptionError("--contacted FILE and --within DAYS go together", hint="Give both or neither")
    if asked.holdout is None:
        return experiment_of(asked.experiment, asked.arms, asked.salt)
    if asked.arms is not None:
        raise OptionError("--holdout and --arms exclude each other", hint="--arms control=0.1,... says both")
    if asked.experiment is None:
        raise OptionError("a holdout needs the name of its experiment", where="--holdout", hint="Add --experiment NAME")
    return Experiment(asked.experiment, _shares(asked.holdout), salt=asked.salt or DEFAULT_SALT)


def _held_out(run: Run, experiment: Experiment | None) -> Run:
    """Return the run with the experiment that is asked for, unless it has its own."""
    if experiment is None:
        return run
    if run.experiment not in (None, experiment):
        raise OptionError(
            "the period holds out a control group under another experiment or other shares",
            where="--experiment",
            hint="Leave the options of the experiment out, to use that of the period",
        )
    return replace(run, experiment=experiment)


def _run(options: Mapping[str, Any], run: str | None, advance: Advance) -> Run:
    """Return the run of a saved period, or of the input."""
    has_input = bool(options["inputs"]) or options["synthetic"]
    if run is not None and has_input:
        raise OptionError("a saved period and an input exclude each other", hint="Give RUN, or --input, or --mock")
    if run is not None:
        workspace = place(options["workspace"])
        return workspace.open(resolved(workspace, run).id).run()
    if not has_input:
        raise OptionError(
            "there is nothing to export", hint="Name a saved period (see runs list), or give --input FILE"
        )
    given = Given.of({each.name: None for each in fields(Given)} | dict(options) | UNUSED)
    request = request_of(given, place(given.workspace).preferences())
    intake = read_input(request, part(advance, 0.0, 0.7))
    return analyze(intake, request.policy, request.settings, progress=part(advance, 0.7, 1.0))


def _wanted(asked: Asked, run: Run, today: date) -> Wanted:
    zone = run.window.timezone
    contacted = None
    if asked.contacted is not None and asked.within is not None:
        contacted = Contacted(read_people(asked.contacted, zone), asked.within, today)
    return Wanted(
        platform=platform_named(asked.platform).name,
        assume_consent=asked.assume_consent,
        agreed=None if asked.consent is None else read_people(asked.consent, zone),
        unsubscribed=tuple(read_people(path, zone) for path in asked.suppress),
        contacted=contacted,
        bought=tuple(read_people(path, zone) for path in asked.bought),
        coupons=None if asked.coupons is None else read_coupons(asked.coupons),
        region=asked.country,
        profile=asked.profile,
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


def _print(exported: Exported, output: Path) -> None:
    """Print who is in the files and who is not; no customer appears."""
    text = io.StringIO()
    console = Console(file=text, no_color=True, width=WIDTH, markup=False, highlight=False, emoji=False)
    console.print(_table(exported))
    for line in _lines(exported, output):
        console.print(line, soft_wrap=True)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    sys.stdout.write(text.getvalue())


def _table(exported: Exported) -> Table:
    plan = exported.plan
    counts = plan.counts.tolist()
    told = [place for place, reason in enumerate(LeftOut, start=1) if any(row[place] for row in counts)]
    table = Table(box=ASCII2, show_edge=False, pad_edge=False)
    names = ("Segment", "Size", "In files", *(list(LeftOut)[place - 1].value for place in told))
    for name in names:
        table.add_column(name, justify="left" if name == "Segment" else "right", overflow="fold")
    for segment, row in zip(plan.run.segmentation.tree.segments, counts, strict=True):
        table.add_row(segment.name, f"{sum(row):,}", f"{row[0]:,}", *(f"{row[place]:,}" for place in told))
    return table


def _lines(exported: Exported, output: Path) -> Iterator[str]:
    plan = exported.plan
    totals = plan.counts.sum(axis=0).tolist()
    yield f"{sum(totals):,} customers = {totals[0]:,} in audiences + {sum(totals[1:]):,} left out"
    for reason, count in zip(LeftOut, totals[1:], strict=True):
        if count:
            yield f"{count:,} {reason.value}: {reason.sentence}"
    if plan.consent.source == "assumed":
        yield "Consent was assumed, not known."
    if plan.withheld:
        yield f"{plan.withheld:,} in audiences go without their phone number, which another customer has as well."
    if plan.platform.note:
        yield f"{plan.platform.title}: {plan.platform.note}"
    files = sum(len(audience.files) for audience in exported.audiences)
    yield f"{files:,} files and manifest.json are in {output}"
