"""What the words and numbers of the pages mean, as the documentation says it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from frontend.utils.store import Store
from retention.scores.measures import MEASURES

DOCS = Path(__file__).resolve().parents[2] / "docs"
_MEASURE = re.compile(
    r"^## (?P<column>\w+)(?:: (?P<title>.+))?\n\n\*(?P<sentence>.+)\*\n\n {4}(?P<formula>.+)\n"
    r"(?P<body>(?:(?!^## ).*\n)*)",
    re.MULTILINE,
)
_ENTRY = re.compile(r"^### (?P<word>.+)\n\n(?P<sentence>.+)\n\n.*?(?:Also: (?P<also>.+)\.)?$", re.MULTILINE)
_SOURCE = re.compile(r"Source: ([^.;]*)")


@dataclass(frozen=True)
class Glossary:
    """The words as markdown, and of each, in small letters, its sentence and where it stands in the text."""

    text: str
    entries: Mapping[str, tuple[str, str]]

    def help(self, word: str, about: str = "") -> str | None:
        """Return what a word means and the way to its entry, as markdown; `about` says more than the entry does."""
        sentence, anchor = self.entries.get(word.lower(), ("", ""))
        link = f"[Glossary](glossary#{anchor})" if anchor else ""
        return " ".join(filter(None, (about or sentence, link))) or None


GLOSSARY = Store[Glossary](entries=1)


def glossary() -> Glossary:
    """Return the glossary, read once."""
    return GLOSSARY.get("", _read)


def _read() -> Glossary:
    words, measures = ((DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ("glossary", "measures"))
    text = "\n\n".join(["## Measures", *_measures(measures), f"## {words.partition('## ')[2]}"])
    entries = dict[str, tuple[str, str]]()
    for entry in _ENTRY.finditer(text):
        word, others = entry["word"].lower(), filter(None, (entry["also"] or "").lower().split("; "))
        # As Streamlit makes the anchor of a heading.
        anchor = "-".join(re.findall(r"[a-z0-9]+", word))
        entries |= dict.fromkeys((word, *others), (entry["sentence"], anchor))
    return Glossary(re.sub(r"\n\n(Computed: .*)$", r"  \n:small[\1]", text, flags=re.MULTILINE), entries)


def _measures(text: str) -> Iterator[str]:
    """Yield an entry for each number of whose formula the documentation has a section."""
    for section in _MEASURE.finditer(text):
        known, source = MEASURES.get(section["column"]), _SOURCE.search(section["body"])
        heading = known.label if known else section["title"].capitalize()
        computed = f"Computed: {section['formula'].strip()}."
        citation = f" Source: {' '.join(source[1].split())}." if source else ""
        yield f"### {heading}\n\n{section['sentence']}\n\n{computed}{citation}"
