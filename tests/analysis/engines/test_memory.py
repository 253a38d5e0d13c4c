"""What an analysis in parts takes of memory does not grow with its customers."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.scale.inputs import END, write_customers

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
