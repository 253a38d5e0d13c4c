"""Options about experiments -> what an analysis takes."""

from dataclasses import replace
from pathlib import Path

from cli.inputs.places import workspace_at
from cli.options.experiments import LiftOptions, ResultsOptions
from cli.options.shared import ArmOptions
from retention.errors import InputError, OptionError
from retention.experiment.arms import Experiment
from retention.scores.measured_lift import MeasuredLift, lifts_from_json, retired_in
from run_store.small_files import read_text


def experiment_of(trial: ArmOptions) -> Experiment | None:
    """Return the experiment that options name, if any.

    >>> experiment_of(ArmOptions(experiment="autumn", arms="control=0.2,mail=0.8")).arms
    ('control', 'mail')

    Raises:
        OptionError: Arms or a salt without a name, or shares that cannot be.
    """
    if trial.experiment is None:
        if trial.arms is not None or trial.salt is not None:
            raise OptionError("--arms and --salt need the name of an experiment", hint="Add --experiment NAME")
        return None
    usual = Experiment(trial.experiment)
    return replace(
        usual,
        shares=usual.shares if trial.arms is None else _shares(trial.arms),
        salt=usual.salt if trial.salt is None else trial.salt,
    )


def campaign_of(trial: ArmOptions, folder: Path | None) -> Experiment | None:
    """Return the experiment that options name; one that runs already in a saved period keeps the salt of its arms."""
    experiment = experiment_of(trial)
    running = None if experiment is None or trial.salt is not None else workspace_at(folder).running(experiment.name)
    return experiment if experiment is None or running is None else replace(experiment, salt=running.salt)


def _shares(text: str) -> dict[str, float]:
    pairs = [_share(part) for part in text.split(",")]
    shares = dict(pairs)
    if len(shares) < len(pairs):
        raise OptionError("an arm is listed twice", where="--arms")
    return shares


def _share(part: str) -> tuple[str, float]:
    label, equals, share = part.partition("=")
    try:
        return label.strip(), float(share if equals and label.strip() else "")
    except ValueError as error:
        raise OptionError(
            f"'{part.strip()}' is not an arm with a share", where="--arms", hint="Write --arms control=0.1,mail=0.9"
        ) from error


def given_costs(options: LiftOptions | ResultsOptions) -> dict[str, float]:
    """Return the costs that were typed, by the names that `Costs` has for them."""
    given = {"margin": options.margin, "contact_cost": options.contact_cost, "discount": options.discount}
    return {name: value for name, value in given.items() if value is not None}


def lifts_of(path: Path | None) -> tuple[MeasuredLift, ...]:
    """Return the measured lifts of a file, if one is named."""
    if path is None:
        return ()
    return lifts_from_json(read_text(path, where=f"--lifts {path}"), source=path.name)


def is_lifts(path: Path) -> bool:
    """Return whether a file holds measured lifts, be it those of an older program, to which none can be added."""
    try:
        text = read_text(path, where=str(path))
        return bool(retired_in(text)) or lifts_from_json(text) is not None
    except InputError:
        return False
