"""Messages of the domain in the command line's words: its options for the settings."""

from retention.errors import InputError, Remedy, Setting, UnsureLayoutError

NAMES = {
    Setting.ALLOCATION: "--allocation",
    Setting.ARMS: "--arms",
    Setting.ASSUMED_CONSENT: "--assume-consent",
    Setting.BASELINE: "--baseline",
    Setting.BUDGET: "the budget",
    Setting.CONSENT: "--consent",
    Setting.CONTACT_COST: "--contact_cost",
    Setting.CONTROL: "--control",
    Setting.COUNTRY: "--country",
    Setting.COUPONS: "--coupons",
    Setting.CUSTOMER_COLUMN: "--id",
    Setting.CUTOFF: "--cutoff",
    Setting.DATABASE: "--input",
    Setting.DATE_ORDER: "--date-order",
    Setting.DECIMAL: "--decimal",
    Setting.DISCOUNT: "--discount",
    Setting.EXPERIMENT: "--experiment",
    Setting.HOLDOUT: "--holdout",
    Setting.LIFT: "--lift",
    Setting.LIMITS: "--limits",
    Setting.MAPPING: "--mapping",
    Setting.MARGIN: "--margin",
    Setting.MOST_BYTES: "--limits decoded_bytes=",
    Setting.MOST_COLUMNS: "--limits columns=",
    Setting.MOST_RATIO: "--limits ratio=",
    Setting.MOST_ROWS: "--limits rows=",
    Setting.ON_CONFLICT: "--on-conflict",
    Setting.OUTCOME_COLUMN: "--outcome",
    Setting.OUTPUT: "--output_dir",
    Setting.PLATFORM: "--platform",
    Setting.POLICY: "--policy",
    Setting.POWER: "--power",
    Setting.QUERY: "--query",
    Setting.SEED: "--seed",
    Setting.SENDS: "the number of sends",
    Setting.SENT: "--sent",
    Setting.SIZE: "--size",
    Setting.TIMEZONE: "--timezone",
    Setting.WEEKLY: "--weekly",
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
    >>> _uses(Remedy(Setting.MOST_ROWS, ("40000000",)))
    ['--limits rows=40000000']
    """
    name = NAMES[remedy.setting]
    gap = "" if name.endswith("=") else " "
    return [f"{name}{gap}{value}" for value in remedy.values] or [name]
