"""The main command's options, as they were typed, turned into what an analysis takes."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from analysis import Settings
from cli.inputs.database import DatabaseInput, database_input, shown_input, shown_query
from cli.inputs.experiments import experiment_of, lifts_of
from cli.inputs.limits import limits_of
from cli.inputs.mapping import mappings_of
from cli.inputs.places import place
from data_generation import DEFAULT_END, DEFAULT_SEED, DEFAULT_SIZE
from data_ingestion import DateOrder, Decimal, ReadOptions
from outputs import FileFormat, Profile
from retention.activity.features import FeatureRules
from retention.customers.universe import OnConflict
from retention.errors import OptionError, PeriodError, did_you_mean
from retention.period import Window, zone
from retention.policy.policy import Policy, Sizes, Weights
from retention.scores.measures import MEASURES
from run_store import Preferences

WEIGHT_NAMES = {name: each.weight for each in MEASURES.values() for name in (each.column.lower(), each.short)}
"""Other names of the weights: the columns of the scores, and short ones."""
CURRENCY = re.compile(r"[A-Za-z]{3}")


@dataclass(frozen=True)
class Given:
    """The options of the main command as they were typed; see `main.py` for each."""

    inputs: tuple[str, ...] = field(repr=False)
    synthetic: bool
    synthetic_size: int | None
    seed: int | None
    output: Path
    policy: str | None
    start: str | None
    end: str | None
    timezone: str | None
    date_order: DateOrder
    min_size: int | None
    max_size: int | None
    split_oversize: bool
    weights: str | None
    currency: str | None
    profile: Profile
    on_conflict: OnConflict
    file_format: FileFormat
    report: Path | None
    save: str | None = None
    workspace: Path | None = None
    query: str | None = field(default=None, repr=False)
    recovery_hours: float | None = None
    outcome_days: float | None = None
    decimal: Decimal | None = None
    limits: str | None = None
    mapping: Path | None = None
    experiment: str | None = None
    arms: str | None = None
    salt: str | None = None
    lifts: Path | None = None
    cutoff: str | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "Given":
        """Return the options from a mapping that names them as the fields here do; it may hold more."""
        values = {each.name: options[each.name] for each in fields(cls) if each.name in options}
        return cls(**values | {"inputs": tuple(map(str, options["inputs"] or ()))})


@dataclass(frozen=True)
class Request:
    """What is asked for, checked.

    Args:
        inputs: Files; empty for a database and for synthetic customers.
        size: Synthetic customers over 30 days.
        seed: Of the synthetic customers.
        last_day: Last day of the synthetic customers.
        output: The output folder.
        policy: The decision tree.
        settings: Window, sizes, weights and the like.
        reading: How files are read.
        profile: How text is written.
        file_format: Of assignments and segment files.
        report: Where the report for people goes, if anywhere.
        database: The database to ask instead of files.
    """

    inputs: tuple[Path, ...]
    size: int
    seed: int
    last_day: date
    output: Path
    policy: Policy
    settings: Settings
    reading: ReadOptions
    profile: Profile
    file_format: FileFormat
    report: Path | None
    database: DatabaseInput | None = None


def filled(given: Given, settings: Preferences) -> Given:
    """Return options with the settings of the workspace where nothing else was asked for."""
    return replace(
        given,
        policy=settings.policy if given.policy is None else given.policy,
        timezone=settings.timezone if given.timezone is None else given.timezone,
        currency=settings.currency if given.currency is None else given.currency,
    )


def request_of(given: Given, settings: Preferences | None = None) -> Request:
    """Return the request that options mean.

    Args:
        given: Options as typed.
        settings: Those of the workspace, which hold where an option is not given.

    Raises:
        InputError: Options contradict each other, or one cannot have its value.
    """
    usual = settings or Preferences()
    given = filled(given, usual)
    database, window, policy = _source(given), _window(given), _policy(given, usual)
    return Request(
        inputs=() if database else tuple(map(Path, given.inputs)),
        size=DEFAULT_SIZE if given.synthetic_size is None else given.synthetic_size,
        seed=DEFAULT_SEED if given.seed is None else given.seed,
        last_day=window.end if window else DEFAULT_END,
        output=given.output,
        policy=policy,
        settings=_settings(given, usual, policy, window),
        reading=ReadOptions(
            timezone=_zone(given),
            date_order=given.date_order,
            decimal=given.decimal or "auto",
            limits=limits_of(given.limits or ""),
            mappings=mappings_of(given.mapping),
        ),
        profile=given.profile,
        file_format=given.file_format,
        report=given.report,
        database=database,
    )


def _zone(given: Given) -> str:
    name = Preferences().timezone if given.timezone is None else given.timezone
    zone(name)
    return name


def _window(given: Given) -> Window | None:
    """Return the window that is asked for; synthetic customers have one of their own."""
    start, end = _day(given.start, "--start"), _day(given.end, "--end")
    window = Window.from_options(start, end, _zone(given))
    return Window.ending(DEFAULT_END, _zone(given)) if window is None and given.synthetic else window


def _policy(given: Given, usual: Preferences) -> Policy:
    return place(given.workspace).policy(usual.policy if given.policy is None else given.policy)


def _settings(given: Given, usual: Preferences, policy: Policy, window: Window | None) -> Settings:
    weights = usual.weights if given.weights is None else _weights(given.weights, usual.weights or policy.weights)
    return Settings(
        window=window,
        timezone=_zone(given),
        sizes=_sizes(given, usual.sizes(policy), policy.sizes),
        weights=weights,
        assumptions=usual.assumptions(policy),
        on_conflict=given.on_conflict,
        currency=_currency(given.currency or ""),
        rules=_rules(given),
        lifts=lifts_of(given.lifts),
        cutoff=_day(given.cutoff, "--cutoff"),
        experiment=experiment_of(given.experiment, given.arms, given.salt),
    )


def _source(given: Given) -> DatabaseInput | None:
    """Return the database that is asked for, if any, after checking that there is exactly one kind of input."""
    if given.inputs and given.synthetic:
        raise OptionError("--input and --mock exclude each other", hint="Give files, or ask for synthetic customers")
    if given.query is not None and given.synthetic:
        raise OptionError("--query and --mock exclude each other", hint="Ask a database, or for synthetic customers")
    database = database_input(given.inputs, given.query)
    if not given.inputs and not database and not given.synthetic:
        raise OptionError(
            "there is nothing to segment",
            hint="Give your files with --input FILE, or try the main command with synthetic customers: --mock",
        )
    for option, value in (("--mock_size", given.synthetic_size), ("--seed", given.seed)):
        if not given.synthetic and value is not None:
            raise OptionError(f"{option} says how synthetic customers are made, and needs --mock")
    if given.mapping is not None and (database or given.synthetic):
        raise OptionError("--mapping says how files are read, and needs files", hint="Give files with --input")
    for text in given.inputs:
        if not database and not Path(text).exists():
            raise OptionError("there is no such file", where=f"--input {text}", hint="Check the path")
    return database


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    # fromisoformat alone would take week dates and dates without hyphens as well.
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise PeriodError(f"'{text}' is not a date", where=option, hint="Write dates as YYYY-MM-DD, such as 2025-09-24")


def _rules(given: Given) -> FeatureRules:
    """Return when a cart counts as abandoned, and how long its customer may take to come back."""
    usual = FeatureRules()
    try:
        return FeatureRules(
            recovery=usual.recovery if given.recovery_hours is None else timedelta(hours=given.recovery_hours),
            outcome=usual.outcome if given.outcome_days is None else timedelta(days=given.outcome_days),
        )
    except (OptionError, OverflowError, ValueError) as error:
        raise OptionError(
            "such a time cannot be",
            where="--recovery_hours/--outcome_days",
            hint="Give hours above 0 and days from 0, at most ten years",
        ) from error


def _sizes(given: Given, usual: Sizes, own: Sizes) -> Sizes | None:
    """Return the usual sizes with what was asked instead, or None if that leaves the policy's own."""
    asked = {"min_size": given.min_size, "max_size": given.max_size, "split_oversize": given.split_oversize or None}
    changed = {name: value for name, value in asked.items() if value is not None}
    try:
        sizes = Sizes.model_validate(usual.model_dump() | changed)
    except ValidationError as error:
        raise OptionError(
            _first_fault(error),
            where="--min_size/--max_size",
            hint="Use whole numbers from 1, the maximum not below the minimum",
        ) from error
    return None if sizes == own else sizes


def _weights(text: str, weights: Weights) -> Weights:
    """Return weights with those that the text names replaced.

    >>> _weights("lift=0, Conv_Pot=0.5", Weights()).model_dump(include={"lift", "conv_pot", "size"})
    {'conv_pot': 0.5, 'lift': 0.0, 'size': 0.15}
    """
    changed = dict(_weight(part) for part in text.split(",") if part.strip())
    try:
        return Weights.model_validate(weights.model_dump() | changed)
    except ValidationError as error:
        raise OptionError(_first_fault(error), where="--weights", hint="Use numbers from 0") from error


def _weight(part: str) -> tuple[str, float]:
    name, equals, number = part.partition("=")
    key = name.strip().lower().replace("-", "_")
    key = WEIGHT_NAMES.get(key, key)
    if key not in Weights.model_fields:
        raise OptionError(
            f"'{name.strip()}' is not a measure", where="--weights", hint=did_you_mean(key, Weights.model_fields)
        )
    try:
        return key, float(number if equals else "")
    except ValueError as error:
        raise OptionError(
            f"the weight of {key} is not a number", where="--weights", hint="Write --weights conv_pot=0.5,lift=0.2"
        ) from error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, fault["loc"]))
    message = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def _currency(code: str) -> str:
    if code and not CURRENCY.fullmatch(code):
        raise OptionError(
            f"'{code}' is not a currency", where="--currency", hint="Use a code of three letters such as EUR"
        )
    return code.upper()


def option_texts(given: Given) -> dict[str, str | int | float | bool | list[str] | None]:
    """Return the options as `run.json` records them: inputs by their names, not by where they lie, and no secret."""
    texts: dict[str, str | int | float | bool | list[str] | None] = {}
    for name, value in vars(given).items():
        if isinstance(value, tuple):
            texts[name] = [shown_input(text) for text in value]
        elif name == "query":
            texts[name] = shown_query(value)
        elif isinstance(value, str | int | float | bool | None):
            texts[name] = value
        else:
            texts[name] = str(value)
    return texts
