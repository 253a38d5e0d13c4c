"""Whose colour is which."""

from outputs.report.colours import NOBODYS, SEGMENTS, of_segments
from run_store import load_policy

POLICY = load_policy("five-segments")


def test_a_segment_keeps_its_colour_whoever_else_is_left() -> None:
    leaves = list(POLICY.segments)
    everyone = of_segments(POLICY, leaves)
    assert len(set(everyone.values())) == len(leaves)
    assert set(everyone.values()) <= set(SEGMENTS)
    for name in leaves:
        assert of_segments(POLICY, [name]) == {name: everyone[name]}


def test_parts_have_the_colour_of_the_whole_and_the_rest_has_nobodys() -> None:
    name = next(iter(POLICY.segments))
    colours = of_segments(POLICY, [name, f"{name}, low cart value", f"{name}, high cart value, low recency", "Other"])
    assert [colours[each] for each in colours] == [colours[name]] * 3 + [NOBODYS]


def test_each_segment_of_a_shipped_policy_has_a_colour_of_its_own() -> None:
    twelve = load_policy("twelve-leaf")
    assert len(set(of_segments(twelve, list(twelve.segments)).values())) == 12
