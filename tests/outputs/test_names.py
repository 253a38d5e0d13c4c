"""File names come from a checked slug, never from what a person typed."""

import pytest
from hypothesis import given, strategies as st

from outputs.names import OWN_FILE, segment_files, slug


@given(st.text())
def test_a_slug_is_plain_whatever_the_name(name: str) -> None:
    made = slug(name)
    assert 0 < len(made) <= 48
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert made.strip("-") == made


@given(st.lists(st.text(), unique=True, min_size=1, max_size=120))
def test_no_two_segments_share_a_file(names: list[str]) -> None:
    files = segment_files(names, "csv")
    assert len({path.lower() for path in files.values()}) == len(names)
    assert all(OWN_FILE.fullmatch(path) for path in files.values())


@pytest.mark.parametrize(("count", "first"), [(1, "01"), (99, "01"), (100, "001")])
def test_numbers_are_as_wide_as_sorting_needs(count: int, first: str) -> None:
    files = segment_files([f"s{i}" for i in range(count)], "parquet")
    assert files["s0"] == f"segments/{first}_s0.parquet"
    assert sorted(files.values()) == list(files.values())
