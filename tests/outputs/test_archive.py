"""Downloads: one segment's file, and the archive of all."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from analysis import Run
from outputs import archive, archive_name, customers_file, segment_file, segment_name, write_outputs
from run_store import Workspace, period_files
from tests.outputs.folders import content


def test_a_segment_downloads_as_it_is_written(synthetic: Run, tmp_path: Path) -> None:
    written = write_outputs(synthetic, tmp_path / "out")
    for code, path in enumerate(written.segments.values()):
        assert segment_file(synthetic, code, "machine") == (tmp_path / "out" / path).read_bytes()
        assert segment_name(synthetic, code, "machine") == f"{Path(path).stem}.machine.csv"


def test_a_saved_week_hands_out_the_same_files(synthetic: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(period_files, "ROWS_PER_PART", 100)
    workspace = Workspace(tmp_path)
    saved = workspace.open(workspace.save(synthetic, name="week", saved_at=datetime(2025, 10, 1, tzinfo=UTC)))
    monkeypatch.setattr("run_store.SavedRun.run", None)
    parted = saved.run_in_parts()
    assert archive(parted, "machine") == archive(synthetic, "machine")
    assert segment_file(parted, 1, "machine") == segment_file(synthetic, 1, "machine")
    order = np.random.default_rng(0).permutation(synthetic.accounting.universe)
    for some in (order[:150], order[:0]):
        lines = customers_file(synthetic, some, "spreadsheet")
        assert customers_file(parted, some, "spreadsheet") == lines
        ids = synthetic.segmentation.customers["user_id"].iloc[some]
        assert [line.split(",")[0] for line in lines.decode().splitlines()[1:]] == ids.tolist()


def test_the_profile_is_in_the_name_and_in_the_bytes(small: Run) -> None:
    assert segment_name(small, 0, "spreadsheet").endswith(".spreadsheet.csv")
    assert segment_file(small, 0, "spreadsheet").startswith(b"\xef\xbb\xbfuser_id,")
    assert archive_name(small, "spreadsheet") == "five-segments_2025-09-30.spreadsheet.zip"


def test_the_archive_holds_every_file_but_the_record_of_the_run(synthetic: Run, tmp_path: Path) -> None:
    write_outputs(synthetic, tmp_path / "out", profile="spreadsheet")
    with zipfile.ZipFile(io.BytesIO(archive(synthetic, "spreadsheet"))) as made:
        assert made.testzip() is None
        held = {name: made.read(name) for name in made.namelist()}
    expected = content(tmp_path / "out")
    expected.pop("run.json")
    assert held == expected


def test_equal_runs_give_equal_archives(small: Run) -> None:
    assert archive(small, "machine") == archive(small, "machine")
