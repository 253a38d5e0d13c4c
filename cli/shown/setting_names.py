"""Messages of the domain in the command line's words: its options for the settings."""

import re
from collections.abc import Set

from retention.errors import InputError, Remedy, Setting, UnsureLayoutError

OTHERS = {
    Setting.ASSUMED_CONSENT: "--assume-consent",
    Setting.BUDGET: "the budget",
    Setting.CONTACT_COST: "--contact_cost",
    Setting.CUSTOMER_COLUMN: "--id",
    Setting.DATABASE: "--input",
    Setting.MOST_BYTES: "--limits decoded_bytes=",
    Setting.MOST_COLUMNS: "--limits columns=",
    Setting.MOST_RATIO: "--limits ratio=",
    Setting.MOST_ROWS: "--limits rows=",
    Setting.OUTCOME_COLUMN: "--outcome",
    Setting.OUTPUT: "--output_dir",
    Setting.SENDS: "the number of sends",
    Setting.TIME_LIMIT: "the variable RETENTION_TIME_LIMIT",
    Setting.WINDOW: "--start or --end",
}
"""Settings whose option has another name than theirs."""
NAMES = {each: OTHERS.get(each, f"--{each.name.lower().replace('_', '-')}") for each in Setting}
"""Each setting's option, as people type it."""


def message(error: InputError, options: Set[str] | None = None) -> str:
    """Return an error with the options that help, of those that the command has; None: of all."""
    usable = {each for each in Setting if options is None or set(options_of(each)) <= options}
    named = error.named(lambda setting: NAMES[setting] if setting in usable else str(setting), *_advice(error, usable))
    # A message is one line, also where a file or a column is called otherwise.
    return " ".join(named.splitlines())


def options_of(setting: Setting) -> list[str]:
    """Return the options that set something, as they are compared; none where only the dashboard has it.

    >>> options_of(Setting.WINDOW), options_of(Setting.OUTPUT)
    (['--start', '--end'], ['--output-dir'])
    """
    return [name.replace("_", "-") for name in re.findall(r"--[\w-]+", NAMES[setting])]


def _advice(error: InputError, usable: Set[Setting]) -> list[str]:
    remedies = [remedy for remedy in error.remedies if usable >= set(remedy.settings)]
    if isinstance(error, UnsureLayoutError) and remedies:
        start = (
            f"Run 'python main.py inspect {error.name} --write-mapping map.yaml', correct map.yaml where it is wrong"
        )
        return [f"{start}, and pass it with {NAMES[Setting.MAPPING]} map.yaml"]
    uses = [use for remedy in remedies for use in _uses(remedy)]
    return [f"Use {' or '.join(uses)}"] if uses else []


def _uses(remedy: Remedy) -> list[str]:
    """Return how the option is typed with each value, or the options that have to be typed together.

    >>> _uses(Remedy(Setting.DATE_ORDER, ("dmy", "mdy")))
    ['--date-order dmy', '--date-order mdy']
    >>> _uses(Remedy(Setting.CUSTOMER_COLUMN, along_with=(Setting.OUTCOME_COLUMN,)))
    ['--id and --outcome']
    >>> _uses(Remedy(Setting.MOST_ROWS, ("40000000",)))
    ['--limits rows=40000000']
    """
    name = " and ".join(NAMES[setting] for setting in remedy.settings)
    gap = "" if name.endswith("=") else " "
    return [f"{name}{gap}{value}" for value in remedy.values] or [name]
