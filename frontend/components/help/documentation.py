"""The repository's documentation as the page README shows it: pages, pieces of markdown, and pictures.

The text is ours; links between its pages lead to the same page of the dashboard, and its HTML is not run.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[3]
TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
ORDER = ("dashboard", "data", "policies", "measures", "outputs", "command-line", "saved-runs", "synthetic-data")
"""Pages after README in the order of a reader's questions; those not named here come after them."""
PICTURES = frozenset({".png", ".gif", ".jpg", ".webp"})

_IMAGE = re.compile(r"^!\[(?P<alt>[^\]]*)\]\((?P<path>[^)\s]+)\)\s*$")
_LINK = re.compile(r"\[(?P<text>[^\]]+)\]\((?P<to>[^)\s]+)\)")
_CODE = re.compile(r"(`[^`]*`)")


@dataclass(frozen=True)
class Picture:
    """A picture file and what it shows in words."""

    path: Path
    alt: str


@dataclass(frozen=True)
class Document:
    """One page of the documentation."""

    path: str
    title: str
    body: str


def documents(root: Path = ROOT) -> dict[str, Document]:
    """Return the pages by the names of their files, in the order to offer them."""
    place = {name: at for at, name in enumerate(ORDER)}
    docs = sorted((root / "docs").glob("*.md"), key=lambda path: (place.get(path.stem, len(ORDER)), path.stem))
    files = [root / name for name in TOP[:1]] + docs
    files += [root / name for name in TOP[1:]]
    pages = {}
    for path in filter(Path.is_file, files):
        head, _, body = path.read_text(encoding="utf-8").partition("\n")
        pages[path.stem.lower()] = Document(path.relative_to(root).as_posix(), head.lstrip("# ").strip(), body)
    return pages


def parts_of(document: Document, pages: Mapping[str, Document], root: Path = ROOT) -> Iterator[str | Picture]:
    """Yield a page as pieces of markdown and the pictures between them; links lead to the other pages."""
    titles = {page.path: page.title for page in pages.values()}
    lines, fenced = list[str](), False
    for line in document.body.splitlines():
        fenced ^= line.lstrip().startswith("```")
        match = None if fenced else _IMAGE.match(line)
        file = root / _resolved(document.path, match["path"]) if match else None
        if match is None or file is None or file.suffix not in PICTURES or not file.is_file():
            lines.append(line if fenced else _shown(line, document.path, titles))
            continue
        yield "\n".join(lines)
        yield Picture(file, match["alt"])
        lines = []
    yield "\n".join(lines)


def in_theme(picture: Path, *, dark: bool) -> Path:
    """Return the dark twin of a picture where there is one and the page is dark."""
    twin = picture.with_name(picture.name.replace("-light.", "-dark."))
    return twin if dark and twin.is_file() else picture


def _resolved(page: str, target: str) -> str:
    """Return a relative link as a path below the root; one that leads out stays outside every known page."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), target))


def _shown(line: str, page: str, titles: Mapping[str, str]) -> str:
    """Return a line with links that work here, and without marks that markdown elsewhere does not know."""

    def link(match: re.Match[str]) -> str:
        target = match["to"]
        if target.startswith(("https://", "#")):
            return match[0]
        title = titles.get(_resolved(page, target.partition("#")[0]))
        return f"[{match['text']}](readme?doc={quote(title)})" if title else match["text"]

    pieces = _CODE.split(line)
    pieces[::2] = [piece.replace("$", r"\$") for piece in pieces[::2]]
    return _LINK.sub(link, "".join(pieces))
