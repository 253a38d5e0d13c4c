"""What a run found, as text for a terminal or a log; no customer appears in it."""

import io
import math
import sys
from collections.abc import Iterator
from typing import TextIO

from rich.box import ASCII2, SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from analysis import OUTSIDE_WORDS, Accounting, Run
from outputs import Written

WIDTH_OFF_TERMINAL = 140


def print_summary(run: Run, written: Written, stream: TextIO) -> None:
    """Print the segments, the account of the rows, what to know, and where the files are."""
    if stream is sys.stdout and hasattr(stream, "reconfigure"):
        # A name that the terminal's encoding lacks must not end a run that is already written.
        stream.reconfigure(errors="replace")
    tty = stream.isatty()
    # Rendered apart and written in one piece: a reader that stops early is then the caller's matter, not rich's.
    text = io.StringIO()
    console = Console(
        file=text,
        force_terminal=tty,
        no_color=not tty,
        color_system="auto" if tty else None,
        width=None if tty else WIDTH_OFF_TERMINAL,
        markup=False,
        highlight=False,
        emoji=False,
    )
    console.print(headline(run))
    console.print(_table(run, plain=not (stream.encoding or "").lower().startswith("utf")))
    for line in lines(run, written):
        console.print(line, soft_wrap=True)
    stream.write(text.getvalue())
    stream.flush()


def headline(run: Run) -> str:
    """Return the first line: how many customers, in what."""
    count, universe = len(run.segmentation.tree.segments), run.accounting.universe
    segments = "1 segment" if count == 1 else f"{count} segments"
    return f"{_customers(universe)} in {segments}: policy {run.policy.name}, {run.window}"


def _customers(count: int) -> str:
    return "1 customer" if count == 1 else f"{count:,} customers"


def _table(run: Run, plain: bool) -> Table:
    table = Table(box=ASCII2 if plain else SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("Rank", "Segment", "Size", "Share", "Score", "Expected extra profit", "Offer"):
        table.add_column(name, justify="left" if name in ("Segment", "Offer") else "right", overflow="fold")
    campaigns = {segment.name: segment.campaign for segment in run.segmentation.tree.segments}
    for place, row in enumerate(run.scores.table.to_dict("records"), start=1):
        table.add_row(
            _rank(place, row["Rank_low"], row["Rank_high"]),
            row["Segment"],
            f"{row['Size']:,}",
            f"{row['Size'] / run.accounting.universe:.1%}",
            "unknown" if math.isnan(row["Overall_Score"]) else f"{row['Overall_Score']:.2f}",
            profit_words(*(row[f"Incremental_Profit{end}"] for end in ("", "_low", "_high")), currency=run.currency),
            campaigns[row["Segment"]].offer,
        )
    return table


def _rank(place: int, low: int, high: int) -> str:
    """Return a rank with the interval that 90 % of the simulated outcomes fall in."""
    return str(place) if low == high == place else f"{place} ({low} to {high})"


def profit_words(value: float, low: float, high: float, *, currency: str) -> str:
    """Return money with its 95 % interval.

    >>> profit_words(1234.5, -20.0, 3000.4, currency="EUR")
    '1,234 EUR (-20 to 3,000)'
    >>> profit_words(-0.3, -1.0, 0.4, currency="")
    '0 (-1 to 0)'
    >>> profit_words(float("nan"), 0, 0, currency="")
    'unknown'
    """
    if math.isnan(value):
        return "unknown"
    unit = f" {currency}" if currency else ""
    # round gives an integer, which has no minus zero.
    return f"{round(value):,}{unit}" + ("" if math.isnan(low) else f" ({round(low):,} to {round(high):,})")


def lines(run: Run, written: Written) -> Iterator[str]:
    """Yield the lines under the table."""
    sources = sorted(set(run.scores.table["Incremental_Profit_source"]))
    yield f"Expected extra profit is {' and '.join(sources)}, with a 95 % interval; ranks hold in 90 % of simulations."
    yield ""
    yield account(run.accounting)
    yield (
        f"Every customer is in exactly one segment: proven for all {run.proof.cells:,} cells of the tree, "
        f"and {_customers(run.accounting.universe)} read back from the files, each once."
    )
    if run.experiment is not None:
        yield from _listed(f"Experiment {run.experiment.name}", list(_arm_lines(run)))
    yield from _listed("Sizing", [str(step) for step in run.segmentation.sizing_log])
    yield from _listed("Please note", [*run.warnings, *_flags(run)])
    yield ""
    yield f"Files are in {written.folder}: " + ", ".join(sorted(written.names))


def account(accounting: Accounting) -> str:
    """Return where the input rows went, in one sentence."""
    reasons = ", ".join(f"{count:,} {code}" for code, count in accounting.reasons.items())
    quarantined = f"{accounting.quarantined:,} quarantined" + (f" ({reasons})" if reasons else "")
    return (
        f"{accounting.read:,} rows read = {accounting.accepted:,} accepted + {quarantined}; "
        f"{accounting.universe:,} in the window, {accounting.outside_window:,} outside{_outside(accounting)}."
    )


def _flags(run: Run) -> Iterator[str]:
    """Yield each flag of the scores with the segments that carry it."""
    table = run.scores.table
    carriers: dict[str, list[str]] = {}
    for name, flags in zip(table["Segment"], table["Flags"], strict=True):
        for flag in filter(None, flags.split("; ")):
            carriers.setdefault(flag, []).append(name)
    yield from (f"{flag}: {', '.join(names)}" for flag, names in carriers.items())


def _listed(title: str, entries: list[str]) -> Iterator[str]:
    if entries:
        yield ""
        yield f"{title}:"
        yield from (f"  - {entry}" for entry in entries)


def _outside(accounting: Accounting) -> str:
    """Return why rows are outside, where there is more to say than that their dates are."""
    if accounting.outside.keys() <= {"other_dates"}:
        return ""
    return " (" + ", ".join(f"{count:,} {OUTSIDE_WORDS[name]}" for name, count in accounting.outside.items()) + ")"


def _arm_lines(run: Run) -> Iterator[str]:
    """Yield what each segment of an experiment can show."""
    # Imported here: its statistics take longer to load than most runs, which have no experiment.
    from analysis.experiment_design import design  # noqa: PLC0415

    yield from (f"{row['Segment']}: {row['Words']}" for row in design(run).table.to_dict("records"))
