"""Hostile text through every sink: no script runs, no request leaves, no formula lives, no file lands elsewhere."""

import csv
import io
import json
import re
import zipfile
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from analysis import Run, Settings, analyze
from data_ingestion import read_customers
from frontend.components.segments.tree_page import page_of
from outputs import archive, write_outputs
from outputs.report import html_report
from retention.partition.outline import outline
from retention.period import Window
from retention.policy.yaml_text import policy_from_yaml, policy_to_yaml

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "![x](http://evil.example/x.png)",
    "[x](javascript:alert(1))",
    "</script><script>fetch('http://evil.example')</script>",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "../../outside",
    "/etc/outside",
    "'; DROP TABLE runs; --",
    "{{7*7}}${7*7}",
    "VIP",
    "vip",
    "url(http://evil.example)",
)
FORMULA = re.compile(r"\s*[=+\-@\t\r\n\0]")


def policy_text() -> str:
    """Return a policy whose title, description, branches, leaves and campaigns are hostile."""
    values = [text for text in HOSTILE if text != "vip"]
    texts = dict.fromkeys(("audience", "message", "channel", "timing"), HOSTILE[0])
    policy = {
        "name": "hostile",
        "title": HOSTILE[1],
        "description": HOSTILE[2],
        "tree": {
            "split": "region",
            "groups": {text: [text] for text in values},
            "else": "vip",
            "missing": "vip",
            "branches": {text: text for text in (*values, "vip")},
        },
        "segments": {text: texts | {"offer": text} for text in HOSTILE},
    }
    return json.dumps(policy, ensure_ascii=False)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    source = tmp_path_factory.mktemp("in") / "shop <img src=x onerror=alert(1)>.csv"
    with source.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["user_id", "cart_abandoned_date", "region", "first_name", "email", "avg_order_value"])
        for number in range(20 * len(HOSTILE)):
            text = HOSTILE[number % len(HOSTILE)]
            rows.writerow([f"{text}{number}", "2025-09-30", text, text, f"{text}@example.com", number])
    policy = policy_from_yaml(policy_text())
    return analyze(read_customers([source]), policy, Settings(window=Window.ending(date(2025, 9, 30))))


class Collector(HTMLParser):
    """Collects the tags and the attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_the_corpus_reaches_the_segments(run: Run) -> None:
    assert {segment.name for segment in run.segmentation.tree.segments} == {*HOSTILE} - {"vip"}


def test_no_file_lands_outside_the_folder_and_no_name_is_taken_from_text(run: Run, tmp_path: Path) -> None:
    write_outputs(run, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert not (tmp_path.parent / "outside").exists()
    for path in (tmp_path / "out" / "segments").iterdir():
        assert re.fullmatch(r"\d\d_[a-z0-9-]+\.csv", path.name)


def test_no_formula_lives_in_files_for_spreadsheets(run: Run) -> None:
    with zipfile.ZipFile(io.BytesIO(archive(run, "spreadsheet"))) as files:
        names = [name for name in files.namelist() if name.endswith(".csv")]
        assert all(".." not in name and not name.startswith("/") for name in files.namelist())
        for name in names:
            for row in csv.reader(io.StringIO(files.read(name).decode("utf-8-sig"))):
                alive = [cell for cell in row if FORMULA.match(cell) and not re.fullmatch(r"-?[\d.e+-]+", cell)]
                assert not alive, (name, alive)


def test_ids_for_machines_are_what_came_in(run: Run, tmp_path: Path) -> None:
    write_outputs(run, tmp_path / "out")
    with (tmp_path / "out" / "segment_assignments.csv").open(encoding="utf-8", newline="") as stream:
        ids = [row["user_id"] for row in csv.DictReader(stream)]
    assert ids == [f"{HOSTILE[number % len(HOSTILE)]}{number}" for number in range(20 * len(HOSTILE))]


def test_the_report_has_no_script_no_handler_and_nothing_to_fetch(run: Run) -> None:
    found = Collector()
    found.feed(html_report(run).decode())
    assert not found.tags & {"script", "img", "iframe", "object", "embed", "link", "form", "a"}
    assert not [name for name, _ in found.attributes if name.startswith("on") or name in ("src", "href")]
    assert not [value for _, value in found.attributes if "evil.example" in value and "url(" in value]


@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_of_the_tree_carries_text_as_text(run: Run, dark: bool) -> None:
    names = run.scores.table["Segment"]
    colours, places = dict.fromkeys(names, "#000000"), dict.fromkeys(names, 0)
    page = page_of(outline(run.segmentation, {}), colours, places=places, dark=dark)
    for text in HOSTILE:
        if "<" in text:
            assert text not in page
    found = Collector()
    found.feed(page)
    assert "img" not in found.tags
    assert not [name for name, _ in found.attributes if name in ("onerror", "onload")]
    assert not [value for name, value in found.attributes if name in ("src", "href") and "//" in value]


def test_a_hostile_policy_survives_the_way_to_yaml_and_back(run: Run) -> None:
    assert policy_from_yaml(policy_to_yaml(run.policy)) == run.policy
