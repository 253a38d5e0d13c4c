"""Text -> HTML and SVG; every text is escaped here, so none from data becomes a tag."""

import html
import re
import textwrap
from collections.abc import Sequence

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
CHARACTER = 0.58
"""Mean width of a character in its font size, with room for wide fonts."""


def escaped(text: str) -> str:
    """Return text as HTML shows it: one line, no tag, no entity of its own.

    >>> escaped("R&D <b>'x'")
    'R&amp;D &lt;b&gt;&#x27;x&#x27;'
    """
    return html.escape(_CONTROL.sub(" ", text))


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = ()) -> str:
    """Return a table."""
    kinds = [' class="number"' if place in numbers else "" for place in range(len(headers))]
    head = "".join(f'<th scope="col"{k}>{escaped(text)}</th>' for k, text in zip(kinds, headers, strict=True))
    body = "".join(f"<tr>{_cells(kinds, row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cells(kinds: Sequence[str], row: Sequence[str]) -> str:
    first, *rest = [f"{kind}>{escaped(text)}" for kind, text in zip(kinds, row, strict=True)]
    return f'<th scope="row"{first}</th>' + "".join(f"<td{cell}</td>" for cell in rest)


def pairs(rows: Sequence[tuple[str, str]]) -> str:
    """Return labels with their values."""
    return "<dl>" + "".join(f"<div><dt>{escaped(a)}</dt><dd>{escaped(b)}</dd></div>" for a, b in rows) + "</dl>"


def listed(texts: Sequence[str]) -> str:
    """Return a list of sentences."""
    return "<ul>" + "".join(f"<li>{escaped(text)}</li>" for text in texts) + "</ul>"


def paragraph(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{escaped(text)}</p>"


def picture(width: float, height: float, title: str, shapes: Sequence[str]) -> str:
    """Return shapes as one picture that screen readers know by its title."""
    return (
        f'<div class="scroll"><svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escaped(title)}">'
        f"<title>{escaped(title)}</title>{''.join(shapes)}</svg></div>"
    )


def words(x: float, y: float, text: str, *, kind: str = "", anchor: str = "start") -> str:
    """Return text of a picture; `kind` names classes of the style sheet."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escaped(text)}</text>'


def bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    """Return a filled bar."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height:.1f}" rx="3" fill="{colour}"/>'


def wrapped(text: str, width: float, size: float = 13, lines: int = 4) -> list[str]:
    """Return text in lines that fit a width in pixels; what does not fit ends in an ellipsis.

    >>> wrapped("average order value over 95", 110)
    ['average order', 'value over 95']
    """
    characters = max(int(width / (CHARACTER * size)), 4)
    return textwrap.wrap(_CONTROL.sub(" ", text), characters, max_lines=lines, placeholder=" \u2026") or [""]
