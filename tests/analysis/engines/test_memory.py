"""What an analysis in parts takes of memory does not grow with its customers."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from benchmarks.scale.event_logs import write_log
from benchmarks.scale.inputs import END, write_customers
from data_ingestion import PartedActivity, PartedIntake, Spool, read_parts
from data_ingestion.cells.typed_blocks import FinishedBlock
from data_ingestion.files import parquet_batches, parquet_text
from data_ingestion.rows import by_customer

PROGRAM = """
import sys, tracemalloc
from datetime import date
from pathlib import Path
import pyarrow as pa
from analysis import Settings
from analysis.engines.parts import analyze_parts
from data_ingestion import Spool, read_parts
from outputs import write_outputs
from retention.period import Window
from retention.policy.yaml_text import policy_from_yaml

source, folder, policy, end = sys.argv[1:]
place = Path(folder) / "parts"
place.mkdir()
tracemalloc.start()
asked = Settings(window=Window.ending(date.fromisoformat(end), "UTC"))
run = analyze_parts(read_parts([Path(source)], Spool(place)), policy_from_yaml(Path(policy).read_text()), asked)
write_outputs(run, Path(folder) / "out", file_format="parquet")
print(run.accounting.universe, tracemalloc.get_traced_memory()[1], pa.default_memory_pool().max_memory())
"""
PART = 65_536


@pytest.mark.slow
def test_four_times_the_customers_take_the_same_memory(tmp_path: Path, root: Path) -> None:
    peaks = list[int]()
    for parts in (4, 16):
        folder = tmp_path / str(parts)
        folder.mkdir()
        write_customers(parts * PART, folder / "customers.parquet")
        policy = root / "policies" / "five-segments.yaml"
        arguments = [str(folder / "customers.parquet"), str(folder), str(policy), str(END)]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments], cwd=root, check=True, capture_output=True, text=True
        )
        customers, python, arrow = map(int, done.stdout.split())
        assert customers == parts * PART
        peaks.append(python + arrow)
    few, many = peaks
    # Sixteen parts of 65,536 customers, of 60 bytes and more each, held at once would take 45 MB more than four.
    assert many - few < 15 << 20


def test_a_part_holds_no_piece_of_each_block_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Parts that hold as many pieces as there are blocks grow with the square of the customers, outside of what is
    # counted above: 1,526 parts of 3,052 pieces took 1,200 MB without one row in them.
    monkeypatch.setattr(parquet_batches, "MOST_ROWS", 5)
    monkeypatch.setattr(parquet_text, "STRETCH", 5)
    write_customers(200, tmp_path / "customers.parquet")
    intake = read_parts([tmp_path / "customers.parquet"], Spool(tmp_path), rows=10)
    assert isinstance(intake, PartedIntake)
    assert len(intake.frames.lengths) > 10
    for part in intake:
        for frame in (part.cells, part.quarantine):
            texts = [pa.chunked_array(pa.array(frame[name])) for name in ("file", "column", "value", "reason")]
            assert max(each.num_chunks for each in texts) <= 1


def test_rows_of_all_parts_of_a_log_wait_in_one_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A block for each piece of each part grows with the square of the events: 12,000 took 240 MB without a row.
    monkeypatch.setattr(by_customer, "ENTRIES", 1)
    kept, keep = list[FinishedBlock](), Spool.__call__

    def watched(spool: Spool, block: object) -> object:
        if isinstance(block, FinishedBlock):
            kept.append(block)
        return keep(spool, block)

    monkeypatch.setattr(Spool, "__call__", watched)
    write_log(400, tmp_path / "log.csv")
    intake = read_parts([tmp_path / "log.csv"], Spool(tmp_path), rows=10)
    assert isinstance(intake, PartedActivity)
    assert len(list(intake)) > 20
    assert sum(block.rows == 400 for block in kept) == len(kept) <= 2
