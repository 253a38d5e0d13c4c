"""Errors of the domain in the dashboard's words: its widgets' names instead of command line options."""

import re

from frontend.utils import format as fmt
from retention.errors import InputError

_NAMES = {
    "--start/--end": "the window",
    "--start or --end": "a week",
    "--start": "the first day",
    "--end": "the last day",
    "--timezone": "the time zone",
    "--date-order": "'Dates in files' under 'Sizes and formats'",
    "--decimal": "'Decimals in files' under 'Sizes and formats'",
    "--mapping": "the column mapping",
    "--query": "the query",
    "with --limits": "on the command line with --limits",
    "--recovery_hours/--outcome_days": "'Carts and outcomes'",
    "--on-conflict": "'Contradicting rows' under 'Sizes and formats'",
    "--min_size": "Min size",
    "--max_size": "Max size",
    "--currency": "Currency code",
    "--policy": "Policy",
    "--mock_size": "Customers",
    "--seed": "Seed",
    "--sent": "Day of the send",
    "--id and --outcome": "Customer and Converted, under 'Columns of a list of outcomes'",
}
_ASKED = re.compile(r"Run 'python main\.py inspect .*? with --mapping map\.yaml", re.DOTALL)
_ANSWER = "Say below what its columns hold"
_SUBJECTS = ("--query", "the database URL")
_VERBS = ("is", "has", "holds", "names", "cannot")
_OPTION = re.compile("|".join(re.escape(name) for name in sorted(_NAMES, key=len, reverse=True)))


def in_words(text: str) -> str:
    """Return a message that names widgets where the command line has options.

    >>> in_words("Choose --start or --end among them")
    'Choose a week among them'
    """
    return _OPTION.sub(lambda match: _NAMES[match[0]], _ASKED.sub(_ANSWER, text))


def asks_for_mapping(error: InputError) -> bool:
    """Return whether a person is to say what the columns of a file hold."""
    return _ASKED.search(error.hint) is not None


def title(error: InputError) -> str:
    """Return what went wrong, for markdown."""
    what = f"{error.where} {error.what}" if _is_of_option(error) else error.what
    return fmt.plain(fmt.sentence(in_words(what)))


def details(error: InputError) -> str:
    """Return where it went wrong and what to do, for markdown; may be empty."""
    where = f"At: {in_words(error.where)}" if error.where and not _is_of_option(error) else ""
    parts = [fmt.sentence(part) for part in (where, in_words(error.hint))]
    return fmt.plain(" ".join(part for part in parts if part))


def _is_of_option(error: InputError) -> bool:
    """Return whether what went wrong is a sentence only after the option that it is about."""
    return error.where in _SUBJECTS and error.what.split(" ")[0] in _VERBS
