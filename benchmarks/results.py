"""The page of results: a section for each kind of measurement, replaced when it is measured anew."""

from pathlib import Path

PAGE = Path(__file__).with_name("RESULTS.md")


def record(title: str, text: str, page: Path = PAGE) -> None:
    """Write a section of the page; the others stay as they are."""
    kept = sections(page.read_text(encoding="utf-8")) if page.exists() else {}
    kept[title] = text.strip()
    page.write_text("\n\n".join(f"# {name}\n\n{body}" for name, body in kept.items()) + "\n", encoding="utf-8")


def sections(text: str) -> dict[str, str]:
    r"""Return the sections of a page by their titles.

    >>> sections("# Ratios\n\n| 3 |\n\n# Server\n\n| 4 |\n")
    {'Ratios': '| 3 |', 'Server': '| 4 |'}
    """
    found: dict[str, str] = {}
    for part in f"\n{text}".split("\n# ")[1:]:
        title, _, body = part.partition("\n")
        found[title.strip()] = body.strip()
    return found
