"""What an experiment showed, as people and programs read it; shared by the commands about lift."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from cli.shown.console import finite, listed, table_text
from retention.experiment.results import ADJUSTMENT, Results
from retention.experiment.sample_ratio import expected_by_label
from retention.experiment.words import CAUSES, Estimate, money, p_words, percent, points, ratio_words
from retention.wording import SPACE, money_between

WIDTH = 170


def results_content(results: Results) -> dict[str, Any]:
    """Return checks, rates and effects for JSON, null for what is not known or has no end."""
    return {
        "sample_ratio": _ratio(results),
        "arms": _records(results.arm_rates),
        "overall": _records(results.overall),
        "pooled": _records(results.pooled),
        "groups": _records(results.groups),
        "group_arms": _records(results.group_rates),
        "group_sample_ratios": _group_ratios(results),
        "differing": [asdict(each) for each in results.differing],
        "adjustment": ADJUSTMENT,
        "costs": None if results.costs is None else asdict(results.costs),
        "capping": None if results.capping is None else asdict(results.capping) | {"words": results.capping.words},
        "guardrails": [asdict(each) for each in results.guardrails],
        "warnings": list(results.warnings),
    }


def results_lines(results: Results, *, by: str, money_known: bool) -> Iterator[str]:
    """Yield checks, rates, effects and verdicts as lines."""
    yield f"Sizes of the arms. {ratio_words(results.sample_ratio)}"
    if results.sample_ratio.status == "mismatch":
        yield from ("Likely causes:", *(f"  - {cause}" for cause in CAUSES))
    yield ""
    yield _arms(results.arm_rates, money_known=money_known)
    if results.capping is not None:
        yield f"{results.capping.words}."
    for row in _records(pd.concat([results.overall, results.pooled])):
        yield ""
        yield f"{row['arm']} against {results.arms[0]}. {row['words']}"
        yield from _money_lines(row)
        yield from (f"  Guardrail: {each.words}." for each in results.guardrails if each.arm == row["arm"])
    if len(results.groups):
        yield from _group_lines(results, by, money_known=money_known)


def _ratio(results: Results) -> dict[str, Any]:
    check = results.sample_ratio
    mismatch = check.status == "mismatch"
    return {
        "status": check.status,
        "p": check.p,
        "observed": dict(zip(check.arms, check.observed, strict=True)),
        "expected": dict(expected_by_label(check)) or None,
        "alarm": check.alarm,
        "words": ratio_words(check),
        "causes": list(CAUSES) if mismatch else [],
    }


def _group_ratios(results: Results) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(results.groups["group"]))
    return [
        {"group": name, "status": check.status, "p": check.p, "alarm": check.alarm}
        for name, check in zip(names, results.group_ratios, strict=True)
    ]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows with None for what is not known or has no end."""
    # As `to_dict("records")`, which takes a tenth of the command to find each of the many columns.
    rows = zip(*(table[name].tolist() for name in table), strict=True)
    return [finite(dict(zip(table, row, strict=True))) for row in rows]


def _money_lines(row: Mapping[str, Any]) -> Iterator[str]:
    if row["verdict"] == "blocked":
        return
    if row["revenue_difference"] is not None:
        p = p_words(_value(row["revenue_p_adjusted"]))
        yield f"  Revenue per customer: {_money(row, 'revenue_difference')}, {p}{_times(row)}."
        if row["verdict"] == "nothing shown" and row["net_profit"] is not None:
            yield f"  Net profit of the arm: {_money(row, 'net_profit')}."
    if row["adjusted_difference"] is not None:
        value = _estimate(row, "adjusted_difference")
        amount = money(value) if row["revenue_difference"] is not None else points(value)
        yield f"  Adjusted for the covariate: {amount}, {p_words(_value(row['adjusted_p']))}."


def _times(row: Mapping[str, Any]) -> str:
    """Return the revenue over the control's in words, where it has an interval."""
    low, high = row["revenue_ratio_low"], row["revenue_ratio_high"]
    if row["revenue_ratio"] is None or low is None or high is None:
        return ""
    return f"; {row['revenue_ratio']:.2f} times the control's ({low:.2f} to {high:.2f})"


def _group_lines(results: Results, by: str, *, money_known: bool) -> Iterator[str]:
    yield ""
    yield f"By {by}:"
    yield _groups(results.groups, money_known=money_known)
    for each in results.differing:
        yield f"{each.arm}: {each.words}"
    shrunk = " Shrunk effects are drawn towards the others and the assumed lift, as far as chance explains it."
    yield f"p is adjusted ({ADJUSTMENT}).{shrunk if _has_shrunk(results.groups) else ''}"
    left = results.groups[results.groups["do_not_contact"]]
    names = [f"{row['group']} ({row['arm']})" for row in left.to_dict("records")]
    yield from listed("Do not contact: even the best case that fits the data is a loss", names)


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
    return table_text(names, rows, left=("Arm",), width=WIDTH)


def _groups(groups: pd.DataFrame, *, money_known: bool) -> str:
    names = ["Group", "Arm", "Customers", "Control", "Difference, points (95 %)", "p adj."]
    shrunk = _has_shrunk(groups)
    names += ["Shrunk"] if shrunk else []
    names += ["Net profit (95 %)"] if money_known else []
    rows = []
    for row in _records(groups):
        cells = [str(row["group"]), str(row["arm"]), f"{row['n']:,}", f"{row['n_control']:,}"]
        cells += [_points(row, "difference"), p_words(_value(row["p_adjusted"]))]
        cells += [_points(row, "shrunk_difference")] if shrunk else []
        cells += [_money(row, "net_profit")] if money_known else []
        rows.append([*cells, str(row["verdict"])])
    return table_text([*names, "Verdict"], rows, left=("Group", "Arm", "Verdict"), width=WIDTH)


def _has_shrunk(groups: pd.DataFrame) -> bool:
    """Return whether effects are known in the light of the others, which they are at the end only."""
    return bool(groups["shrunk_difference"].notna().any())


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


def change_lines(changes: pd.DataFrame, currency: str) -> Iterator[str]:
    """Yield what measured lifts change in each segment, before and after; see `analysis.lift_forward.changes`."""
    yield "What was measured changes the next analyses, from -> to:"
    names = ["Segment", "Lift (95 %)", "Without contact", "Expected extra profit (95 %)", "Lift is", ""]
    rows = [
        [
            str(row["Segment"]),
            f"{_relative(row, 'before')} -> {_relative(row, 'after')}",
            f"{percent(row['Baseline_before'])} -> {percent(row['Baseline_after'])}",
            f"{_profit(row, 'before', currency)} -> {_profit(row, 'after', currency)}",
            f"{row['Lift_vs_Control_source_after']}",
            "do not contact" if "do not contact" in row["Flags_after"] else "",
        ]
        for row in _records(changes)
    ]
    yield table_text(names, rows, left=("Segment", "Lift is", ""), width=WIDTH)


def _relative(row: Mapping[str, Any], when: str) -> str:
    value, low, high = (f"{100 * row[f'Lift_vs_Control{end}_{when}']:+.0f}" for end in ("", "_low", "_high"))
    return f"{value}{SPACE}% ({low} to {high})"


def _profit(row: Mapping[str, Any], when: str, currency: str) -> str:
    ends = (_value(row[f"Incremental_Profit{end}_{when}"]) for end in ("", "_low", "_high"))
    return money_between(ends, currency)
