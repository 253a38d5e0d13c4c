"""All files of a run: complete, consistent, equal for equal runs."""

import csv
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from analysis import Run, analyze
from outputs import RunDetails, run_folder, write_outputs
from outputs.assignments import Assignments
from outputs.names import REPORT
from retention.errors import InvariantError
from retention.partition.tree import Threshold
from run_store import load_policy
from tests.outputs.folders import content
from tests.outputs.runs import run_of, synthetic_run, table

HEADER_OF_QUARANTINE = "file,line,column,value,reason,faults,suggestion\n"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_file_of_the_contract_is_there_and_no_other(small: Run, tmp_path: Path) -> None:
    written = write_outputs(small, tmp_path / "out")
    assert set(content(tmp_path / "out")) == {
        "segment_assignments.csv",
        "segment_scores.csv",
        "segment_scores.json",
        "mece_report.json",
        "quarantine.csv",
        "run.json",
        *written.segments.values(),
    }
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("profile", ["machine", "spreadsheet"])
def test_segment_files_are_complete_and_disjoint(synthetic: Run, tmp_path: Path, profile: str) -> None:
    written = write_outputs(synthetic, tmp_path / "out", profile=profile)  # type: ignore[arg-type]
    whole = rows(tmp_path / "out" / "segment_assignments.csv")
    parts = {name: rows(tmp_path / "out" / path) for name, path in written.segments.items()}
    assert {name: [row for row in whole if row["Segment"] == name] for name in parts} == parts
    assert sum(map(len, parts.values())) == len(whole) == synthetic.accounting.universe
    assert len({row["user_id"] for row in whole}) == len(whole)


def test_files_are_numbered_by_rank(synthetic: Run, tmp_path: Path) -> None:
    written = write_outputs(synthetic, tmp_path / "out")
    ranked = synthetic.scores.table["Segment"].tolist()
    assert sorted(written.segments, key=lambda name: written.segments[name]) == ranked


def test_waves_are_written(synthetic: Run, tmp_path: Path) -> None:
    write_outputs(synthetic, tmp_path / "out")
    report = json.loads((tmp_path / "out" / REPORT).read_bytes())
    for segment in report["segments"]:
        waves = [row["Wave"] for row in rows(tmp_path / "out" / segment["file"])]
        assert len(set(waves)) == segment["waves"] == math.ceil(segment["size"] / 120)
    assert max(segment["waves"] for segment in report["segments"]) > 1


def test_parquet_holds_what_csv_holds(synthetic: Run, tmp_path: Path) -> None:
    as_csv = write_outputs(synthetic, tmp_path / "csv")
    as_parquet = write_outputs(synthetic, tmp_path / "parquet", file_format="parquet")
    for name in as_csv.segments:
        text = pd.read_csv(
            tmp_path / "csv" / as_csv.segments[name], dtype={"user_id": "str", "zip": "str", "phone": "str"}
        )
        typed = parquet.read_table(tmp_path / "parquet" / as_parquet.segments[name])
        assert typed.column_names == text.columns.tolist()
        assert typed.column("user_id").to_pylist() == text["user_id"].tolist()
        frame = typed.to_pandas()
        pd.testing.assert_series_equal(frame["avg_order_value"], text["avg_order_value"])
        times = pd.to_datetime(text["cart_abandoned_date"], format="ISO8601", utc=True)
        assert (times == frame["cart_abandoned_date"]).all()
    assert (
        parquet.read_schema(tmp_path / "parquet" / "segment_assignments.parquet").field("avg_order_value").type
        == pa.float64()
    )


def test_two_equal_runs_differ_in_run_json_only(tmp_path: Path) -> None:
    for name in ("a", "b"):
        run = run_of(tmp_path, table())
        write_outputs(run, tmp_path / name, details=RunDetails(started=name))
    first, second = content(tmp_path / "a"), content(tmp_path / "b")
    assert {path for path in first if first[path] != second[path]} == {"run.json"}
    assert first.keys() == second.keys()


@pytest.mark.slow
def test_the_hash_seed_of_the_process_changes_no_byte(tmp_path: Path, root: Path) -> None:
    for seed in ("0", "1"):
        command = [sys.executable, "main.py", "--mock", "--mock_size", "900", "--output_dir", str(tmp_path / seed)]
        subprocess.run(command, cwd=root, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True)
    first, second = content(tmp_path / "0"), content(tmp_path / "1")
    assert {path for path in first if first[path] != second[path]} <= {"run.json"}


def test_scores_in_csv_and_json_are_the_same_at_full_precision(synthetic: Run, tmp_path: Path) -> None:
    write_outputs(synthetic, tmp_path / "out")
    objects = json.loads((tmp_path / "out" / "segment_scores.json").read_bytes())
    lines = rows(tmp_path / "out" / "segment_scores.csv")
    expected = synthetic.scores.table
    assert [list(each) for each in objects] == [expected.columns.tolist()] * len(expected)
    assert [each["Overall_Score"] for each in objects] == expected["Overall_Score"].tolist()
    assert [float(line["Overall_Score"]) for line in lines] == expected["Overall_Score"].tolist()
    assert [line["Campaign"] for line in lines] == [each["Campaign"] for each in objects]


def test_a_missing_score_is_null_in_json_and_empty_in_csv(tmp_path: Path) -> None:
    lines = "".join(f"{i},2025-09-30,{i}\n" for i in range(30))
    run = run_of(tmp_path, f"user_id,cart_abandoned_date,avg_order_value\n{lines}", "aov-buckets")
    write_outputs(run, tmp_path / "out")
    assert {each["Conv_Pot"] for each in json.loads((tmp_path / "out" / "segment_scores.json").read_bytes())} == {None}
    assert {row["Conv_Pot"] for row in rows(tmp_path / "out" / "segment_scores.csv")} == {""}


def test_the_report_holds_what_the_contract_names(small: Run, tmp_path: Path) -> None:
    write_outputs(small, tmp_path / "out")
    report = json.loads((tmp_path / "out" / REPORT).read_bytes())
    assert report["window"] == {"start": "2025-09-24", "end": "2025-09-30", "timezone": "UTC"}
    account = report["accounting"]
    assert account["read"] == account["accepted"] + account["quarantined"] == 60
    assert account["accepted"] == account["universe"] + account["outside_window"]
    assert sum(segment["size"] for segment in report["segments"]) == account["universe"]
    assert report["exclusive"] is report["exhaustive"] is True
    assert report["cells"] == report["proof"]["cells"] == 12
    assert set(report["thresholds"][0]) == {"feature", "cut", "asked", "note"}
    assert set(report["segments"][0]) == {"name", "size", "recovered", "rule", "file", "waves", "story"}
    assert report["sizing"] == {"min": 2, "max": 20_000}
    assert report["verified_files"]["segment_assignments.csv"] == 60
    assert {"sizing_log", "warnings", "policy_hash", "input_hash"} <= set(report)


@pytest.mark.parametrize(("cut", "shown"), [(math.inf, None), (-math.inf, None), (1.7e308, None), (20.5, 20.5)])
def test_a_cut_beyond_all_numbers_is_null_in_the_report(
    cut: float, shown: float | None, small: Run, tmp_path: Path
) -> None:
    tree = replace(small.segmentation.tree, thresholds=(Threshold("avg_order_value", cut, "q20", "moved"),))
    run = replace(small, segmentation=replace(small.segmentation, tree=tree))
    write_outputs(run, tmp_path / "out")
    (threshold,) = json.loads((tmp_path / "out" / REPORT).read_bytes())["thresholds"]
    assert threshold == {"feature": "avg_order_value", "cut": shown, "asked": "q20", "note": "moved"}


def test_the_quarantine_names_line_column_value_and_reason(tmp_path: Path) -> None:
    text = table() + "x,2025-09-30,abc,0.5,Ann,yes\n"
    run = run_of(tmp_path, text)
    write_outputs(run, tmp_path / "out")
    (row,) = rows(tmp_path / "out" / "quarantine.csv")
    assert (row["file"], row["column"], row["value"], row["reason"], row["faults"]) == (
        "shop.csv",
        "avg_order_value",
        "abc",
        "not_a_number",
        "1",
    )


def test_the_quarantine_without_rows_has_its_header(small: Run, tmp_path: Path) -> None:
    write_outputs(small, tmp_path / "out")
    assert (tmp_path / "out" / "quarantine.csv").read_text(encoding="utf-8") == HEADER_OF_QUARANTINE


def test_the_spreadsheet_profile_marks_csv_files_as_utf_8(small: Run, tmp_path: Path) -> None:
    write_outputs(small, tmp_path / "out", profile="spreadsheet")
    marked = {path for path, data in content(tmp_path / "out").items() if data.startswith(b"\xef\xbb\xbf")}
    assert marked == {path for path in content(tmp_path / "out") if path.endswith(".csv")}


def test_progress_names_its_steps_and_only_grows(small: Run, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    write_outputs(small, tmp_path / "out", progress=lambda step, share: told.append((step, share)))
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert {"Writing assignments", "Reading the files back", "Writing reports"} <= {step for step, _ in told}


def lose_a_row(lines: list[str]) -> list[str]:
    return lines[:-1]


def repeat_a_row(lines: list[str]) -> list[str]:
    return [*lines, lines[-1]]


def add_a_stranger(lines: list[str]) -> list[str]:
    return [*lines, lines[-1].replace(lines[-1].split(",")[0], "stranger", 1)]


def swap_rows(lines: list[str]) -> list[str]:
    return [lines[0], *reversed(lines[1:])]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lose_a_row, "1 unassigned"),
        (repeat_a_row, "1 assigned twice"),
        (add_a_stranger, "1 not in the universe"),
        (swap_rows, "not where they belong"),
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_a_broken_file_is_found_and_nothing_is_published(
    fault: Callable[[list[str]], list[str]],
    message: str,
    place: int,
    synthetic: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = run_folder._write_csv

    def tampered(
        whole: Assignments, made: Iterable[Assignments], paths: list[Path], done: Callable[[int], None]
    ) -> None:
        honest(whole, made, paths, done)
        lines = paths[place].read_text(encoding="utf-8").splitlines(keepends=True)
        paths[place].write_text("".join(fault(lines)), encoding="utf-8")

    monkeypatch.setattr(run_folder, "_write_csv", tampered)
    with pytest.raises(InvariantError, match=message):
        write_outputs(synthetic, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_two_customers_in_each_others_file_are_found(
    synthetic: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = run_folder._write_csv

    def swapped(
        whole: Assignments, made: Iterable[Assignments], paths: list[Path], done: Callable[[int], None]
    ) -> None:
        honest(whole, made, paths, done)
        texts = [path.read_text(encoding="utf-8").splitlines(keepends=True) for path in paths[1:3]]
        texts[0][1], texts[1][1] = texts[1][1], texts[0][1]
        for path, lines in zip(paths[1:3], texts, strict=True):
            path.write_text("".join(lines), encoding="utf-8")

    monkeypatch.setattr(run_folder, "_write_csv", swapped)
    with pytest.raises(InvariantError, match="one segment a file"):
        write_outputs(synthetic, tmp_path / "out")


@pytest.mark.parametrize("fault", ["segment", "order"])
def test_parts_that_are_broken_in_parquet_are_found(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = run_folder._write_parquet

    def tampered(
        whole: Assignments, made: Iterable[Assignments], paths: list[Path], done: Callable[[int], None]
    ) -> None:
        honest(whole, made, paths, done)
        told = parquet.read_table(paths[0])
        if fault == "segment":
            names = [*told["Segment"].to_pylist()[1:], "of nobody"]
            told = told.set_column(1, "Segment", pa.array(names).dictionary_encode())
        parquet.write_table(told if fault == "segment" else told.sort_by([("user_id", "descending")]), paths[0])

    monkeypatch.setattr(run_folder, "_write_parquet", tampered)
    (tmp_path / "shop.csv").write_text(table(), encoding="utf-8")
    run = analyze([tmp_path / "shop.csv"], load_policy("five-segments"), engine="duckdb")
    with pytest.raises(InvariantError, match="read back holds its customers"):
        write_outputs(run, tmp_path / "out", file_format="parquet")
    assert not (tmp_path / "out").exists()


def test_rows_of_a_segment_wait_for_each_other(synthetic: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_folder, "BLOCK_ROWS", 40)
    monkeypatch.setattr(run_folder, "WAITING", 120)
    written = write_outputs(synthetic, tmp_path / "out", file_format="parquet")
    whole = parquet.read_table(tmp_path / "out" / "segment_assignments.parquet")
    for name, path in written.segments.items():
        held = parquet.ParquetFile(tmp_path / "out" / path)
        assert held.read().equals(whole.filter(pa.compute.equal(whole["Segment"].cast(pa.string()), name)))
        groups = [held.metadata.row_group(place).num_rows for place in range(held.num_row_groups)]
        # No more than the blocks that all customers make, of which each has some of most segments.
        assert len(groups) < whole.num_rows / 40 / 2
        assert max(groups) < 80


@pytest.mark.parametrize("policy", ["twelve-leaf", "aov-buckets", "value-recency"])
def test_every_shipped_policy_can_be_written(policy: str, tmp_path: Path) -> None:
    run = synthetic_run(3_000, policy)
    written = write_outputs(run, tmp_path / "out")
    assert len(written.segments) == len(run.segmentation.tree.segments)
    assert sum(written.verified[path] for path in written.segments.values()) == run.accounting.universe
