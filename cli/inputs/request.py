"""The options about an input, as they were typed, turned into what an analysis takes."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from analysis import Settings
from cli.inputs.database import DatabaseInput, database_input, shown_input, shown_query
from cli.inputs.experiments import campaign_of, lifts_of
from cli.inputs.places import workspace_at
from cli.inputs.read_options import read_options
from cli.options.analyses import SegmentOptions
from cli.options.shared import Alone, CartRules, Source
from cli.shown.files import check_there
from data_ingestion import ReadOptions, read_repairs
from retention.activity.features import FeatureRules
from retention.customers.reach import LeftAlone
from retention.errors import OptionError, PeriodError, did_you_mean
from retention.period import Window
from retention.policy.policy import Policy, Sizes, Weights
from retention.scores.measures import MEASURES
from run_store import Preferences

TABLE = "spark:"
"""How an input begins that is a table of a cluster's catalog."""
WEIGHT_NAMES = {name: each.weight for each in MEASURES.values() for name in (each.column.lower(), each.short)}
"""Other names of the weights: the columns of the scores, and short ones."""


@dataclass(frozen=True)
class Request:
    """What is asked for, checked; `usual` are the settings of the workspace, and `table` is one of a catalog."""

    source: Source
    inputs: tuple[Path, ...]
    policy: Policy
    settings: Settings
    reading: ReadOptions
    usual: Preferences
    database: DatabaseInput | None = None
    table: str = ""


def request_of(source: Source, rules: CartRules | None = None, lists: tuple[Path, ...] = ()) -> Request:
    """Return the request that options about an input mean."""
    workspace = workspace_at(source.workspace)
    usual = workspace.preferences()
    database, reading = _database(source), read_options(source.reading, usual)
    policy = workspace.policy(usual.policy if source.policy is None else source.policy)
    sizes = usual.sizes(policy)
    settings = Settings(
        on_conflict=source.on_conflict,
        window=_window(source, reading.timezone),
        timezone=reading.timezone,
        sizes=None if sizes == policy.sizes else sizes,
        weights=usual.weights,
        assumptions=usual.assumptions(policy),
        currency=usual.currency,
        rules=_rules(rules or CartRules()),
        others=workspace.policies,
    )
    table = _table(source)
    inputs = () if database or table else tuple(files_of(source.inputs))
    reading = replace(reading, lists=lists)
    if source.repaired:
        reading = replace(reading, repairs=read_repairs(source.repaired, reading))
    return Request(source, inputs, policy, settings, reading, usual, database, table)


def segment_request(options: SegmentOptions, moment: datetime) -> Request:
    """Return the request of the main command; the moment tells what a recent contact is."""
    request = request_of(options.source, options.rules, tuple(options.alone.suppress))
    policy, usual = request.policy, request.usual
    settings = replace(
        request.settings,
        sizes=sizes_of(options, usual.sizes(policy), policy.sizes),
        weights=weights_of(options.weights, usual.weights, policy.weights),
        currency=usual.currency if options.currency is None else options.currency,
        lifts=lifts_of(options.lifts),
        cutoff=day_of(options.cutoff, "--cutoff"),
        experiment=campaign_of(options.trial, options.source.workspace),
        left_alone=_left_alone(options, request.reading, moment),
    )
    return replace(request, settings=settings)


def _left_alone(options: SegmentOptions, reading: ReadOptions, moment: datetime) -> LeftAlone:
    if options.alone == Alone():
        return LeftAlone()
    from weekly.contacts import left_alone_of  # noqa: PLC0415 - few runs read lists of people

    workspace, alone = workspace_at(options.source.workspace), options.alone
    return left_alone_of(alone.suppress, alone.rest_days, workspace, reading, moment)


def _window(source: Source, timezone: str) -> Window | None:
    start, end = day_of(source.start, "--start"), day_of(source.end, "--end")
    window = Window.from_options(start, end, timezone)
    if window is None and source.synthetic:
        from data_generation import DEFAULT_END  # noqa: PLC0415 - its names and addresses are slow to import

        return Window.ending(DEFAULT_END, timezone)
    return window


def _database(source: Source) -> DatabaseInput | None:
    """Return the database that is asked for, if any, after checking that there is exactly one kind of input."""
    if source.inputs and source.synthetic:
        raise OptionError("--input and --mock exclude each other", hint="Give files, or ask for synthetic customers")
    if source.query is not None and source.synthetic:
        raise OptionError("--query and --mock exclude each other", hint="Ask a database, or for synthetic customers")
    database = database_input(source.inputs, source.query)
    if not source.inputs and not database and not source.synthetic:
        raise OptionError(
            "there are no customers to segment",
            hint="Give your files with --input FILE, or try the main command with synthetic customers: --mock",
        )
    for option, value in (("--mock_size", source.synthetic_size), ("--seed", source.seed)):
        if not source.synthetic and value is not None:
            raise OptionError(f"{option} says how synthetic customers are made, and needs --mock")
    if source.reading.mapping is not None and (database or source.synthetic):
        raise OptionError("--mapping says how files are read, and needs files", hint="Give files with --input")
    if source.repaired and (database or source.synthetic):
        way = "Correct the rows in the query or in its table" if database else "Give files with --input"
        raise OptionError("--repaired corrects rows of files, and needs files", hint=way)
    return database


def _table(source: Source) -> str:
    """Return the table of a catalog that is asked for, if any; it stands alone."""
    tables = [text.removeprefix(TABLE) for text in source.inputs if text.startswith(TABLE)]
    if tables and (len(source.inputs) > 1 or not tables[0]):
        raise OptionError(
            "a table of a catalog must be the only input", where="--input", hint="Write --input spark:CATALOG.TABLE"
        )
    return tables[0] if tables else ""


def files_of(inputs: Sequence[str]) -> Iterator[Path]:
    """Yield the files that inputs name, in the order of their paths where one is a pattern such as `carts/*.csv`."""
    for text in inputs:
        path = Path(text)
        # A file may have a bracket in its name.
        if path.exists() or not set("*?[") & set(text):
            check_there(path, f"--input {text}")
            yield path
            continue
        below = Path(path.anchor).glob(str(path.relative_to(path.anchor)))
        files = sorted(each for each in below if each.is_file())
        if not files:
            raise OptionError("no file fits the pattern", where=f"--input {text}", hint="Check the path")
        yield from files


def day_of(text: str | None, option: str) -> date | None:
    """Return the day that an option names, if it is given."""
    return None if text is None else read_day(text, option)


def read_day(text: str, option: str) -> date:
    """Return the day that a text names."""
    # fromisoformat alone would take week dates and dates without hyphens as well.
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise PeriodError(f"'{text}' is not a date", where=option, hint="Write dates as YYYY-MM-DD, such as 2025-09-24")


def _rules(rules: CartRules) -> FeatureRules:
    """Return when a cart counts as abandoned, and how long its customer may take to come back."""
    usual = FeatureRules()
    try:
        return FeatureRules(
            recovery=usual.recovery if rules.recovery_hours is None else timedelta(hours=rules.recovery_hours),
            outcome=usual.outcome if rules.outcome_days is None else timedelta(days=rules.outcome_days),
        )
    # timedelta itself refuses what is no number (ValueError) and what is beyond its range (OverflowError).
    except (OptionError, OverflowError, ValueError) as error:
        raise OptionError(
            "these times are not possible",
            where="--recovery_hours or --outcome_days",
            hint="Give hours above 0 and days from 0, at most ten years",
        ) from error


def option_texts(options: SegmentOptions, usual: Preferences) -> dict[str, str | int | float | bool | list[str] | None]:
    """Return the options as `run.json` records them: inputs by their names, not by where they lie, and no secret."""
    # The record says what held, also where an option was left to the settings of the workspace.
    filled = {"policy": usual.policy, "timezone": usual.timezone, "country": usual.country, "currency": usual.currency}
    values = dict(_values(options))
    return {name: _text(name, filled.get(name) if value is None else value) for name, value in values.items()}


def _values(options: Any) -> Iterator[tuple[str, Any]]:
    """Yield each option with its value, those of groups one by one."""
    for each in fields(options):
        value = getattr(options, each.name)
        # A run that leaves nobody alone has nothing to say about it.
        if is_dataclass(value) and value != Alone():
            yield from _values(value)
        elif not is_dataclass(value):
            yield each.name, value


def _text(name: str, value: Any) -> str | int | float | bool | list[str] | None:
    if name in ("inputs", "repaired"):
        return [shown_input(str(text)) for text in value]
    if name == "suppress":
        return [path.name for path in value]
    if name == "query":
        return shown_query(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def sizes_of(options: SegmentOptions, usual: Sizes, own: Sizes) -> Sizes | None:
    """Return the usual sizes with what was given instead, or None if that leaves the policy's own."""
    given = {
        "min_size": options.min_size,
        "max_size": options.max_size,
        "split_oversize": options.split_oversize or None,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    try:
        sizes = Sizes.model_validate(usual.model_dump() | changed)
    except ValidationError as error:
        raise OptionError(
            _first_fault(error),
            where="--min_size or --max_size",
            hint="Use whole numbers from 1, the maximum not below the minimum",
        ) from error
    return None if sizes == own else sizes


def weights_of(text: str | None, usual: Weights | None, own: Weights) -> Weights | None:
    """Return the usual weights, or the policy's own, with those that the text names replaced; None for its own.

    >>> weights_of("lift=0, Conv_Pot=0.5", None, Weights()).model_dump(include={"lift", "conv_pot", "size"})
    {'conv_pot': 0.5, 'lift': 0.0, 'size': 0.15}
    """
    if text is None:
        return usual
    changed = dict(_weight(part) for part in text.split(",") if part.strip())
    try:
        return Weights.model_validate((usual or own).model_dump() | changed)
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
