"""Any tree and any universe: fitted and assigned in parts as in one piece."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.errors import InputError
from retention.partition import cube
from retention.partition.parts import Add, PartedRows, S, Step
from retention.policy.policy import Policy, Sizes
from segmentation_engine import assign, assign_parts, fit, fit_parts
from tests.strategies import cases


class Held(PartedRows):
    """Rows in parts that are in memory all the same."""

    def __init__(self, frames: Iterable[pd.DataFrame]) -> None:
        self.frames = list(frames)
        self.none = self.frames[0].iloc[:0]

    @property
    def size(self) -> int:
        return sum(map(len, self.frames))

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return iter(self.frames)

    def fold(self, step: Step[S, pd.DataFrame], add: Add[S], columns: Sequence[str] | None = None) -> S:  # noqa: ARG002
        found: S | None = None
        for frame in self.frames:
            found = step(found, frame)
        assert found is not None
        return found

    def kept(self, of: Callable[[pd.DataFrame], pd.DataFrame]) -> PartedRows:
        return Held(map(of, self))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cube, "BLOCK", 4)


@given(cases(max_size=30), st.sampled_from([Sizes(min_size=1), Sizes(min_size=1, max_size=3), Sizes()]))
def test_parts_give_the_tree_the_segments_and_the_waves_of_one_piece(
    case: tuple[Policy, pd.DataFrame], sizes: Sizes
) -> None:
    policy, customers = case
    parts = Held(customers.iloc[start : start + 4] for start in range(0, len(customers), 4))
    try:
        tree = fit(customers, policy, sizes=sizes)
    except InputError as error:
        with pytest.raises(type(error), match=re.escape(str(error))):
            fit_parts(parts, policy, sizes=sizes)
        return
    again = fit_parts(parts, policy, sizes=sizes)
    assert (again.root, again.segments, again.thresholds) == (tree.root, tree.segments, tree.thresholds)
    assert again.sizing_log == tree.sizing_log
    one, other_one = assign(customers, tree), assign_parts(parts, again)
    assert other_one.sizes == one.sizes
    assert other_one.sizing_log == one.sizing_log
    for name in ("codes", "waves"):
        joined = np.concatenate([getattr(part, name) for part in other_one.in_parts()])
        np.testing.assert_array_equal(joined, getattr(one, name))
    for name in ("size", "center", "count", "total", "total_other", "product"):
        np.testing.assert_array_equal(getattr(other_one.cube, name), getattr(one.cube, name))
