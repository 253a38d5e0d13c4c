"""Every number that pages show has an entry in the glossary, and its help leads there."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from frontend.utils.glossary import glossary
from retention.scores.measures import MEASURES
from tests.frontend.opening import dashboard

NO_MEASURE = {"Change", "later", "in the draft"}
"""Columns that go on with the one before them."""


def labels(root: Path) -> Iterator[str]:
    """Yield the label of every number, and of every column of numbers, that stands in the source of a page."""
    for file in sorted((root / "frontend").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"pieces.number", "c.NumberColumn"}:
                yield from texts(node.args[:1])
                yield from texts([each.value for each in node.keywords if each.arg == "label"])
            elif isinstance(node, ast.Dict):
                of_numbers = [key for key, value in zip(node.keys, node.values, strict=True) if is_number(value)]
                yield from (text for text in texts(of_numbers) if text[0].isupper())


def is_number(value: ast.expr) -> bool:
    """Return whether a column is of numbers and is called as its key."""
    return bool(re.search(r"pieces\.money\((?!.*label=)|c\.NumberColumn\((?!')", ast.unparse(value)))


def texts(nodes: Sequence[ast.expr | None]) -> Iterator[str]:
    yield from (str(node.value) for node in nodes if isinstance(node, ast.Constant))


def test_every_measure_that_is_shown_has_an_entry(root: Path) -> None:
    shown = {*labels(root), *(measure.label for measure in MEASURES.values())} - NO_MEASURE
    assert len(shown) > 30
    assert sorted(word for word in shown if not glossary().help(word)) == []


def test_entries_say_what_how_and_from_what() -> None:
    entries = glossary().text.split("\n### ")[1:]
    words = [entry.partition("\n")[0] for entry in entries]
    assert len(set(words)) == len(words)
    assert not [word for word, entry in zip(words, entries, strict=True) if "Computed: " not in entry]


def test_the_help_of_a_number_leads_to_its_entry(root: Path) -> None:
    page = dashboard(root).run()
    page = page.switch_page("views/glossary.py").run()
    assert not page.exception
    assert "### Abandoners" in page.markdown[0].value
    assert glossary().help("Abandoners", "Of this week.") == "Of this week. [Glossary](glossary#abandoners)"
    assert glossary().help("No such word") is None
