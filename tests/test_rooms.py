"""Rooms are small, their maps name what is in them, and a name means one thing in the whole house."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.source_rules import LAYERS

MOST_FILES = 20


def packages(root: Path) -> list[Path]:
    """Return every folder of product code."""
    tops = sorted(name for layer in LAYERS for name in layer if (root / name).is_dir())
    return [folder.parent for top in tops for folder in sorted((root / top).rglob("__init__.py"))]


def product_files(root: Path) -> list[Path]:
    """Return every file of product code."""
    names = sorted(name for layer in LAYERS for name in layer)
    found = [path for name in names for path in (root / name).rglob("*.py")]
    return [*found, *(path for path in root.glob("*.py") if path.stem in names)]


def unnamed(folder: Path) -> list[str]:
    """Return the files and folders of a package that the map in its `__init__` does not name at the start of a line."""
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    listed = re.findall(r"^((?:[a-z0-9_]+, )*[a-z0-9_]+)/?(?: |$)", text, flags=re.MULTILINE)
    named = {name for names in listed for name in names.split(", ")}
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    rooms = {path.parent.name for path in folder.glob("*/__init__.py")}
    return sorted((files | rooms) - named)


def meanings(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Return the files that define each public class."""
    where = defaultdict(list)
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where[node.name].append(path.as_posix())
    return where


def other_meanings(paths: Iterable[Path]) -> list[str]:
    """Return the classes whose names a file gives to something else at its top, such as a shorthand of a type."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")).body for path in paths}
    classes = {node.name for body in trees.values() for node in body if isinstance(node, ast.ClassDef)}
    assigned = [(path, node) for path, body in trees.items() for node in body if isinstance(node, ast.Assign)]
    return [f"{path}: {ast.unparse(node.targets[0])}" for path, node in assigned if _names(node) & classes]


def _names(node: ast.Assign) -> set[str]:
    return {target.id for target in node.targets if isinstance(target, ast.Name)}


def nearly_equal(names: Iterable[str]) -> list[str]:
    """Return the names that differ from another one by an s at the end."""
    known = set(names)
    return sorted(name for name in known if f"{name}s" in known)


def test_no_room_holds_more_files_than_one_can_see(root: Path) -> None:
    rooms = packages(root)
    assert len(rooms) > MOST_FILES
    assert not [folder for folder in rooms if len(list(folder.glob("*.py"))) > MOST_FILES]


def test_the_map_of_each_room_names_what_is_in_it(root: Path) -> None:
    rooms = packages(root)
    assert not {folder.relative_to(root).as_posix(): names for folder in rooms if (names := unnamed(folder))}


def test_a_file_that_the_map_forgets_is_seen(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text('"""A room.\n\nlamp  gives light\n"""\n', encoding="utf-8")
    for name in ("lamp", "chair"):
        (tmp_path / f"{name}.py").write_text("", encoding="utf-8")
    assert unnamed(tmp_path) == ["chair"]


def test_a_class_name_means_one_thing(root: Path) -> None:
    assert not {name: files for name, files in meanings(product_files(root)).items() if len(files) > 1}


def test_a_class_name_that_means_two_things_is_seen(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.py").write_text("class Plan: ...", encoding="utf-8")
    assert set(meanings(tmp_path.glob("*.py"))) == {"Plan"}
    assert len(meanings(tmp_path.glob("*.py"))["Plan"]) == 2


def test_the_name_of_a_class_is_no_shorthand_of_another_type(root: Path, tmp_path: Path) -> None:
    assert not other_meanings(product_files(root))
    (tmp_path / "a.py").write_text("class Plan: ...", encoding="utf-8")
    (tmp_path / "b.py").write_text("Plan = tuple[int, ...]", encoding="utf-8")
    assert other_meanings(sorted(tmp_path.glob("*.py"))) == [f"{tmp_path / 'b.py'}: Plan"]


@pytest.mark.parametrize("top", sorted(name for layer in LAYERS for name in layer))
def test_no_two_files_of_a_package_differ_by_an_s(root: Path, top: str) -> None:
    assert not nearly_equal(path.stem for path in (root / top).rglob("*.py"))


def test_names_that_differ_by_an_s_are_seen() -> None:
    assert nearly_equal(["store", "stores", "glass"]) == ["store"]
