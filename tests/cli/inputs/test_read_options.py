import pytest

from cli.inputs.read_options import limits_of
from data_ingestion import ReadLimits
from retention.errors import OptionError


def test_limits_that_are_not_named_stay() -> None:
    assert limits_of("") == ReadLimits()
    assert limits_of(" Columns = 10000 , ratio=5,") == ReadLimits(columns=10_000, ratio=5)
    assert limits_of("decoded-bytes=2G,record_bytes=8m").decoded_bytes == 2 << 30


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("column=1", "'column' is not a limit.*Did you mean 'columns'"),
        ("columns", "columns is not a whole number"),
        ("columns=-1", "columns is not a whole number"),
        ("columns=1.5", "columns is not a whole number"),
        ("rows=0", "the limit rows must be at least 1"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(text: str, match: str) -> None:
    with pytest.raises(OptionError, match=match):
        limits_of(text)
