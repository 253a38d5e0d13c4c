"""The command backtest: what the model would have said of a past window, and what happened."""

from collections.abc import Iterator
from dataclasses import asdict

from analysis.backtest import Backtest, backtest
from cli.inputs.database import is_database
from cli.inputs.intake import read_input
from cli.inputs.places import workspace_at
from cli.inputs.request import request_of
from cli.options.analyses import BacktestOptions
from cli.shown.console import json_text, say, table_text
from cli.shown.progress import part, progress_bar
from cli.shown.summary import account
from retention.errors import OptionError, Setting
from retention.wording import percent


def backtest_command(options: BacktestOptions) -> None:
    """Read the input, predict a past window from earlier ones, and print both beside each other."""
    if any(map(is_database, options.source.inputs)):
        raise OptionError("a past window is read from files, not from a database", where=Setting.DATABASE)
    request = request_of(options.source, options.rules)
    with progress_bar() as advance:
        intake = read_input(request, part(advance, 0.0, 0.7))
        advance("Predicting", 0.7)
        result = backtest(intake, request.policy, request.settings)
    workspace_at(options.source.workspace).note("analysed", result.run.accounting.universe)
    say(_json(result) if options.shown == "json" else "\n".join(_lines(result)))


def _json(result: Backtest) -> str:
    window = result.run.window
    content = {
        "window": {"start": str(window.start), "end": str(window.end), "timezone": window.timezone},
        "accounting": asdict(result.run.accounting),
        "recovered": int(result.run.scores.table["Recovered"].sum()),
        "trained_on": {"customers": result.trained_on, "windows": result.trained_windows},
        "verdict": list(result.words),
        "brier_gain": asdict(result.gain),
        "skills": [asdict(skill) for skill in result.skills],
        "segments": result.segments.to_dict("records"),
        "calibration": result.calibration.to_dict("records"),
    }
    return json_text(content)


def _lines(result: Backtest) -> Iterator[str]:
    run = result.run
    yield (
        f"{result.segments['Size'].sum():,} customers of {run.window} who had not bought again, predicted from "
        f"{result.trained_on:,} of {result.trained_windows} earlier weeks"
    )
    yield ""
    yield table_text(
        ("Segment", "Size", "Predicted", "95 % interval", "Came back", "Inside"),
        [
            (
                row["Segment"],
                f"{row['Size']:,}",
                percent(row["Predicted"], 1),
                f"{percent(row['Predicted_low'], 1)} to {percent(row['Predicted_high'], 1)}",
                percent(row["Actual"], 1),
                "yes" if row["Inside"] else "no",
            )
            for row in result.segments.to_dict("records")
        ],
    )
    yield ""
    yield table_text(
        ("Predictor", "Brier score", "AUC", "Best fifth came back"),
        [(s.name, f"{s.brier:.4f}", f"{s.auc:.3f}", percent(s.top_rate, 1)) for s in result.skills],
        left=("Predictor",),
    )
    yield from result.words
    yield "A smaller Brier score is better; an AUC of 0.5 is guessing."
    yield ""
    yield account(run.accounting)
