"""The command lift: a table of an experiment in, lift with intervals and verdicts out."""

import io
import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from rich.box import ASCII2
from rich.console import Console
from rich.table import Table

from data_ingestion.outcome_table import OutcomeColumns, OutcomeTable, read_outcomes
from retention.experiment import ADJUSTMENT, Planned, Results, measure
from retention.lift import Costs
from retention.lift_words import CAUSES, Estimate, money, p_words, percent, points, ratio_words
from retention.sample_ratio import expected_by_label, parse_allocation

WIDTH = 170


def lift_command(options: Mapping[str, Any], shown: Literal["text", "json"]) -> None:
    """Read the table of an experiment and print what it shows.

    Args:
        options: Options as typed: file, arm, control, outcome, revenue, by, customer, covariate, allocation, margin,
            contact_cost, discount.
        shown: As text, or for programs.

    Raises:
        InputError: The table or an option cannot be used.
    """
    columns = OutcomeColumns(
        options["arm"],
        options["outcome"],
        options["revenue"] or "",
        options["by"] or "",
        options["customer"] or "",
        options["covariate"] or "",
    )
    costs = Costs(options["margin"], options["contact_cost"], options["discount"])
    table = read_outcomes(Path(options["file"]), columns, control=options["control"].strip())
    arms = table.observations.arms
    shares = parse_allocation(options["allocation"], arms) if options["allocation"] is not None else None
    results = measure(table.observations, costs=costs, planned=Planned(shares, assigned=table.assigned))
    text = _json(table, columns, results) if shown == "json" else "\n".join(_lines(table, columns, results))
    sys.stdout.write(text + "\n")


def _json(table: OutcomeTable, columns: OutcomeColumns, results: Results) -> str:
    content = {
        "control": results.arms[0],
        "treatments": list(results.arms[1:]),
        "columns": {role: name for role, name in asdict(columns).items() if name},
        "rows": {"read": table.read, "customers": len(table.observations.arm), "left_out": dict(table.left_out)},
        "sample_ratio": _ratio(results),
        "arms": _records(results.arm_rates),
        "overall": _records(results.overall),
        "pooled": _records(results.pooled),
        "groups": _records(results.groups),
        "group_arms": _records(results.group_rates),
        "group_sample_ratios": _group_ratios(results),
        "differing": [_plain(asdict(each)) for each in results.differing],
        "adjustment": ADJUSTMENT,
        "costs": asdict(results.costs),
        "warnings": list(results.warnings),
        "notes": _notes(table, columns, results),
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)


def _notes(table: OutcomeTable, columns: OutcomeColumns, results: Results) -> list[str]:
    whole = columns.revenue and results.costs.margin == 1
    return [*table.notes, *(["Profit counts all revenue as margin; --margin says otherwise"] if whole else [])]


def _ratio(results: Results) -> dict[str, Any]:
    check = results.sample_ratio
    mismatch = check.status == "mismatch"
    return {
        "status": check.status,
        "p": _number(check.p),
        "observed": dict(zip(check.arms, check.observed, strict=True)),
        "expected": dict(expected_by_label(check)) or None,
        "alarm": check.alarm,
        "words": ratio_words(check),
        "causes": list(CAUSES) if mismatch else [],
    }


def _group_ratios(results: Results) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(results.groups["group"]))
    return [
        {"group": name, "status": check.status, "p": _number(check.p), "alarm": check.alarm}
        for name, check in zip(names, results.group_ratios, strict=True)
    ]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [_plain(row) for row in table.to_dict("records")]


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row with null for what is not known or has no end."""
    return {str(name): _plain(value) if isinstance(value, dict) else _number(value) for name, value in row.items()}


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _lines(table: OutcomeTable, columns: OutcomeColumns, results: Results) -> Iterator[str]:
    out = ", ".join(f"{count:,} {reason}" for reason, count in table.left_out.items() if count)
    customers = len(table.observations.arm)
    yield f"{table.read:,} rows read = {customers:,} customers" + (f" + {out}" if out else "")
    yield ""
    yield f"Sizes of the arms. {ratio_words(results.sample_ratio)}"
    if results.sample_ratio.status == "mismatch":
        yield from ("Likely causes:", *(f"  - {cause}" for cause in CAUSES))
    yield ""
    yield _arms(results.arm_rates, money_known=bool(columns.revenue))
    for row in _records(pd.concat([results.overall, results.pooled])):
        yield ""
        yield f"{row['arm']} against {results.arms[0]}. {row['words']}"
        yield from _money_lines(row)
    if len(results.groups):
        yield from _group_lines(results, columns)
    yield from _listed("Please note", [*results.warnings, *_notes(table, columns, results)])


def _money_lines(row: Mapping[str, Any]) -> Iterator[str]:
    if row["verdict"] == "blocked":
        return
    if row["revenue_difference"] is not None:
        p = p_words(_value(row["revenue_p_adjusted"]))
        yield f"  Revenue per customer: {_money(row, 'revenue_difference')}, {p}."
        if row["verdict"] == "nothing shown":
            yield f"  Net profit of the arm: {_money(row, 'net_profit')}."
    if row["adjusted_difference"] is not None:
        value = _estimate(row, "adjusted_difference")
        amount = money(value) if row["revenue_difference"] is not None else points(value)
        yield f"  With the covariate taken out: {amount}, {p_words(_value(row['adjusted_p']))}."


def _group_lines(results: Results, columns: OutcomeColumns) -> Iterator[str]:
    yield ""
    yield f"By {columns.group}:"
    yield _groups(results.groups, money_known=bool(columns.revenue))
    for each in results.differing:
        yield f"{each.arm}: {each.words}"
    yield f"p is adjusted ({ADJUSTMENT}). Shrunk effects are drawn towards the others, as far as chance explains them."
    left = results.groups[results.groups["do_not_contact"]]
    names = [f"{row['group']} ({row['arm']})" for row in left.to_dict("records")]
    yield from _listed("Do not contact, the best that fits the data is a loss", names)


def _arms(arms: pd.DataFrame, *, money_known: bool) -> str:
    names = ["Arm", "Customers", "Converted", "Rate (95 %)", *(["Revenue each"] if money_known else [])]
    rows = [
        [
            str(row["arm"]),
            f"{row['n']:,}",
            f"{row['converted']:,}",
            f"{percent(row['rate'])} ({percent(row['rate_low'])} to {percent(row['rate_high'])})"
            if row["n"]
            else "none",
            *([f"{row['revenue']:,.2f}"] if money_known else []),
        ]
        for row in arms.to_dict("records")
    ]
    return _table(names, rows, left=1)


def _groups(groups: pd.DataFrame, *, money_known: bool) -> str:
    names = ["Group", "Arm", "Customers", "Control", "Difference, points (95 %)", "p adj.", "Shrunk"]
    names += ["Net profit (95 %)"] if money_known else []
    rows = []
    for row in _records(groups):
        cells = [str(row["group"]), str(row["arm"]), f"{row['n']:,}", f"{row['n_control']:,}"]
        cells += [_points(row, "difference"), p_words(_value(row["p_adjusted"])), _points(row, "shrunk_difference")]
        cells += [_money(row, "net_profit")] if money_known else []
        rows.append([*cells, str(row["verdict"])])
    return _table([*names, "Verdict"], rows, left=2)


def _table(names: list[str], rows: list[list[str]], *, left: int) -> str:
    table = Table(box=ASCII2, show_edge=False, pad_edge=False)
    for place, name in enumerate(names):
        table.add_column(name, justify="left" if place < left or name == "Verdict" else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    text = io.StringIO()
    Console(file=text, width=WIDTH, markup=False, highlight=False, emoji=False).print(table)
    return text.getvalue().rstrip("\n")


def _value(value: float | None) -> float:
    return math.nan if value is None else value


def _estimate(row: Mapping[str, Any], name: str) -> Estimate:
    return Estimate(*(_value(row[f"{name}{end}"]) for end in ("", "_low", "_high")))


def _money(row: Mapping[str, Any], name: str) -> str:
    return money(_estimate(row, name)) if row[name] is not None else "unknown"


def _points(row: Mapping[str, Any], name: str) -> str:
    if row[name] is None:
        return "unknown"
    return points(_estimate(row, name)).replace(" percentage points", "")


def _listed(title: str, entries: list[str]) -> Iterator[str]:
    if entries:
        yield ""
        yield f"{title}:"
        yield from (f"  - {entry}" for entry in entries)
