"""Messages of the domain in the dashboard's words: its widgets for the settings."""

import re

from frontend.utils import format as fmt
from retention.errors import InputError, InvariantError, Setting, UnsureLayoutError

LIMITS = (Setting.LIMITS, Setting.MOST_BYTES, Setting.MOST_COLUMNS, Setting.MOST_RATIO, Setting.MOST_ROWS)
NAMES = {
    **dict.fromkeys(LIMITS, "--limits on the command line"),
    Setting.ALLOCATION: "the expected shares of the arms",
    Setting.ARMS: "the arms and their shares",
    Setting.ASSUMED_CONSENT: "'Who agreed to be contacted'",
    Setting.BASELINE: "the conversion rate without treatment",
    Setting.BUDGET: "'Budget'",
    Setting.CAP: "'Cap money at a quantile, %' under 'Guardrails and largest purchases'",
    Setting.CONSENT: "'Who agreed to be contacted'",
    Setting.CONTACT_COST: "'Cost of one contact'",
    Setting.CONTROL: "the control arm",
    Setting.COUNTRY: "'Country of phone numbers'",
    Setting.COUPONS: "'Coupons, a column code'",
    Setting.CURRENCY: "'Currency code'",
    Setting.CUSTOMER_COLUMN: "'Customer' under 'Columns of a list of outcomes'",
    Setting.CUTOFF: "'Decide the last day's carts with what came later' under 'Carts and outcomes'",
    Setting.DATABASE: "the server's secrets",
    Setting.DATE_ORDER: "'Dates in files' under 'Sizes and formats'",
    Setting.DECIMAL: "'Decimals in files' under 'Sizes and formats'",
    Setting.DIALECT: "'Dialect'",
    Setting.DISCOUNT: "the discount of one conversion",
    Setting.ENCODING: "'Text that is not UTF-8' under 'Sizes and formats'",
    Setting.ENGINE: "--engine on the command line",
    Setting.EXPERIMENT: "'Name of the experiment'",
    Setting.GUARDRAIL: "'Guardrails' under 'Guardrails and largest purchases'",
    Setting.HASH_FUNCTION: "--hash-function on the command line",
    Setting.HOLDOUT: "'Held out, %'",
    Setting.LIFT: "'Lift to find, %'",
    Setting.MAPPING: "the column mapping",
    Setting.MARGIN: "'Contribution margin, %'",
    Setting.MEMORY_LIMIT: "RETENTION_MEMORY_LIMIT of the server",
    Setting.ON_CONFLICT: "'Contradicting rows' under 'Sizes and formats'",
    Setting.OUTCOME_COLUMN: "'Converted' under 'Columns of a list of outcomes'",
    Setting.OUTPUT: "the output folder",
    Setting.OVERWRITE: "--overwrite on the command line",
    Setting.PLATFORM: "'Platform'",
    Setting.POLICY: "'Policy'",
    Setting.POWER: "'Wanted power, %'",
    Setting.QUERY: "'Query'",
    Setting.SEED: "'Seed'",
    Setting.SENDS: "'Most sends'",
    Setting.SENT: "'Sent on'",
    Setting.SIZE: "the number of customers",
    Setting.TABLE: "'Table of customers'",
    Setting.TIME_LIMIT: "RETENTION_TIME_LIMIT of the server",
    Setting.TIMEZONE: "'Time zone of the shop'",
    Setting.WEEKLY: "the new customers a week",
    Setting.WINDOW: "'First of seven days'",
    Setting.WITHIN: "'Contacted in the last days'",
    Setting.WORKSPACE: "RETENTION_WORKSPACE of the server",
}
"""Where each setting is found, quoted as its widget is labelled."""


def fault(error: InvariantError) -> InputError:
    """Return a fault of the program as people are told of it."""
    return InputError("The program found a fault of its own and stopped", where=str(error), hint="Please report it")


def title(error: InputError) -> str:
    """Return what went wrong, for markdown."""
    return fmt.plain(fmt.sentence(_spoken(error.what)))


def details(error: InputError) -> str:
    """Return where it went wrong and what to do, for markdown; may be empty."""
    where = NAMES[error.where] if isinstance(error.where, Setting) else error.where
    parts = (f"At: {where}" if where else "", error.hint, _advice(error))
    return fmt.plain(_spoken(" ".join(fmt.sentence(part) for part in parts if part)))


def _spoken(text: str) -> str:
    """Return a message of the domain in the words of the pages, but for what it quotes.

    >>> _spoken("the saved period 'Third period' has no experiment")
    "the saved week 'Third period' has no experiment"
    """
    return re.sub(r"('[^']*')|\bperiod(s?)\b", lambda match: match[1] or f"week{match[2]}", text)


def _advice(error: InputError) -> str:
    if isinstance(error, UnsureLayoutError):
        return "Say below what its columns hold"
    places = dict.fromkeys(" and ".join(NAMES[setting] for setting in remedy.settings) for remedy in error.remedies)
    return f"Set {' or '.join(places)}" if places else ""
