"""What the pages stand on, without a page."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from analysis import Settings
from data_ingestion import Intake, intake_of_frame
from frontend.components.segments.tree_page import page_of
from frontend.utils import figures, files, format as fmt, messages, palette, policies, runs
from frontend.utils.store import Store
from retention.errors import PeriodError, Remedy, Setting
from retention.partition.outline import TreeNode
from retention.policy.policy import Sizes

HOSTILE = "</script><script>alert(1)</script>![x](http://host/p.gif)<b>&"
NODES = (
    TreeNode("0", "", 0, "All abandoners", "everyone", 10, 1.0),
    TreeNode("0.0", "0", 1, "order value at most 5", "order value at most 5", 4, 0.4, HOSTILE[:60], 0.2),
    TreeNode("0.1", "0", 1, "order value over 5", "order value over 5", 6, 0.6, "VIP", None),
)
COLOURS = dict(zip([HOSTILE[:60], "VIP"], palette.SEGMENTS, strict=False))
PLACES = {name: place for place, name in enumerate(COLOURS)}
SCORES = pd.DataFrame(
    {
        "Segment": ["VIP", HOSTILE[:60]],
        "Size": [6, 4],
        "Conv_Pot": [0.4, 0.2],
        "Profitability": [0.6, float("nan")],
        "Overall_Score": [0.5, 0.3],
    }
)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", [*palette.SEGMENTS, *palette.QUIET, palette.NOBODYS])
def test_white_text_on_a_segment_and_the_segment_on_dark_can_be_read(colour: str) -> None:
    assert contrast(colour, "#ffffff") >= 4.5
    assert contrast(colour, palette.DARK.background) >= 3


@pytest.mark.parametrize("surface", [palette.LIGHT, palette.DARK])
def test_text_of_the_tree_can_be_read_in_both_themes(surface: palette.Surface) -> None:
    assert contrast(surface.text, surface.panel) >= 4.5
    assert contrast(surface.muted, surface.panel) >= 4.5


def test_measures_and_groups_never_look_like_segments() -> None:
    assert set(palette.SEGMENTS).isdisjoint([*palette.QUIET, *palette.LINES, palette.NOBODYS])
    assert set(palette.OF_MEASURES.values()) <= set(palette.QUIET)


@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_of_the_tree_asks_nobody_and_runs_nothing(dark: bool) -> None:
    page = page_of(NODES, COLOURS, places=PLACES, dark=dark)
    assert not re.findall(r"<(?:link|script|img)[^>]*?(?:href|src)=\"https?://", page)
    assert "bootstrap" not in page[page.rindex("<body") - 2000 :]
    assert "</script><script>alert(1)" not in page
    assert page_of(NODES, COLOURS, places=PLACES, dark=dark) == page


def test_the_picture_of_the_tree_has_each_node_in_both_layouts_and_no_physics() -> None:
    page = page_of(NODES, COLOURS, places=PLACES, dark=False)
    found = re.search(r"const layouts = (\{.*\});", page)
    assert found is not None
    layouts = json.loads(found[1])
    for layout in layouts.values():
        assert [place["id"] for place in layout["places"]] == ["0", "0.0", "0.1"]
        assert all(0 < place["x"] < layout["width"] for place in layout["places"])
        assert all(0 < place["y"] < layout["height"] for place in layout["places"])
    assert '"physics": {"enabled": false}' in page
    assert layouts["narrow"]["width"] <= 340


def test_names_in_charts_are_text() -> None:
    drawn = [
        figures.sizes(SCORES, COLOURS),
        figures.priority(SCORES, COLOURS, dark=False),
        figures.composition(SCORES[["Segment", "Conv_Pot"]]),
    ]
    for figure in drawn:
        text = figure.to_json().replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u002f", "/")
        assert not re.search(r"<(?!/?b>|br>|/?extra>)", text)


def test_a_segment_without_a_measure_is_left_out_of_the_map_only() -> None:
    assert len(figures.priority(SCORES, COLOURS, dark=False).data[0].x) == 1
    assert len(figures.sizes(SCORES, COLOURS).data[0].x) == 2


def test_the_map_shows_ranks_where_names_would_overlap() -> None:
    many = pd.DataFrame(
        {
            "Segment": [f"Segment {n}" for n in range(9)],
            "Size": range(9, 0, -1),
            "Conv_Pot": 0.4,
            "Profitability": 0.5,
            "Overall_Score": 0.5,
        }
    )
    colours = dict.fromkeys(many["Segment"], palette.NOBODYS)
    assert sorted(figures.priority(many, colours, dark=False).data[0].text, key=int) == [str(n) for n in range(1, 10)]
    bars = figures.sizes(many, colours)
    assert bars.data[0].y[0].startswith("1. ")


def test_a_store_is_bounded_in_number_and_in_size() -> None:
    store = Store[str](entries=3, size=10, size_of=len)
    for key in "abcd":
        store.get(key, key.lower)
    assert [key in store for key in "abcd"] == [False, True, True, True]
    store.get("long", lambda: "x" * 9)
    assert [key in store for key in ("b", "c", "d", "long")] == [False, False, True, True]


def test_a_store_forgets_a_maker_that_failed() -> None:
    store = Store[str](entries=3, size=10, size_of=len)

    def fail() -> str:
        raise PeriodError("no")

    with pytest.raises(PeriodError, match="no"):
        store.get("a", fail)
    assert store.get("a", lambda: "made") == "made"


@dataclass(frozen=True)
class Sent:
    name: str
    content: bytes

    def getvalue(self) -> bytes:
        return self.content


@given(names=st.lists(st.text(max_size=150), min_size=1, max_size=4))
def test_uploads_land_in_the_folder_whatever_they_are_called(
    names: Sequence[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("upload")
    paths = files.write_all([Sent(name, name.encode(errors="replace")) for name in names], folder)
    assert all(path.resolve().parent.parent == folder.resolve() for path in paths)
    assert [path.read_bytes() for path in paths] == [name.encode(errors="replace") for name in names]


@given(st.text())
def test_escaped_text_is_one_line_and_loses_nothing_else(text: str) -> None:
    shown = fmt.plain(text)
    assert not set(shown) & set("\r\n")
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", shown) == re.sub(r"\s*[\r\n\u2028\u2029]\s*", " ", text)


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0 %"), (0.001, "< 1 %"), (0.28, "28 %"), (0.999, "> 99 %"), (1.0, "100 %"), (float("nan"), "not known")],
)
def test_a_share_is_never_rounded_to_nothing_or_to_everything(share: float, shown: str) -> None:
    assert fmt.percent(share).replace("\u00a0", " ") == shown


def test_errors_name_widgets_instead_of_options() -> None:
    error = PeriodError("the window is empty", where=Setting.WINDOW, remedies=(Remedy(Setting.WINDOW),))
    said = f"{messages.title(error)} {messages.details(error)}".replace("\\", "")
    assert said == "The window is empty. At: 'First of seven days'. Set 'First of seven days'."


def intake(name: str, fingerprint: str) -> Intake:
    frame = pd.DataFrame({"user_id": ["u1"], "cart_abandoned_date": pd.to_datetime(["2025-09-01"], utc=True)})
    return intake_of_frame(frame.astype({"user_id": "str"}), name=name, fingerprint=fingerprint)


def test_everything_that_decides_a_run_is_in_its_key() -> None:
    shipped = policies.shipped()
    one, other = shipped["five-segments"], shipped["aov-buckets"]
    keys = [
        runs.run_key(intake("a", "1"), one, Settings()),
        runs.run_key(intake("a", "2"), one, Settings()),
        runs.run_key(intake("a", "1"), other, Settings()),
        runs.run_key(intake("a", "1"), one, Settings(sizes=Sizes(min_size=7))),
        runs.run_key(intake("a", "1"), one, Settings(currency="EUR")),
    ]
    assert len(set(keys)) == len(keys)
    assert runs.run_key(intake("a", "1"), one, Settings()) == keys[0]


def test_the_settings_are_read_inside_the_folder_too(root: Path) -> None:
    command = [sys.executable, "-m", "streamlit", "config", "show"]
    done = subprocess.run(command, cwd=root / "frontend", capture_output=True, text=True, check=True)
    shown = done.stdout
    assert re.search(r"^gatherUsageStats = false", shown, re.MULTILINE)
    assert re.search(r"^showErrorDetails = \"none\"", shown, re.MULTILINE)
