"""The page about audiences tells every platform, column, reason, header and key."""

import json
import re
from pathlib import Path

import pytest

from analysis import Run
from audience_export import PLATFORMS, AudienceRequest, LeftOut
from audience_export.lists import HEADERS
from audience_export.platform import OPTIONAL
from tests.audience_export.shops import files


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "audiences.md").read_text(encoding="utf-8")


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """Return the cells of the first table under a heading by the first name in the first cell."""
    (part,) = [part for part in re.split(r"^## ", page, flags=re.MULTILINE) if part.startswith(heading)]
    lines = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| `")]
    return {names[0]: cells for cells in lines if (names := re.findall(r"`([^`]+)`", cells[0]))}


def test_every_platform_is_told_with_its_columns_identifiers_and_limit(page: str) -> None:
    told = rows(page, "Platforms")
    assert list(told) == list(PLATFORMS)
    for name, platform in PLATFORMS.items():
        _, columns, known, needs, limit = told[name]
        if name != "json":
            assert re.findall(r"`([^`]+)`(\\\*)?", columns) == [
                (header, "\\*" if made in OPTIONAL else "") for header, made in platform.fields.items()
            ]
        assert re.findall(r"`(\w+)`", known) == [*platform.keys, *platform.lesser]
        assert re.findall(r"`(\w+)`", needs) == list(platform.needs)
        assert limit.strip() == (f"{platform.limit // 1_000_000} MB" if platform.limit else "none")


def test_every_reason_is_told_in_order(page: str) -> None:
    told = rows(page, "Who is left out")
    assert {name: cells[1].strip() for name, cells in told.items()} == {r.value: r.sentence for r in LeftOut}
    assert list(told) == [reason.value for reason in LeftOut]


def test_every_header_of_lists_is_told(page: str) -> None:
    told = rows(page, "Lists")
    names = {name.replace("_", "") for cells in told.values() for name in re.findall(r"`(\w+)`", "".join(cells[:2]))}
    assert names == {name for known in HEADERS.values() for name in known}


def test_every_key_of_the_manifest_is_told(page: str, synthetic: Run) -> None:
    manifest = json.loads(files(synthetic, AudienceRequest("csv"))["manifest.json"])
    (part,) = [part for part in re.split(r"^## ", page, flags=re.MULTILINE) if part.startswith("The manifest")]
    told = {
        name
        for line in part.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert told == set(manifest)
    assert all(f"`{name}`" in part for name in manifest["certificate"])
