"""The report as one HTML file: no script, nothing from another host, made for the screen and for paper."""

from collections.abc import Mapping

from analysis import Run
from outputs.ownership import ZEROS, seal
from outputs.report import sections
from outputs.report.markup import escaped, paragraph
from outputs.report.style import STYLE
from retention.wording import days

# Whatever the text of a file or a policy holds, a browser that opens the report loads and runs nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def html_report(run: Run, *, versions: Mapping[str, str] | None = None) -> bytes:
    """Return the report; equal runs and versions give equal bytes.

    Args:
        run: The analysis.
        versions: What it was made with, by name; shown at the end.
    """
    title = f"Cart recovery segments, {days(run.window.start, run.window.end)}"
    sources = ", ".join(source.name for source in run.sources)
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escaped(title)}</title><style>{STYLE}</style></head>"
    )
    parts = [
        f"<header><h1>{escaped(title)}</h1>{paragraph(f'{run.policy.title}. Customers from {sources}.')}</header>",
        sections.summary(run),
        sections.segments(run),
        sections.measures(run),
        sections.tree(run),
        sections.campaigns(run),
        sections.proof(run),
        sections.data(run),
        sections.provenance(run, versions or {}),
    ]
    return seal(f"{head}<body><main>{''.join(parts)}</main></body><!-- {ZEROS} --></html>\n")
