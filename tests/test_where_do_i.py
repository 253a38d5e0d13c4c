"""The pages for developers say what is true: every path is there, and what exists was added as they say."""

import ast
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from typer.main import get_command

from audience_export import PLATFORMS
from audience_export.platform import Platform
from data_ingestion.formats import FORMATS, Format
from frontend.components.settings.settings_form import FIELDS
from main import app
from retention.policy.policy import Weights
from retention.scores.measures import MEASURES
from run_store import Preferences
from tests import source_rules, test_architecture
from tests.audience_export.validators import VALIDATORS
from tests.source_rules import LAYERS

PAGES = ("README.md", "docs/architecture.md", "docs/where-do-i.md", "CONTRIBUTING.md", "SECURITY.md")
ENDINGS = ("/", ".py", ".md", ".yaml", ".json", ".toml", ".txt")


def pages(root: Path) -> list[Path]:
    return [*(root / page for page in PAGES), *(root / "docs" / "decisions").glob("*.md")]


def text_of(root: Path, page: str) -> str:
    return (root / page).read_text(encoding="utf-8")


def paths_in(text: str) -> Iterator[str]:
    """Yield what stands in code marks and looks like a path from the root."""
    for code in re.findall(r"`([^`\n]+)`", text):
        if re.fullmatch(r"[\w.<>/-]+", code) and "/" in code and code.endswith(ENDINGS):
            yield code


def section(page: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one."""
    (text,) = [part for part in re.split(r"^## ", page, flags=re.MULTILINE) if part.startswith(heading)]
    return text


def is_there(path: str, folders: tuple[Path, ...]) -> bool:
    """Return whether a path exists, or for one with a name to choose, whether one like it exists."""
    pattern = re.sub(r"<\w+>", "*", path).rstrip("/")
    return any(next(folder.glob(pattern), None) is not None for folder in folders)


def made_in(folder: Path, root: Path, kind: type) -> dict[str, list[Any]]:
    """Return the modules of a folder that make values of a kind, with these values; what they import does not count."""
    made = dict[str, list[Any]]()
    for path in folder.rglob("*.py"):
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        own = re.findall(r"^(\w+)(?:: [^=]+)? = ", path.read_text(encoding="utf-8"), re.MULTILINE)
        values = [vars(import_module(name)).get(each) for each in own] if path.name != "__init__.py" else []
        made[name] = [value for value in values if isinstance(value, kind)]
    return made


def test_every_path_on_a_page_for_developers_is_there(root: Path) -> None:
    missing = {
        f"{page.name}: {path}"
        for page in pages(root)
        for path in paths_in(page.read_text(encoding="utf-8"))
        # A room of the domain may be named from within it.
        if not is_there(path, (root, root / "retention"))
    }
    assert not missing


def test_every_file_that_is_named_without_its_folder_is_somewhere(root: Path) -> None:
    names = {Path(source.path).name for source in test_architecture.sources(root)}
    for page in pages(root):
        told = re.findall(r"`([a-z_]+\.py)`", page.read_text(encoding="utf-8"))
        assert not set(told) - names, page.name


def test_a_path_that_is_not_there_is_found(root: Path) -> None:
    told = list(
        paths_in("See `retention/no_such_file.py` and `audience_export/platforms/<platform>.py`, not `a/b` or `x.py`.")
    )
    assert told == ["retention/no_such_file.py", "audience_export/platforms/<platform>.py"]
    assert [is_there(path, (root,)) for path in told] == [False, True]


def test_the_rooms_stand_in_the_order_that_the_imports_keep(root: Path) -> None:
    table = section(text_of(root, "docs/architecture.md"), "Rooms").split("###")[0]
    rows = [frozenset(re.findall(r"`(\w+)`", row)) for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)]
    assert rows == list(LAYERS)


def test_each_room_of_the_domain_and_of_what_comes_in_is_described(root: Path) -> None:
    text = text_of(root, "docs/architecture.md")
    rooms = {
        f"{top}/{path.parent.name}/"
        for top in ("retention", "data_ingestion")
        for path in root.glob(f"{top}/*/__init__.py")
    }
    assert {room for room in rooms if f"| `{room}` |" not in text} == set()
    assert len(rooms) > len(LAYERS)


def test_each_file_of_a_format_is_registered_and_each_format_is_on_the_page_about_data(root: Path) -> None:
    folder = root / "data_ingestion" / "formats"
    made = made_in(folder, root, Format)
    # Nothing is recognised as one of these: what a column mapping can say a row is, and a file that is only looked at.
    del made["data_ingestion.formats.generic"], made["data_ingestion.formats.header"]
    assert {each.name for values in made.values() for each in values} == {each.name for each in FORMATS} - {"customers"}
    table = section(text_of(root, "docs/data.md"), "Formats")
    assert not [each.title for each in FORMATS if f"| {each.title}" not in table]


def test_each_platform_is_where_the_page_says(root: Path) -> None:
    made = made_in(root / "audience_export" / "platforms", root, Platform)
    assert {each.name for values in made.values() for each in values} == set(PLATFORMS) == set(VALIDATORS)
    for page in ("cli/options/audiences.py", "docs/audiences.md", "docs/command-line.md"):
        text = text_of(root, page)
        assert not [name for name in PLATFORMS if name not in text], page


def test_each_measure_has_a_weight_a_section_and_its_columns(root: Path) -> None:
    assert {measure.weight for measure in MEASURES.values()} == Weights.model_fields.keys()
    headings = re.findall(r"^## (\w+)", text_of(root, "docs/measures.md"), re.MULTILINE)
    assert set(MEASURES) <= set(headings)
    outputs = text_of(root, "docs/outputs.md")
    assert not [name for name in MEASURES if f"| `{name}` |" not in outputs]
    for page in ("docs/policies.md", "docs/command-line.md"):
        text = text_of(root, page)
        assert not [name for name in Weights.model_fields if f"`{name}`" not in text], page


def navigation(root: Path) -> dict[str, str]:
    """Return the file of each page of the dashboard and its title, as `frontend/app.py` declares them."""
    nodes = ast.parse(text_of(root, "frontend/app.py")).body
    tables = [node for node in nodes if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PAGES"]
    parts = ast.literal_eval(tables[0].value).values()
    return {f"views/{file}.py": words[0] for pages in parts for file, words in pages.items()}


def test_each_page_is_in_the_navigation_has_components_tests_and_a_section(root: Path) -> None:
    declared = navigation(root)
    views = root / "frontend" / "views"
    assert {f"views/{path.name}" for path in views.glob("*.py") if path.stem != "__init__"} == set(declared)
    guide = re.findall(r"^## (.+)$", text_of(root, "docs/dashboard.md"), re.MULTILINE)
    tests = "".join(path.read_text(encoding="utf-8") for path in (root / "tests" / "frontend").rglob("test_*.py"))
    for path, title in declared.items():
        assert title in guide
        assert "from frontend.components" in (root / "frontend" / path).read_text(encoding="utf-8")
        assert re.search(rf"""["/]{Path(path).stem}["."]""", tests), f"no test opens {path}"


def test_each_command_has_its_file_its_tests_and_its_place_on_the_page(root: Path) -> None:
    group: Any = get_command(app)
    commands = {*group.commands, "segment"}
    files = {path.stem for path in (root / "cli" / "commands").glob("*.py") if path.stem != "__init__"}
    assert commands == files
    tests = "".join(path.read_text(encoding="utf-8") for path in (root / "tests" / "cli").rglob("test_*.py"))
    guide = text_of(root, "docs/command-line.md")
    for name in commands:
        assert f'"{name}"' in tests, f"no test runs {name}"
        assert re.search(rf"main\.py \[?{name}\b", guide), f"{name} is not on the page"


def test_each_policy_is_tested_and_on_the_pages(root: Path) -> None:
    names = [path.stem for path in (root / "policies").glob("*.yaml")]
    assert names
    for page in ("tests/test_policies.py", "docs/policies.md", "docs/command-line.md"):
        text = text_of(root, page)
        assert not [name for name in names if name not in text], page


def test_each_setting_is_a_field_of_the_settings_page() -> None:
    shown = {"weights" if name.startswith("weight-") else name for name in FIELDS}
    assert shown == set(Preferences.model_fields) - {"version"}


def test_each_house_rule_is_applied_and_shown_to_fail() -> None:
    written = {
        value
        for value in vars(source_rules).values()
        if callable(value) and getattr(value, "__annotations__", {}).get("return") == Iterator[str]
    }
    applied: set[Callable[..., Any]] = {*test_architecture.PRODUCT_RULES, *test_architecture.GENERAL_RULES}
    assert len(written) > 10
    assert written == applied
    assert applied == {rule for rule, _, _ in test_architecture.BROKEN}


def test_each_decision_is_in_both_lists_and_has_its_four_parts(root: Path) -> None:
    files = sorted((root / "docs" / "decisions").glob("0*.md"))
    assert [int(path.stem[:4]) for path in files] == list(range(1, len(files) + 1))
    architecture, index = text_of(root, "docs/architecture.md"), text_of(root, "docs/decisions/README.md")
    for path in files:
        title, *lines = path.read_text(encoding="utf-8").splitlines()
        headings = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
        assert headings == ["Context", "Decision", "What it costs", "How to reverse it"]
        assert f"[{title[2:]}](decisions/{path.name})" in architecture
        assert f"[{title[2:]}]({path.name})" in index
