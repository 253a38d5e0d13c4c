"""The pictures of the report."""

import re

import pandas as pd
import pytest

from outputs.report.charts import composition, priority, sizes
from outputs.report.colours import OF_MEASURES
from outputs.report.markup import escaped, table, wrapped
from outputs.report.tree import tree_picture
from retention.partition.outline import TreeNode

COLOURS = {"A": "#111111", "B": "#222222", "C": "#333333"}


def widths(picture: str, colour: str) -> list[float]:
    return [float(w) for w in re.findall(rf'width="([\d.]+)" height="24.0" rx="3" fill="{colour}"', picture)]


def test_bars_are_as_long_as_segments_are_large() -> None:
    picture = sizes(pd.DataFrame({"Segment": ["A", "B"], "Size": [300, 100]}), COLOURS)
    (long,), (short,) = widths(picture, "#111111"), widths(picture, "#222222")
    assert long / short == pytest.approx(3, rel=0.01)
    assert "300 \u00b7 75\u00a0%" in picture


def test_a_score_is_made_of_its_parts() -> None:
    parts = pd.DataFrame({"Segment": ["A"], "Conv_Pot": [0.3], "Profitability": [0.1], "Size_norm": [0.0]})
    picture = composition(parts)
    first, second = OF_MEASURES["Conv_Pot"], OF_MEASURES["Profitability"]
    assert widths(picture, first)[0] / widths(picture, second)[0] == pytest.approx(3, rel=0.01)
    assert "Relative size" not in picture
    assert ">0.40<" in picture


def test_circles_on_one_spot_keep_their_ranks_apart() -> None:
    table = pd.DataFrame(
        {
            "Segment": ["A", "B", "C"],
            "Size": [500, 490, 100],
            "Conv_Pot": [0.2, 0.201, 0.6],
            "Profitability": [0.5, 0.5, 0.9],
        }
    )
    picture = priority(table, COLOURS)
    places = {
        rank: float(x)
        for x, rank in re.findall(r'<text x="([\d.]+)" y="[\d.]+" text-anchor="\w+" class="\w+">(\d)<', picture)
    }
    assert places.keys() == {"1", "2", "3"}
    assert abs(places["1"] - places["2"]) > 40


def test_a_segment_without_a_measure_is_left_off_the_map() -> None:
    table = pd.DataFrame(
        {"Segment": ["A", "B"], "Size": [5, 5], "Conv_Pot": [0.2, float("nan")], "Profitability": [0.5, 0.5]}
    )
    assert priority(table, COLOURS).count("<circle") == 1
    assert priority(table.tail(1), COLOURS) == ""


def test_the_tree_draws_each_node_once_and_a_line_to_each_child() -> None:
    nodes = (
        TreeNode("0", "", 0, "all abandoners", "everyone", 10, 1.0),
        TreeNode("0.0", "0", 1, "x at most 1", "x at most 1", 4, 0.4, "A", 0.5),
        TreeNode("0.1", "0", 1, "x over 1", "x over 1", 6, 0.6, "B", float("nan")),
    )
    picture = tree_picture(nodes, COLOURS)
    assert picture.count("<rect") == 3
    assert picture.count("<path") == 2
    assert "4 \u00b7 40\u00a0% \u00b7 score 0.50" in picture
    assert "score not known" in picture


def test_a_tree_of_one_node_is_drawn() -> None:
    picture = tree_picture((TreeNode("0", "", 0, "all", "everyone", 3, 1.0, "A", None),), COLOURS)
    assert picture.count("<rect") == 1
    assert "<path" not in picture


def test_cells_are_escaped_and_numbers_align_right() -> None:
    drawn = table(("Name", "Size"), [("<b>", "1")], numbers=(1,))
    assert '<th scope="row">&lt;b&gt;</th><td class="number">1</td>' in drawn


def test_control_characters_never_reach_the_page() -> None:
    assert escaped("a\x00b\r\nc\u2028d") == "a b c d"


def test_long_names_end_in_an_ellipsis() -> None:
    lines = wrapped("word " * 60, 100, lines=2)
    assert len(lines) == 2
    assert lines[-1].endswith("\u2026")
