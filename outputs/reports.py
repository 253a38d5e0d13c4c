"""The small files of a run: scores, report, quarantine, and the record of how it was made."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analysis import WITHOUT_END, Run
from analysis.people import arms_of, recovered_by_segment
from outputs.cells import BYTE_ORDER_MARK, TEXT, lines_of, number_cells, text_cells, whole
from outputs.names import REPORT, RUN, Profile
from outputs.ownership import ZEROS, seal
from retention.customers.reach import LEFT_ALONE, Reach
from retention.errors import ensure
from retention.experiment.arms import Experiment
from retention.partition.fitted import Segmentation
from retention.partition.tree import Threshold
from retention.wording import SPACE


@dataclass(frozen=True)
class RunDetails:
    """What differs between two runs with equal outcome: when, with what, how long each step took."""

    started: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str | int | float | bool | list[str] | None] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


def scores_json(run: Run) -> bytes:
    """Return `segment_scores.json`: the same rows as an array of objects, null for missing."""
    table = run.scores.table
    columns = {name: [_plain(value) for value in table[name].tolist()] for name in table.columns}
    return _json([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]).encode()


def quarantine_files(rows: pd.DataFrame, profile: Profile) -> dict[str, bytes]:
    """Return `quarantine.csv`, one row per rejected input row with its cells, and more such files for other headers."""
    tables = enumerate(quarantine_tables(rows), start=1)
    return {f"quarantine{f'-{place}' if place > 1 else ''}.csv": table_csv(table, profile) for place, table in tables}


def quarantine_tables(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the rejected rows with their cells in columns, a table for each layout; at least one.

    Args:
        rows: As `Intake.quarantine`; a saved period of an older program lacks the last columns.
    """
    load = partial(json.loads, object_pairs_hook=list, strict=False)
    whole = [load(text) if text else [] for text in rows.get("original", [""] * len(rows))]
    headers = {file: tuple(name for name, _ in row) for file, row in zip(rows["file"], whole, strict=True) if row}
    layouts = [headers.get(file, ()) for file in rows["file"]]
    tables = []
    for names in dict.fromkeys(layouts) or [()]:
        part = np.flatnonzero([each is names or each == names for each in layouts])
        # A row that nobody can show any more, as that of an erased customer, keeps its place without cells.
        cells = [[cell for _, cell in whole[place]] or [""] * len(names) for place in part]
        own = rows.iloc[part].drop(columns="original", errors="ignore").reset_index(drop=True)
        table = pd.concat([own, pd.DataFrame(cells, dtype="str")], axis=1)
        tables.append(table.set_axis([*own.columns, *names], axis=1))
    return tables


def table_csv(table: pd.DataFrame, profile: Profile) -> bytes:
    """Return a small table as CSV; text in the given profile, numbers at full precision."""
    mark = BYTE_ORDER_MARK if profile == "spreadsheet" else b""
    header = ",".join(text_cells(pa.array(table.columns.map(str), TEXT), profile).to_pylist()) + "\n"
    if not len(table):
        return mark + header.encode()
    lines = lines_of([_cells(table.iloc[:, place], profile) for place in range(table.shape[1])])
    return mark + (header + "".join(lines.to_pylist())).encode()


def _cells(series: "pd.Series[Any]", profile: Profile) -> pa.Array:
    if pd.api.types.is_bool_dtype(series.dtype):
        return pa.array(["true" if value else "false" for value in series], TEXT)
    if pd.api.types.is_integer_dtype(series.dtype):
        return pa.array(series.to_numpy()).cast(TEXT)
    if pd.api.types.is_numeric_dtype(series.dtype):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return number_cells(values, whole(values))
    return text_cells(pa.array(series.tolist(), TEXT, from_pandas=True), profile)


def report(run: Run, files: Mapping[str, str], verified: Mapping[str, int], hashes: Mapping[str, str]) -> bytes:
    """Return `mece_report.json`: the account, the proof, the tree and what sizing did.

    Args:
        run: The analysis.
        files: Path of each segment's file, in the order of the tree.
        verified: Rows of each file that was read back.
        hashes: SHA-256 of each file but this one, by its path; what is listed here a later run may replace.
    """
    segmentation, proof, window = run.segmentation, run.proof, run.window
    tree = segmentation.tree
    content = {
        "window": {"start": str(window.start), "end": str(window.end), "timezone": window.timezone},
        "accounting": run.accounting.plain(),
        "reach": _reach(run.reach),
        **_experiment(run),
        "exclusive": proof.exclusive,
        "exhaustive": proof.exhaustive,
        "cells": proof.cells,
        "thresholds": [_threshold(threshold, run.currency) for threshold in tree.thresholds],
        "segments": _segments(run, files),
        "sizing": {"min": tree.limits.minimum, "max": tree.limits.maximum},
        "sizing_log": [str(step) for step in segmentation.sizing_log],
        "warnings": list(run.warnings),
        "policy_hash": run.policy_hash,
        "input_hash": run.input_hash,
        "policy": run.policy.name,
        "currency": run.currency,
        "weights": run.weights.model_dump(),
        "assumptions": run.scores.assumptions.model_dump(),
        "proof": asdict(proof),
        "verified_files": dict(verified),
        "sources": [asdict(source) for source in run.sources],
        "sha256": {**dict(sorted(hashes.items())), REPORT: ZEROS},
    }
    return seal(_json(content))


def _segments(run: Run, files: Mapping[str, str]) -> list[dict[str, Any]]:
    segmentation = run.segmentation
    recovered = recovered_by_segment(segmentation)
    return [
        {
            "name": segment.name,
            "size": segmentation.sizes[code],
            "recovered": recovered[code],
            "rule": segment.words,
            "file": files[segment.name],
            "waves": segmentation.wave_counts[code],
            "story": [each.words(run.currency).replace(SPACE, " ") for each in run.stories[code]],
        }
        for code, segment in enumerate(segmentation.tree.segments)
    ]


def _reach(reach: Reach) -> dict[str, Any]:
    left_out = {each.value: count for each, count in reach.left_out.items() if count or each not in LEFT_ALONE}
    return {"reachable": reach.total, "agreed": reach.agreed, "by_user_id": reach.by_user_id, **left_out}


def _threshold(threshold: Threshold, currency: str) -> dict[str, Any]:
    cut = None if abs(threshold.cut) >= WITHOUT_END else threshold.cut
    return {"feature": threshold.feature, "cut": cut, "asked": threshold.asked, "note": threshold.told(currency)}


def run_json(details: RunDetails) -> bytes:
    """Return `run.json`: the one file that differs between two runs with equal outcome."""
    return seal(_json({**asdict(details), "sha256": {RUN: ZEROS}}))


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _experiment(run: Run) -> dict[str, Any]:
    """Return what only some runs have: the account of repairs, and the customers of an experiment's arms by segment."""
    repairs = {"repairs": asdict(run.repairs)} if run.repairs else {}
    experiment = run.experiment
    if experiment is None:
        return repairs
    counts = run.segmentation.summed(partial(_arm_counts, experiment))
    ensure(int(counts.sum()) == run.accounting.universe, "customers of all arms = universe")
    by_segment = {
        name: dict(zip(experiment.arms, row.tolist(), strict=True))
        for name, row in zip(run.segmentation.tree.names, counts, strict=True)
    }
    return repairs | {"experiment": {**asdict(experiment), "segments": by_segment}}


def _arm_counts(experiment: Experiment, part: Segmentation) -> npt.NDArray[np.int64]:
    """Return the customers of each segment and arm."""
    counts = np.zeros((len(part.tree.segments), len(experiment.arms)), dtype=np.int64)
    np.add.at(counts, (part.codes, arms_of(experiment, part).codes), 1)
    return counts
