"""Numbers, dates and foreign text as people read them on a page."""

import html
import re
from datetime import datetime

from retention.wording import *  # noqa: F403 - pages take words of the domain and of markdown from here
from retention.wording import day

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_ADDRESS = re.compile(r"(?:https?(?=:)|www(?=\.))", re.IGNORECASE)
_LINES = re.compile(r"\s*[\r\n\u2028\u2029]\s*")


def moment(value: datetime) -> str:
    """Return a date with the time of day.

    >>> moment(datetime(2025, 9, 1, 7, 5)).replace(SPACE, " ")
    '1 Sep 2025, 07:05'
    """
    return f"{day(value)}, {value:%H:%M}"


def plain(text: str) -> str:
    r"""Return text that markdown shows as it is: one line, every mark escaped.

    >>> print(plain("![x](//host)"))
    \!\[x\]\(\/\/host\)
    """
    # Addresses become links in spite of the marks; an invisible joiner after their first word keeps them text.
    joined = _ADDRESS.sub("\\g<0>\u2060", _LINES.sub(" ", text))
    return _PUNCTUATION.sub(r"\\\1", joined)


def unmarked(text: str) -> str:
    """Return what a person reads of markdown that `plain` and badges made.

    >>> unmarked(plain("R&D *") + " :green-badge[measured]")
    'R&D * measured'
    """
    words = re.sub(r"\s*:(?:[a-z]+-badge|small)\[((?:\\.|[^]])*)\]", r" \1", text.replace("\u2060", "")).strip()
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", words)


def chart_text(text: str) -> str:
    """Return text that a chart shows as it is: Plotly knows a few tags and links.

    >>> chart_text("R&D <b>")
    'R&amp;D &lt;b&gt;'
    """
    return html.escape(_LINES.sub(" ", text), quote=False)
