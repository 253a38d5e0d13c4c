"""Each setting has a name in each shell, and that name is there to be used."""

import re
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from cli.options import declaration
from cli.shown import setting_names
from frontend.utils import messages
from main import app
from retention.errors import InputError, PeriodError, Remedy, Setting, SourceError, UnsureLayoutError

ORDER = Remedy(Setting.DATE_ORDER, ("dmy", "mdy"))
LIMITS = frozenset({Setting.LIMITS, Setting.MOST_BYTES, Setting.MOST_COLUMNS, Setting.MOST_RATIO, Setting.MOST_ROWS})
FILES = LIMITS | {Setting.DATE_ORDER, Setting.DECIMAL, Setting.ENCODING, Setting.MAPPING, Setting.MEMORY_LIMIT}
ARMS = {Setting.ARMS, Setting.EXPERIMENT}
COSTS = {Setting.CONTACT_COST, Setting.DISCOUNT, Setting.MARGIN}
INPUT = FILES | {Setting.DATABASE, Setting.ON_CONFLICT, Setting.POLICY, Setting.TIMEZONE, Setting.WINDOW}
NAMED = {
    "": INPUT
    | ARMS
    | {Setting.CURRENCY, Setting.CUTOFF, Setting.ENGINE, Setting.OUTPUT, Setting.OVERWRITE, Setting.QUERY, Setting.SEED}
    | {Setting.WORKSPACE},
    "audiences": INPUT
    | ARMS
    | {Setting.OUTPUT, Setting.QUERY, Setting.SEED, Setting.ASSUMED_CONSENT, Setting.CONSENT, Setting.COUNTRY}
    | {Setting.COUPONS, Setting.OVERWRITE, Setting.PLATFORM, Setting.WITHIN},
    "backtest": INPUT,
    "generate": {Setting.OVERWRITE, Setting.SEED},
    "holdout": ARMS | {Setting.LIFT, Setting.OUTPUT, Setting.OVERWRITE, Setting.POWER},
    "inspect": FILES | {Setting.TIMEZONE},
    "lift": LIMITS
    | COSTS
    | {Setting.CAP, Setting.GUARDRAIL, Setting.ALLOCATION, Setting.CONTROL, Setting.DECIMAL}
    | {Setting.ENCODING},
    "power": {Setting.BASELINE, Setting.HOLDOUT, Setting.LIFT, Setting.POWER, Setting.SIZE, Setting.WEEKLY},
    "results": FILES
    | COSTS
    | {Setting.CUSTOMER_COLUMN, Setting.OUTCOME_COLUMN, Setting.SENT, Setting.CAP, Setting.GUARDRAIL},
    "sql": (INPUT - {Setting.POLICY})
    | {Setting.ASSUMED_CONSENT, Setting.DIALECT, Setting.HASH_FUNCTION, Setting.OVERWRITE, Setting.QUERY}
    | {Setting.SEED, Setting.TABLE},
    "tree": INPUT - {Setting.SEED} | {Setting.QUERY, Setting.OVERWRITE},
    "runs export": {Setting.OVERWRITE},
    "runs write": {Setting.OUTPUT, Setting.OVERWRITE},
}
"""The settings that the errors of each command name; the other commands read and write nothing that has any."""


@pytest.mark.parametrize("names", [setting_names.NAMES, messages.NAMES], ids=["options", "widgets"])
def test_every_setting_has_a_name(names: Mapping[Setting, str]) -> None:
    assert set(names) == set(Setting)


def declared(root: Path, folder: str) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted((root / folder).rglob("*.py")))


@pytest.mark.parametrize("setting", Setting)
def test_a_name_is_an_option_or_a_label_that_is_there(setting: Setting, root: Path) -> None:
    options = (root / "main.py").read_text(encoding="utf-8") + declared(root, "cli/options")
    for option in re.findall(r"--([\w-]+)", setting_names.NAMES[setting]):
        # An option is named as such, or after its parameter; `-` and `_` are the same.
        assert re.search(rf'"--{option}"|\b{option.replace("-", "_")}: ', options)
    widgets = declared(root, "frontend/components")
    for label in re.findall(r"'((?:[^']|'(?=\w))+)'(?!\w)", messages.NAMES[setting]):
        assert f'"{label}"' in widgets


@pytest.mark.parametrize(
    ("error", "neutral", "options", "widgets"),
    [
        (
            SourceError("no date tells which", where="x.csv", hint="Say which it is", remedies=(ORDER,)),
            "x.csv: no date tells which. Say which it is. Set the order of day and month (dmy or mdy)",
            "x.csv: no date tells which. Say which it is. Use --date-order dmy or --date-order mdy",
            "At: x.csv. Say which it is. Set 'Dates in files' under 'Sizes and formats'.",
        ),
        (
            PeriodError("it is not known", where=Setting.TIMEZONE, hint="Did you mean 'UTC'?"),
            "time zone: it is not known. Did you mean 'UTC'?",
            "--timezone: it is not known. Did you mean 'UTC'?",
            "At: 'Time zone of the shop'. Did you mean 'UTC'?",
        ),
        (
            UnsureLayoutError("no known layout", name="x.csv"),
            "x.csv: no known layout. Set the column mapping",
            (
                "x.csv: no known layout. Run 'python main.py inspect x.csv --write-mapping map.yaml', correct map.yaml "
                "where it is wrong, and pass it with --mapping map.yaml"
            ),
            "At: x.csv. Say below what its columns hold.",
        ),
        (
            InputError(
                "no list", remedies=(Remedy(Setting.CUSTOMER_COLUMN, along_with=(Setting.OUTCOME_COLUMN,)), ORDER)
            ),
            (
                "no list. Set the column of customers and the column of outcomes or the order of day and month "
                "(dmy or mdy)"
            ),
            "no list. Use --id and --outcome or --date-order dmy or --date-order mdy",
            (
                "Set 'Customer' under 'Columns of a list of outcomes' and 'Converted' under "
                "'Columns of a list of outcomes' or 'Dates in files' under 'Sizes and formats'."
            ),
        ),
        (InputError("it is empty"), "it is empty.", "it is empty.", ""),
    ],
)
def test_each_shell_says_what_helps_in_its_own_words(
    error: InputError, neutral: str, options: str, widgets: str
) -> None:
    assert str(error) == neutral
    assert setting_names.message(error) == options
    assert messages.details(error).replace("\\", "") == widgets


def commands() -> dict[str, Any]:
    """Return every command by its name, the main one by an empty name."""
    main: Any = get_command(app)
    groups = {"": main, **main.commands}
    saved = {f"runs {name}": command for name, command in groups.pop("runs").commands.items()}
    return groups | saved


def has(command: Any) -> set[str]:
    return {name.replace("_", "-") for each in command.params for name in each.opts if name.startswith("--")}


@pytest.mark.parametrize("name", commands())
def test_a_command_has_every_option_that_its_errors_name(name: str) -> None:
    needed = {option for setting in NAMED.get(name, set()) for option in setting_names.options_of(setting)}
    assert needed <= has(commands()[name])


def test_every_setting_is_named_by_the_errors_of_some_command() -> None:
    of_the_dashboard = {setting for setting in Setting if not setting_names.options_of(setting)}
    assert set().union(*NAMED.values()) == set(Setting) - of_the_dashboard
    assert NAMED.keys() <= commands().keys()


@pytest.mark.parametrize("name", commands())
def test_a_command_advises_no_option_that_it_lacks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[Set[str]] = []

    @contextmanager
    def noted(_: bool, options: Set[str]) -> Iterator[None]:
        known.append(options)
        if options:
            raise typer.Exit
        yield

    monkeypatch.setattr(declaration, "reported", noted)
    command = commands()[name]
    with typer.Context(command), pytest.raises(typer.Exit):
        command.callback(**{each.name: None for each in command.params})
    for setting in Setting:
        error = InputError("it cannot be", where=setting, remedies=(Remedy(setting),))
        told = {each.replace("_", "-") for each in re.findall(r"--[\w-]+", setting_names.message(error, known[0]))}
        assert told <= has(command)
        known_option = set(setting_names.options_of(setting))
        assert not told or told == known_option
        assert bool(told) == bool(known_option and known_option <= has(command))
