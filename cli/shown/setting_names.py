"""Messages of the domain in the command line's words: its options for the settings."""

from retention.errors import InputError, Remedy, Setting, UnsureLayoutError

NAMES = {
    Setting.ALLOCATION: "--allocation",
    Setting.ASSUMED_CONSENT: "--assume-consent",
    Setting.CONSENT: "--consent",
    Setting.CONTROL: "--control",
    Setting.COUNTRY: "--country",
    Setting.COUPONS: "--coupons",
    Setting.CUSTOMER_COLUMN: "--id",
    Setting.CUTOFF: "--cutoff",
    Setting.DATABASE: "--input",
    Setting.DATE_ORDER: "--date-order",
    Setting.DECIMAL: "--decimal",
    Setting.LIMITS: "--limits",
    Setting.MAPPING: "--mapping",
    Setting.ON_CONFLICT: "--on-conflict",
    Setting.OUTCOME_COLUMN: "--outcome",
    Setting.OUTPUT: "--output_dir",
    Setting.PLATFORM: "--platform",
    Setting.POLICY: "--policy",
    Setting.QUERY: "--query",
    Setting.SEED: "--seed",
    Setting.SENT: "--sent",
    Setting.TIMEZONE: "--timezone",
    Setting.WINDOW: "--start or --end",
    Setting.WITHIN: "--within",
}
"""Each setting's option, as people type it."""


def message(error: InputError) -> str:
    """Return an error with the options that help."""
    return error.named(NAMES.__getitem__, *_advice(error))


def _advice(error: InputError) -> list[str]:
    if isinstance(error, UnsureLayoutError):
        start = (
            f"Run 'python main.py inspect {error.name} --write-mapping map.yaml', correct map.yaml where it is wrong"
        )
        return [f"{start}, and pass it with {NAMES[Setting.MAPPING]} map.yaml"]
    uses = [use for remedy in error.remedies for use in _uses(remedy)]
    return [f"Use {' or '.join(uses)}"] if uses else []


def _uses(remedy: Remedy) -> list[str]:
    """Return how the option is typed with each value.

    >>> _uses(Remedy(Setting.DATE_ORDER, ("dmy", "mdy")))
    ['--date-order dmy', '--date-order mdy']
    """
    name = NAMES[remedy.setting]
    return [f"{name} {value}" for value in remedy.values] or [name]
