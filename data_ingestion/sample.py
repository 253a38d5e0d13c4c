"""The sample customer table, for people to look at and to try the application with."""

from pathlib import Path

SAMPLE = Path(__file__).with_name("sample_customers.csv")
"""A small file with every column that an analysis uses."""


def sample_bytes() -> bytes:
    """Return the sample file as it is.

    >>> sample_bytes().startswith(b"user_id,cart_abandoned_date")
    True
    """
    return SAMPLE.read_bytes()
