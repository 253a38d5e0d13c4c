"""A statement gives every customer the segment that the engine gives, row by row."""

from math import inf, nan, nextafter

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.partition.fitted import FittedTree
from retention.policy.policy import Policy, fold_category
from retention.policy.yaml_text import policy_from_yaml, policy_to_yaml
from segmentation_engine import fit
from tests.retention.sql.databases import NAMES, answered, warehouse
from tests.strategies import cases, cut, frame_of, policy_of

BLANKS = "".join(each for each in map(chr, range(0x3001)) if each.isspace())


def check(name: str, frame: pd.DataFrame, tree: FittedTree) -> None:
    codes = tree.grid.look_up(frame, tree.segment_of_cell)
    names = [tree.segments[code].name for code in codes]
    rows = answered(name, warehouse(name, tree, frame).statement("segments"), frame)
    assert sorted(rows) == sorted(zip(frame["user_id"], names, strict=True))


@pytest.mark.untraced
@pytest.mark.parametrize("name", NAMES)
@given(case=cases(), smallest=st.sampled_from([1, 2, 5]))
def test_any_policy_gives_the_rows_of_the_engine(name: str, case: tuple[Policy, pd.DataFrame], smallest: int) -> None:
    policy, frame = case
    read = policy_from_yaml(policy_to_yaml(policy))
    sizes = read.sizes.model_copy(update={"min_size": smallest})
    tree = fit(pd.concat([frame] * 20, ignore_index=True), read, sizes=sizes)
    check(name, frame, tree)


@pytest.mark.parametrize("name", NAMES)
@given(edges=st.sets(st.floats(-1e299, 1e299), min_size=1, max_size=6))
def test_a_cut_is_the_same_to_the_last_bit(name: str, edges: set[float]) -> None:
    cuts = sorted(edges)
    branches = {f"b{i}": f"L{i}" for i in range(len(cuts) + 1)} | {"none": "None known"}
    policy = policy_of(cut("avg_order_value", [*cuts], branches, "none"), sizes={"min_size": 1})
    near = [value for edge in cuts for value in (edge, nextafter(edge, inf), nextafter(edge, -inf))]
    values = [*near, inf, -inf, nan, nan, 0.0, -0.0]
    frame = frame_of([{"avg_order_value": value} for value in values], ("avg_order_value",))
    tree = fit(pd.concat([frame] * 5, ignore_index=True), policy)
    check(name, frame, tree)


ODD = "\u00df\u1e9es\u017fI\u0130i\u0131\u212ak\ufb01fF\u03a3\u03c2\u03c3\u0149\u02bcn\u01f0\u0307\u00e9e\u0301a'\"\\%{"
"""Letters that become several, or whose lower case depends on the place or on the language; and what is quoted."""


@st.composite
def odd_categories(draw: st.DrawFn) -> tuple[Policy, pd.DataFrame]:
    words = st.text(st.sampled_from(ODD), min_size=1, max_size=4)
    listed = draw(st.lists(words.filter(lambda word: word.strip()), min_size=1, max_size=4, unique_by=fold_category))
    groups = {f"g{i}": [word] for i, word in enumerate(listed)}
    branches = {label: f"'{label}\\" for label in groups} | {"rest": "rest's", "none": 'none"'}
    tree = {"split": "region", "groups": groups, "else": "rest", "missing": "none", "branches": branches}
    blanks = st.text(st.sampled_from(BLANKS), max_size=3)
    spelt = st.sampled_from([str, str.upper, str.lower, str.title, str.casefold])
    same = st.builds(lambda word, change: change(word), st.sampled_from(listed), spelt)
    cells = st.tuples(blanks, same | words | st.just(""), blanks).map("".join) | st.none()
    rows = draw(st.lists(cells, min_size=1, max_size=30))
    frame = frame_of([{"region": cell} for cell in rows], ("region",))
    return policy_of(tree, sizes={"min_size": 1}), frame


@pytest.mark.parametrize("name", NAMES)
@given(case=odd_categories())
def test_categories_are_folded_as_here(name: str, case: tuple[Policy, pd.DataFrame]) -> None:
    policy, frame = case
    tree = fit(pd.concat([frame] * 20, ignore_index=True), policy)
    check(name, frame, tree)
