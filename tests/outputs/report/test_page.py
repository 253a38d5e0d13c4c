"""The report as a file: whole, harmless, equal for equal runs."""

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from analysis import Run
from outputs.report import html_report
from retention.policy.yaml_text import policy_from_yaml, policy_to_yaml
from run_store import load_policy
from tests.outputs.report.runs import synthetic_run

HOSTILE = '<script>alert(1)</script><img src="https://evil.example/x.png" onerror="alert(1)">'
VOID = {"meta", "rect", "circle", "line", "path", "br"}


class Reader(HTMLParser):
    """Counts tags, collects text and attributes, and checks that tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(content: bytes) -> Reader:
    reader = Reader()
    reader.feed(content.decode())
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def run() -> Run:
    return synthetic_run()


def test_every_segment_stands_in_it_with_its_size(run: Run) -> None:
    text = " ".join(read(html_report(run)).text)
    for segment, size in zip(run.segmentation.tree.segments, run.segmentation.sizes, strict=True):
        assert segment.name in text
        assert f"{size:,}" in text
        assert segment.campaign.offer in text


def test_it_has_the_pictures_the_proof_and_the_hashes(run: Run) -> None:
    reader = read(html_report(run, versions={"program": "9.9.9"}))
    text = " ".join(reader.text)
    assert reader.tags["svg"] == 4
    assert "Every possible customer falls into exactly one segment." in text
    assert {run.policy_hash, run.input_hash, "9.9.9"} <= set(reader.text)


def test_nothing_in_it_loads_runs_or_leads_anywhere(run: Run) -> None:
    reader = read(html_report(run))
    assert not {"script", "img", "link", "iframe", "object", "form", "a", "use", "image"} & reader.tags.keys()
    assert not [name for name, _ in reader.attributes if name.startswith("on") or name in {"src", "href"}]
    content = html_report(run).decode()
    assert "default-src 'none'" in content
    assert not re.search(r"https?://|url\(|@import", content)


def test_hostile_names_stay_text() -> None:
    text = policy_to_yaml(load_policy("five-segments"))
    policy = policy_from_yaml(text.replace("VIP Active", "'<script>alert(1)</script>'"), source="test")
    reader = read(html_report(synthetic_run(policy)))
    assert not {"script", "img"} & reader.tags.keys()
    assert "<script>alert(1)</script>" in reader.text


def test_hostile_file_names_and_versions_stay_text(run: Run) -> None:
    reader = read(html_report(run, versions={HOSTILE: HOSTILE}))
    assert not {"script", "img"} & reader.tags.keys()
    assert reader.text.count(HOSTILE) == 2


def test_equal_runs_give_equal_bytes() -> None:
    assert html_report(synthetic_run()) == html_report(synthetic_run())


def test_no_customer_is_in_it(run: Run) -> None:
    content = html_report(run).decode()
    customers = run.segmentation.customers
    assert not [address for address in customers["email"].dropna() if address in content]
    assert not [user for user in customers["user_id"] if f">{user}<" in content]


@pytest.mark.parametrize("policy", ["twelve-leaf", "aov-buckets", "value-recency"])
def test_every_shipped_policy_can_be_reported(policy: str) -> None:
    reader = read(html_report(synthetic_run(policy)))
    assert reader.tags["svg"] == 4


def test_headings_go_down_one_step_at_a_time(run: Run) -> None:
    levels = [int(found) for found in re.findall(r"<h(\d)>", html_report(run).decode())]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_a_universe_of_one_is_reported() -> None:
    alone = synthetic_run(size=8)
    assert alone.accounting.universe < 8
    assert "All abandoners" in html_report(alone).decode()
