"""What every command prints with: tables, lists, numbers, JSON, and the way out."""

import io
import json
import math
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from retention.wording import DASH, SPACE, counted

if TYPE_CHECKING:
    from rich.box import Box

WIDTH = 140
"""Columns of a table off a terminal."""

# C0 and C1 controls but tab and line end, marks that turn the direction of text, odd line ends, halves of characters.
_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""Return text with everything that would steer a terminal written as JSON writes it.

    >>> print(visible("Gr\u00fc\u00dfe\x1b[2J"))
    Grüße\u001b[2J
    """
    return _STEERS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def table_text(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    left: Collection[str] = ("Segment",),
    width: int = WIDTH,
    stream: TextIO | None = None,
    box: "Box | None" = None,
) -> str:
    """Return a table as text, as wide as a terminal that it goes to, without a line break at its end."""
    from rich import box as boxes  # noqa: PLC0415 - help needs no table
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    tty = stream is not None and stream.isatty()
    table = Table(box=box or boxes.ASCII2, show_edge=False, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="left" if name in left else "right", overflow="fold")
    for row in rows:
        table.add_row(*map(visible, row))
    # Rendered apart and written in one piece: a reader that stops early is then the caller's matter, not rich's.
    text = io.StringIO()
    Console(
        file=text,
        color_system=None,
        width=None if tty else width,
        markup=False,
        highlight=False,
        emoji=False,
    ).print(table)
    return text.getvalue().rstrip("\n")


def listed(title: str, entries: Sequence[str], *, apart: bool = True) -> Iterator[str]:
    """Yield a list under a title, after a blank line where it stands apart; nothing where it is empty."""
    if entries:
        yield from ("", f"{title}:") if apart else (f"{title}:",)
        yield from (f"  - {' '.join(entry.splitlines())}" for entry in entries)


def quarantined_words(rows: int, reasons: Mapping[str, int]) -> str:
    """Return how many rows were set aside, and why."""
    codes = ", ".join(f"{count:,} {code}" for code, count in reasons.items())
    return f"{rows:,} quarantined" + (f" ({codes})" if codes else "")


def read_words(read: int, customers: int, left_out: Mapping[str, int]) -> str:
    """Return which rows of outcomes are customers."""
    out = ", ".join(f"{count:,} {reason}" for reason, count in left_out.items() if count)
    return f"{counted(read, 'row')} read = {counted(customers, 'customer')}" + (f" + {out}" if out else "")


def finite(value: Any) -> Any:
    """Return a value with None for each number that is not known or has no end, which JSON has no word for.

    >>> finite({"rate": float("nan"), "sizes": [1, 2.5]})
    {'rate': None, 'sizes': [1, 2.5]}
    """
    if isinstance(value, dict):
        return {str(name): finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def json_text(content: Any) -> str:
    """Return content as JSON, in characters that the output has."""
    text = json.dumps(finite(content), indent=1, ensure_ascii=not speaks_unicode(sys.stdout), allow_nan=False)
    # `say` would write another one.
    return text.replace(SPACE, "\\u00a0")


def say(text: str, stream: TextIO | None = None) -> None:
    """Write text and a line break, in one piece; nothing in it, whoever wrote it, reaches the terminal as a command."""
    out = sys.stdout if stream is None else stream
    if isinstance(out, io.TextIOWrapper):
        # A name that the terminal's encoding lacks must not end a command whose work is done.
        out.reconfigure(errors="replace")
    # Who copies or searches what a terminal shows means a plain space.
    text = text.replace(SPACE, " ")
    if not speaks_unicode(out):
        text = text.replace(DASH, "-")
    out.write(f"{visible(text)}\n")
    out.flush()


def ask(question: str) -> str:
    """Return what a person answers on the terminal."""
    sys.stderr.write(f"{visible(question)} ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def hand_over(text: str) -> None:
    """Write the text of a file to a program as it is, byte for byte; a terminal gets it as `say` writes."""
    if sys.stdout.isatty():
        say(text.rstrip("\n"))
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.write(text)
    sys.stdout.flush()


def speaks_unicode(stream: TextIO) -> bool:
    """Return whether a stream takes every character."""
    return (stream.encoding or "").lower().startswith("utf")
