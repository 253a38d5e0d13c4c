"""The guesser, measured on layouts of real exports: the right kind and columns, and never a wrong customer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from data_ingestion import ReadOptions
from data_ingestion.files.peek import peek
from data_ingestion.formats.base import KEYS
from data_ingestion.formats.header import best_format, recognise
from data_ingestion.recognition.guess import SURE, guess_layouts

TABLE = Path(__file__).parents[2] / "data" / "layouts.txt"
MONEY = ("total", "price", "subtotal")
LEAST_RIGHT = 0.95


@dataclass(frozen=True)
class Layout:
    """A layout of the table: what it is, and the headers that are right for each part."""

    name: str
    kind: str
    customer: frozenset[str]
    time: frozenset[str]
    money: frozenset[str]
    text: str


@dataclass(frozen=True)
class Answer:
    """What a file was taken for: its columns with their headers, and how sure each is."""

    kind: str
    columns: Mapping[str, tuple[str, float]]

    def header(self, *columns: str) -> str:
        """Return the header of the surest of some columns; `""`: there is none."""
        found = [self.columns[column] for column in columns if column in self.columns]
        return max(found, key=lambda each: each[1])[0] if found else ""


def _layouts() -> list[Layout]:
    blocks = TABLE.read_text(encoding="utf-8").split("=== ")[1:]
    layouts = []
    for block in blocks:
        head, _, text = block.partition("\n")
        name, kind, *parts = (part.strip() for part in head.split("|"))
        customer, time, money = (frozenset(part.strip() for part in each.split(" / ")) for each in parts)
        layouts.append(Layout(name, kind, customer, time, money, text.strip() + "\n"))
    return layouts


LAYOUTS = _layouts()


def answer(layout: Layout, folder: Path) -> Answer:
    path = folder / "table.csv"
    path.write_text(layout.text, encoding="utf-8")
    start = peek(path, path.name, ReadOptions())
    known = best_format(start.names)
    if known is not None:
        found = recognise(start.names, path.name, known).found
        return Answer(known.name, {column.name: (start.names[place], 1.0) for place, column in found})
    guess = next(iter(guess_layouts(start)), None)
    if guess is None:
        return Answer("", {})
    return Answer(guess.template.name, {each.column: (each.header, each.confidence) for each in guess.columns})


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    """What each layout was taken for."""
    folder = tmp_path_factory.mktemp("layouts")
    return {layout.name: answer(layout, folder) for layout in LAYOUTS}


def faults(layout: Layout, given: Answer) -> list[str]:
    """Return what is wrong in an answer."""
    time = " + ".join(filter(None, (given.header("time"), given.header("clock"))))
    parts = {
        "customer": (given.header(*KEYS), layout.customer),
        "time": (time, layout.time),
        "money": (given.header(*MONEY), layout.money),
    }
    wrong = [f"{part} = '{found}'" for part, (found, right) in parts.items() if found not in right]
    return wrong if given.kind == layout.kind else [f"kind = '{given.kind}'", *wrong]


@pytest.mark.slow
def test_nearly_all_layouts_are_taken_for_what_they_are(
    answers: dict[str, Answer], record_property: Callable[[str, object], None]
) -> None:
    wrong = {layout.name: found for layout in LAYOUTS if (found := faults(layout, answers[layout.name]))}
    share = 1 - len(wrong) / len(LAYOUTS)
    record_property("layouts taken for what they are", f"{len(LAYOUTS) - len(wrong)} of {len(LAYOUTS)}")
    assert len(LAYOUTS) >= 40
    assert share >= LEAST_RIGHT, wrong


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_wrong_customer_is_never_sure(layout: Layout, answers: dict[str, Answer]) -> None:
    given = answers[layout.name]
    sure = {given.columns[key][0] for key in KEYS if given.columns.get(key, ("", 0.0))[1] >= SURE}
    assert {header for header in sure if header not in layout.customer and "hone" not in header} == set()


def test_each_layout_stands_in_the_documentation() -> None:
    page = (TABLE.parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    table = page.partition("### Known layouts")[2].partition("###")[0]
    assert [layout.name for layout in LAYOUTS if layout.name not in table] == []
