"""What a run found, as text for a terminal or a log; no customer appears in it."""

import math
from collections.abc import Iterator
from typing import TextIO

from rich.box import ASCII2, SIMPLE_HEAD

from analysis import OUTSIDE_WORDS, Accounting, Run
from cli.shown.console import listed, quarantined_words, say, speaks_unicode, table_text
from outputs import Written
from retention.customers.reach import reach_words
from retention.wording import UNKNOWN, counted, money, money_between


def print_summary(run: Run, written: Written, stream: TextIO) -> None:
    """Print the segments, the account of the rows, what to know, and where the files are."""
    say("\n".join([headline(run), _table(run, stream), *lines(run, written)]), stream)


def headline(run: Run) -> str:
    """Return the first line: how many customers, in what."""
    segments = counted(len(run.segmentation.tree.segments), "segment")
    return f"{counted(run.accounting.universe, 'customer')} in {segments}: policy {run.policy.name}, {run.window}"


def _table(run: Run, stream: TextIO) -> str:
    campaigns = {segment.name: segment.campaign for segment in run.segmentation.tree.segments}
    place = dict(zip(run.scores.table["Segment"], range(1, len(campaigns) + 1), strict=True))
    rows = [
        (
            str(row["Send_Order"]),
            row["Segment"],
            f"{row['Size']:,}",
            f"{row['Reachable']:,}",
            money(row["Profit_per_Send"], run.currency),
            money_between((row[f"Incremental_Profit{end}"] for end in ("", "_low", "_high")), run.currency),
            UNKNOWN if math.isnan(row["Overall_Score"]) else f"{row['Overall_Score']:.2f}",
            _rank(place[row["Segment"]], row["Rank_low"], row["Rank_high"]),
            "do not contact" if row["Segment"] in run.scores.stopped else campaigns[row["Segment"]].offer,
        )
        for row in run.scores.recommended.to_dict("records")
    ]
    names = ("Order", "Segment", "Size", "Reachable", "Each", "Expected extra profit", "Score", "Rank", "Offer")
    box = SIMPLE_HEAD if speaks_unicode(stream) else ASCII2
    return table_text(names, rows, left=("Segment", "Offer"), stream=stream, box=box)


def _rank(place: int, low: int, high: int) -> str:
    return str(place) if low == high == place else f"{place} ({low} to {high})"


def lines(run: Run, written: Written) -> Iterator[str]:
    """Yield the lines under the table."""
    sources = sorted(set(run.scores.table["Incremental_Profit_source"]))
    yield (
        f"Segments are in the order to contact: by the expected extra profit of each contact, which is "
        f"{' and '.join(sources)}; 95 % interval. Ranks are by score and hold in 90 % of simulations."
    )
    yield from reach_words(run.reach)
    yield ""
    yield account(run.accounting)
    yield (
        f"Every customer is in exactly one segment: proven for all {run.proof.cells:,} cells of the tree, "
        f"and {counted(run.accounting.universe, 'customer')} read back from the files, each once."
    )
    if run.experiment is not None:
        yield from listed(f"Experiment {run.experiment.name}", list(_arm_lines(run)))
    yield from listed("Sizing", [str(step) for step in run.segmentation.sizing_log])
    yield from listed("Please note", [*run.warnings, *_flags(run)])
    yield ""
    yield f"Files are in {written.folder}: " + ", ".join(sorted(written.names))


def account(accounting: Accounting) -> str:
    """Return where the input rows went, in one sentence."""
    quarantined = quarantined_words(accounting.quarantined, accounting.reasons)
    return (
        f"{accounting.read:,} rows read = {accounting.accepted:,} accepted + {quarantined}; "
        f"{accounting.universe:,} in the window, {accounting.outside_window:,} outside{_outside(accounting)}."
    )


def _flags(run: Run) -> Iterator[str]:
    table = run.scores.table
    carriers: dict[str, list[str]] = {}
    for name, flags in zip(table["Segment"], table["Flags"], strict=True):
        for flag in filter(None, flags.split("; ")):
            carriers.setdefault(flag, []).append(name)
    yield from (f"{flag}: {', '.join(names)}" for flag, names in carriers.items())


def _outside(accounting: Accounting) -> str:
    if accounting.outside.keys() <= {"other_dates"}:
        return ""
    return " (" + ", ".join(f"{count:,} {OUTSIDE_WORDS[name]}" for name, count in accounting.outside.items()) + ")"


def _arm_lines(run: Run) -> Iterator[str]:
    # Imported here: its statistics take longer to load than most runs, which have no experiment.
    from analysis.experiment_design import design  # noqa: PLC0415

    yield from (f"{row['Segment']}: {row['Words']}" for row in design(run).table.to_dict("records"))
