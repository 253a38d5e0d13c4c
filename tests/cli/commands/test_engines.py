"""The main command on each engine: the same folder, and nothing left behind."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, closing
from pathlib import Path

import pandas as pd
import pytest
from py4j.protocol import Py4JError

from cli.inputs import engine, spark
from cli.options.arguments import arguments
from data_ingestion.database import intake as database_intake
from data_ingestion.rows.spool import Spool
from main import app
from retention.errors import OptionError
from run_store import period_files
from tests.golden.inputs import write_inputs
from tests.outputs.folders import content
from tests.waiting import PATIENCE, wait_until
from tools import java

ROOT = Path(__file__).resolve().parents[3]
NEEDS_JAVA = pytest.mark.skipif(java.find() is None, reason="Spark needs Java: python -m tools.java")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the golden inputs."""
    folder = tmp_path_factory.mktemp("shop")
    write_inputs(folder)
    return folder


@pytest.fixture(autouse=True)
def here(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("RETENTION_WORKSPACE", str(shop / "workspace"))
    with chdir(shop):
        yield


def main(*given: object) -> int:
    with pytest.raises(SystemExit) as ended:
        app(arguments(list(map(str, given))))
    return int(ended.value.code or 0)


def written(folder: Path) -> dict[str, bytes]:
    """Return what a run wrote, without what names its options."""
    return {name: data for name, data in content(folder).items() if name != "run.json"}


@pytest.mark.parametrize(
    "given",
    [
        # What the others read as well is slow.
        *(pytest.param(f"--input customers.{kind}", marks=pytest.mark.slow) for kind in ("csv", "jsonl", "parquet")),
        "--input customers.csv.gz",
        "--input customers.xlsx",
        "--input faulty.csv",
        "--input customers.jsonl faulty.csv --on-conflict latest",
        "--input european.csv --encoding cp1252 --timezone Europe/Berlin --policy twelve-leaf --max_size 30",
        "--input customers.parquet --format parquet --profile spreadsheet",
    ],
)
def test_both_engines_write_the_same_bytes(given: str, tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    folders = [tmp_path / name for name in ("memory", "duckdb")]
    for folder in folders:
        options = ("--output_dir", folder, "--engine", folder.name, "--temp-directory", room)
        assert main(*given.split(), *options) == 0
    one, other = map(written, folders)
    assert one == other
    assert not list(room.iterdir())


def test_a_database_gives_the_same_bytes_on_both_engines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(database_intake, "CHUNK_ROWS", 70)
    path, query = tmp_path / "shop.db", "SELECT * FROM carts"
    customers = pd.read_csv("customers.csv", dtype="str")
    customers.loc[[5, 90], "cart_abandoned_date"] = "soon"
    with closing(sqlite3.connect(path)) as connection:
        pd.concat([customers, customers.head(3)]).to_sql("carts", connection, index=False)
    asked = ("--input", f"sqlite:///{path}", "--query", query)
    for name in ("memory", "duckdb"):
        assert main(*asked, "--engine", name, "--output_dir", tmp_path / name) == 0
    one, other = (written(tmp_path / name) for name in ("memory", "duckdb"))
    assert one == other
    assert len(one["quarantine.csv"].splitlines()) > 4
    capsys.readouterr()
    assert main(*asked, "--engine", "spark", "--output_dir", tmp_path / "spark") == 2
    assert "they come out of a database" in capsys.readouterr().err


def test_an_experiment_says_and_reports_the_same_on_both_engines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, reports, files = [], [], []
    for name in ("memory", "duckdb"):
        report, folder = tmp_path / f"{name}.html", tmp_path / name
        asked = ["--input", "customers.csv", "--experiment", "spring", "--arms", "control=0.3,mail=0.3,gift=0.4"]
        assert main(*asked, "--engine", name, "--report", report, "--output_dir", folder) == 0
        said.append(capsys.readouterr().out.replace(str(folder), ""))
        reports.append(report.read_bytes())
        files.append(written(folder))
    assert said[0] == said[1]
    assert "Experiment spring" in said[0]
    assert reports[0] == reports[1]
    assert files[0] == files[1]


def test_both_engines_save_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(period_files, "ROWS_PER_PART", 100)
    kept = []
    for name in ("memory", "duckdb"):
        store = tmp_path / f"store-{name}"
        asked = ("--input", "customers.csv", "--save", "week", "--engine", name, "--workspace", store)
        assert main(*asked, "--experiment", "spring", "--output_dir", tmp_path / name) == 0
        # The first word of a name is the period's identifier.
        kept.append(sorted(path.name.partition(".")[2] for path in (store / "periods").iterdir()))
    assert kept[0] == kept[1]
    assert len(kept[0]) == 5


def test_a_full_disk_under_the_workspace_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, room, store = (tmp_path / name for name in ("out", "room", "store"))
    room.mkdir()
    asked = ("--input", "customers.csv", "--save", "week", "--engine", "duckdb")
    options = (*asked, "--output_dir", out, "--workspace", store, "--temp-directory", room)
    assert main(*options) == 0
    before = content(out), content(store / "periods")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(period_files, "write_cube", full)
    assert main(*options) == 2
    said = capsys.readouterr().err
    assert "no space left on device" in said
    assert "workspace" in said
    assert (content(out), content(store / "periods")) == before
    assert not list(room.iterdir())


def test_what_needs_everybody_is_refused_in_parts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("--mock", "--engine", "duckdb", "--output_dir", "none") == 2
    said = capsys.readouterr().err
    assert "they do not come from files" in said
    assert "--engine" in said
    assert not Path("none").exists()


def test_an_input_that_memory_does_not_hold_is_read_in_parts_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "free", lambda: 1_000)
    assert main("--input", "customers.parquet", "--output_dir", tmp_path / "out") == 0
    assert "Ran in parts on the disk" in capsys.readouterr().out
    assert main("--input", "customers.parquet", "--output_dir", tmp_path / "out", "--engine", "memory") == 0
    assert "Ran in parts" not in capsys.readouterr().out


def test_a_full_disk_leaves_the_output_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, room = tmp_path / "out", tmp_path / "room"
    room.mkdir()
    options = ("--input", "customers.csv", "--output_dir", out, "--engine", "duckdb", "--temp-directory", room)
    assert main(*options) == 0
    before = content(out)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Spool, "__call__", full)
    assert main(*options) == 2
    said = capsys.readouterr().err
    assert "no space left on device" in said
    assert "--temp-directory" in said
    assert content(out) == before
    assert not list(room.iterdir())


def test_a_bad_file_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text('user_id,cart_abandoned_date\na,2025-09-20\nb,"2025-09-20\n', encoding="utf-8")
    assert main("--input", "customers.csv", bad, "--engine", "duckdb", "--output_dir", tmp_path / "out") == 2
    assert "bad.csv, line 3" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="a process is ended there without being asked")
@pytest.mark.parametrize(
    ("own", "begun"),
    [
        pytest.param("memory", ".out.part-*/**/*.csv", marks=pytest.mark.slow),
        ("duckdb --temp-directory room", "room/*"),
        pytest.param("spark --master local[1]", ".out.part-*/**/*.csv", marks=[pytest.mark.slow, NEEDS_JAVA]),
    ],
)
def test_a_run_that_is_told_to_end_leaves_nothing(tmp_path: Path, own: str, begun: str) -> None:
    rows = "".join(f"u{row},2025-09-20,{row % 97}\n" for row in range(400_000))
    (tmp_path / "many.csv").write_text("user_id,cart_abandoned_date,avg_order_value\n" + rows, encoding="utf-8")
    room = tmp_path / "room"
    room.mkdir()
    options = f"--input many.csv --policy aov-buckets --output_dir out --engine {own}".split()
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
    process = subprocess.Popen([sys.executable, str(ROOT / "main.py"), *options], cwd=tmp_path, env=environment)
    try:
        wait_until(lambda: process.poll() is not None or bool(list(tmp_path.glob(begun))))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    finally:
        process.kill()
    assert not list(room.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["many.csv", "room"]


def test_a_run_that_is_told_to_end_while_it_writes_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outputs.run_folder.report", lambda *_: signal.raise_signal(signal.SIGTERM))
    assert main("--input", "customers.csv", "--output_dir", tmp_path / "out") == 128 + signal.SIGTERM
    assert not list(tmp_path.iterdir())


class _Closed:
    """A session whose line to Java an interruption has closed."""

    def stop(self) -> None:
        raise Py4JError("An error occurred while calling o1.stop")


def test_a_closed_line_to_java_does_not_hide_the_interruption_that_closed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "_made", lambda *_: _Closed())
    with pytest.raises(KeyboardInterrupt), spark.spark("local"):
        raise KeyboardInterrupt
    with pytest.raises(OptionError, match="it does not answer, or has ended"), spark.spark("local"):
        pass


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("--input customers.csv --master local", "Add --engine spark"),
        ("--input spark:shop.carts", "only the engine spark reads a catalog"),
        ("--input spark:shop.carts customers.csv --engine spark", "must be the only input"),
        ("--input customers.csv --engine spark --master 127.0.0.1:7077", "Write spark://HOST:PORT"),
        ("--input customers.csv --engine spark", "pip install -r requirements-spark.txt"),
    ],
)
def test_what_a_cluster_cannot_do_is_refused_before_it_starts(
    given: str, why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("py4j.protocol", "pyspark.errors"):
        monkeypatch.setitem(sys.modules, name, None)
    assert main(*given.split(), "--output_dir", "none") == 2
    assert why in capsys.readouterr().err
    assert not Path("none").exists()
