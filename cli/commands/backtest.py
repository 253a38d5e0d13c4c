"""The command backtest: what the model would have said of a past window, and what happened."""

import io
import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Literal

from rich.box import ASCII2
from rich.console import Console
from rich.table import Table

from analysis.backtest import Backtest, backtest
from cli.inputs.places import place
from cli.inputs.reading import read_input
from cli.inputs.request import Given, request_of
from cli.shown.progress import part, progress_bar
from cli.shown.summary import account

UNUSED: dict[str, Any] = {
    "synthetic": False,
    "output": Path("out"),
    "split_oversize": False,
    "profile": "machine",
    "on_conflict": "quarantine",
    "file_format": "csv",
}
"""Options of the main command that a backtest does not have, at their defaults; the others are None."""
WIDTH = 120


def backtest_command(options: Mapping[str, Any], shown: Literal["text", "json"]) -> None:
    """Read the input, predict a past window from earlier ones, and print both beside each other.

    Args:
        options: Options as typed, by the names of `Given`.
        shown: As tables, or for programs.

    Raises:
        InputError: The input cannot be used, or outcomes are not known.
    """
    given = Given.of({each.name: None for each in fields(Given)} | UNUSED | dict(options))
    request = request_of(given, place(given.workspace).preferences())
    with progress_bar() as advance:
        intake = read_input(request, part(advance, 0.0, 0.7))
        advance("Predicting", 0.7)
        made = backtest(intake, request.policy, request.settings)
    text = _json(made) if shown == "json" else "\n".join(_lines(made))
    sys.stdout.write(text + "\n")


def _json(made: Backtest) -> str:
    window = made.run.window
    content = {
        "window": {"start": str(window.start), "end": str(window.end), "timezone": window.timezone},
        "accounting": asdict(made.run.accounting),
        "trained_on": {"customers": made.trained_on, "windows": made.trained_windows},
        "skills": [_plain(asdict(skill)) for skill in made.skills],
        "segments": [_plain(row) for row in made.segments.to_dict("records")],
        "calibration": [_plain(row) for row in made.calibration.to_dict("records")],
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row with null for what is not a number."""
    return {str(name): None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}


def _lines(made: Backtest) -> Iterator[str]:
    run = made.run
    yield (
        f"{run.accounting.universe:,} customers of {run.window}, predicted from {made.trained_on:,} customers of "
        f"{made.trained_windows} earlier weeks"
    )
    yield ""
    yield _table(
        ("Segment", "Size", "Predicted", "Came back", "95 % interval", "Inside"),
        [
            (
                row["Segment"],
                f"{row['Size']:,}",
                f"{row['Predicted']:.1%}",
                f"{row['Actual']:.1%}",
                f"{row['Actual_low']:.1%} to {row['Actual_high']:.1%}",
                "yes" if row["Inside"] else "no",
            )
            for row in made.segments.to_dict("records")
        ],
    )
    yield ""
    yield _table(
        ("Predictor", "Brier score", "AUC", "Best fifth came back"),
        [(s.name, f"{s.brier:.4f}", f"{s.auc:.3f}", f"{s.top_rate:.1%}") for s in made.skills],
    )
    yield "A smaller Brier score is better; an AUC of 0.5 is guessing."
    yield ""
    yield account(run.accounting)


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    table = Table(box=ASCII2, show_edge=False, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="left" if name in ("Segment", "Predictor") else "right")
    for row in rows:
        table.add_row(*row)
    text = io.StringIO()
    Console(file=text, width=WIDTH, markup=False, highlight=False, emoji=False).print(table)
    return text.getvalue().rstrip("\n")
