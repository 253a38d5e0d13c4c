"""The command with a server of Spark Connect: the same as in memory."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from run_store.workspace import Workspace
from tests.servers.spark import ROOT, connect_server, free_port
from tools import java

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(java.find() is None, reason="Spark needs Java: python -m tools.java"),
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("grpc", "grpc_status", "zstandard")),
        reason="Spark Connect needs the packages of requirements-spark.txt",
    ),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with connect_server(tmp_path_factory.mktemp("connect")) as found:
        yield found


@pytest.fixture
def carts(tmp_path: Path) -> Path:
    """Write customers in two files, one of whom has two rows, and one a date that is none."""
    ids, rng = [f"c{number}" for number in range(200)], np.random.default_rng(1)
    table = pd.DataFrame({"user_id": [*ids, "c0"], "cart_abandoned_date": ["soon", *["2025-09-20"] * 200]})
    table = table.assign(**{name: rng.random(201).round(2) for name in ("avg_order_value", "engagement_score")})
    for part in range(2):
        table[part::2].to_csv(tmp_path / f"carts-{part}.csv", index=False)
    return tmp_path / "carts-*.csv"


def command(*given: object) -> "subprocess.CompletedProcess[str]":
    # Spark decides once for a process whether it asks a server.
    call = [sys.executable, str(ROOT / "main.py"), *map(str, given)]
    return subprocess.run(call, capture_output=True, text=True, check=False)


def test_a_server_gives_what_one_piece_gives(server: str, carts: Path, tmp_path: Path) -> None:
    said, tables = [], []
    for name, engine in (("one", ["memory"]), ("other", ["spark", "--master", server])):
        place, own = ["--output_dir", tmp_path / name, "--workspace", tmp_path / "w"], ["--format", "parquet"]
        done = command("--input", carts, "--policy", "aov-buckets", "--save", name, *place, *own, "--engine", *engine)
        assert (done.returncode, done.stderr) == (0, "")
        said.append(done.stdout.partition("Files are in")[0])
        parts = map(pd.read_parquet, (tmp_path / name).glob("segment_assignments*"))
        tables.append(pd.concat(parts).sort_values("user_id", ignore_index=True))
    assert said[0] == said[1]
    pd.testing.assert_frame_equal(tables[1], tables[0], check_categorical=False)
    weeks = [Workspace(tmp_path / "w").open(period.id).run() for period in Workspace(tmp_path / "w").periods()]
    pd.testing.assert_frame_equal(weeks[1].scores.table, weeks[0].scores.table, rtol=1e-9)
    pd.testing.assert_frame_equal(weeks[1].quarantine, weeks[0].quarantine)


def test_an_address_without_a_server_is_told_at_once(carts: Path, tmp_path: Path) -> None:
    address = f"sc://127.0.0.1:{free_port()}"
    given = ["--input", carts, "--output_dir", tmp_path / "out", "--engine", "spark"]
    done = command(*given, "--master", f"{address}/;token=secret")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: --master {address}: the cluster cannot do the work (no server of Spark Connect")
