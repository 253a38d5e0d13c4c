"""The commands as a person starts them."""

import csv
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.options.arguments import arguments
from main import app
from retention.errors import InvariantError
from tests.outputs.folders import content

SMALL = "--mock --mock_size 100 --output_dir out"
REQUIRED = "user_id,cart_abandoned_date,avg_order_value,engagement_score\n"


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def main(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process."""

    def run(*given: object) -> Done:
        with pytest.raises(SystemExit) as ended:
            app(arguments(list(map(str, given))))
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return run


def process(*given: object, cwd: Path) -> Done:
    """Run a command as a person does."""
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, str(root / "main.py"), *map(str, given)]
    env = {**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, check=False, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8")
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an earlier output and input of many kinds."""
    folder = tmp_path_factory.mktemp("earlier")
    given = ("--input", write_shop(folder), "--output_dir", folder / "out", "--workspace", folder / ".workspace")
    with pytest.raises(SystemExit) as ended:
        app(arguments(list(map(str, given))))
    assert not ended.value.code
    (folder / "empty.csv").touch()
    (folder / "columns.csv").write_text("user_id,cart_abandoned_dat\n1,2025-09-30\n", encoding="utf-8")
    (folder / "broken.yaml").write_text("name: broken\ntree: [", encoding="utf-8")
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small table in which two rows cannot be used and one is outside the window."""
    return write_shop(tmp_path)


def write_shop(folder: Path) -> Path:
    rows = [f"{i:04},2025-09-{24 + i % 7},{i},{i % 10 / 10}\n" for i in range(200)]
    rows += ["bad,2025-09-30,abc,0.5\n", ",2025-09-30,1,0.5\n", "old,2025-08-01,1,0.5\n"]
    path = folder / "shop.csv"
    path.write_text(REQUIRED + "".join(rows), encoding="utf-8")
    return path


def test_the_demo_of_the_readme_shows_its_five_segments(tmp_path: Path) -> None:
    done = process("--mock", "--mock_size", 10_000, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    for name in ("VIP Active", "Core Engaged", "At-Risk Medium", "Price-Sensitive", "Dormant Low-Value"):
        assert name in done.out
    assert "\x1b" not in done.out
    assert len(list((tmp_path / "out" / "segments").iterdir())) == 5


def test_a_file_of_ones_own_is_segmented_and_accounted_for(main: Command, shop: Path, tmp_path: Path) -> None:
    done = main("--input", shop, "--output_dir", tmp_path / "out")
    assert done.code == 0, done.err
    report = json.loads((tmp_path / "out" / "mece_report.json").read_bytes())
    account = report["accounting"]
    assert (account["read"], account["quarantined"], account["outside_window"], account["universe"]) == (203, 2, 1, 200)
    assert "203 rows read = 201 accepted + 2 quarantined" in done.out
    with (tmp_path / "out" / "segment_assignments.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["user_id"] for row in csv.DictReader(stream)] == [f"{i:04}" for i in range(200)]


@pytest.mark.parametrize(
    "spelling",
    [
        ("--input", "{a}", "{b}", "--output-dir", "{out}", "--min-size", "3", "--date_order", "ymd"),
        (
            "segment",
            "--input",
            "{a}",
            "--input",
            "{b}",
            "--output_dir",
            "{out}",
            "--min_size",
            "3",
            "--date-order",
            "ymd",
        ),
        ("--output_dir={out}", "--min-size=3", "--date-order=ymd", "--input={a}", "--input={b}"),
    ],
)
def test_options_may_be_spelled_as_one_likes(main: Command, spelling: tuple[str, ...], tmp_path: Path) -> None:
    names = {"a": tmp_path / "a.csv", "b": tmp_path / "b.csv", "out": tmp_path / "out"}
    for number, name in enumerate("ab"):
        rows = "".join(f"{name}{i},2025-09-30,{i + number},0.{i % 10}\n" for i in range(30))
        names[name].write_text(REQUIRED + rows, encoding="utf-8")
    done = main(*(part.format(**names) for part in spelling))
    assert done.code == 0, done.err
    report = json.loads((tmp_path / "out" / "mece_report.json").read_bytes())
    assert report["accounting"]["read"] == 60
    assert report["sizing"]["min"] == 3
    assert [source["name"] for source in report["sources"]] == ["a.csv", "b.csv"]


def test_options_reach_the_files(main: Command, tmp_path: Path) -> None:
    options = "--mock --mock_size 800 --seed 3 --policy aov-buckets --end 2025-12-26 --timezone Europe/Berlin"
    more = "--weights conv_pot=1,lift=0 --currency chf --profile spreadsheet --max_size 60"
    done = main(*options.split(), *more.split(), "--output_dir", tmp_path / "out")
    assert done.code == 0, done.err
    report = json.loads((tmp_path / "out" / "mece_report.json").read_bytes())
    assert report["window"] == {"start": "2025-12-20", "end": "2025-12-26", "timezone": "Europe/Berlin"}
    assert (report["policy"], report["currency"]) == ("aov-buckets", "CHF")
    assert (report["weights"]["conv_pot"], report["weights"]["lift"], report["weights"]["size"]) == (1, 0, 0.15)
    assert report["sizing"]["max"] == 60
    assert (tmp_path / "out" / "segment_scores.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    record = json.loads((tmp_path / "out" / "run.json").read_bytes())
    assert record["options"]["seed"] == 3
    assert {"program", "python", "pandas"} <= set(record["versions"])
    assert set(record["seconds"]) == {"read", "analyze"}
    assert datetime.fromisoformat(record["started"]).tzinfo is not None


def test_parquet_comes_out_and_goes_back_in(main: Command, tmp_path: Path) -> None:
    first = main("--mock", "--mock_size", 900, "--format", "parquet", "--output_dir", tmp_path / "one")
    assert first.code == 0, first.err
    again = main("--input", tmp_path / "one" / "segment_assignments.parquet", "--output_dir", tmp_path / "two")
    assert again.code == 0, again.err
    reports = [json.loads((tmp_path / name / "mece_report.json").read_bytes()) for name in ("one", "two")]
    sizes = [{segment["name"]: segment["size"] for segment in report["segments"]} for report in reports]
    assert sizes[0] == sizes[1]


def test_assignments_as_csv_give_the_same_segments_again(main: Command, tmp_path: Path) -> None:
    zone = ("--timezone", "America/New_York")
    assert main("--mock", "--mock_size", 900, *zone, "--output_dir", tmp_path / "one").code == 0
    again = main("--input", tmp_path / "one" / "segment_assignments.csv", *zone, "--output_dir", tmp_path / "two")
    assert again.code == 0, again.err
    paths = [tmp_path / name / "segment_assignments.csv" for name in ("one", "two")]
    kept = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as stream:
            kept.append(
                [(row["user_id"], row["Segment"], row["cart_abandoned_date"]) for row in csv.DictReader(stream)]
            )
    assert kept[0] == kept[1]


def test_generated_customers_equal_the_built_in_ones(main: Command, tmp_path: Path) -> None:
    made = main("generate", "--size", 700, "--seed", 5, "--output", tmp_path / "new" / "people.csv")
    assert made.code == 0, made.err
    assert "700 synthetic customers" in made.out
    assert main("--mock", "--mock-size", 700, "--seed", 5, "--output_dir", tmp_path / "a").code == 0
    file = main("--input", tmp_path / "new" / "people.csv", "--end", "2025-09-30", "--output_dir", tmp_path / "b")
    assert file.code == 0, file.err
    again = main("generate", "--size", 700, "--output", tmp_path / "new" / "people.csv")
    assert (again.code, "the file exists already" in again.err) == (2, True)
    assert main("generate", "--size", 9, "--output", tmp_path / "new" / "people.csv", "--overwrite").code == 0
    for name in ("segment_scores.csv", "segment_scores.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "no customers to segment"),
        (("--mock", "--input", "shop.csv"), "exclude each other"),
        (("--input", "nope.csv"), "no such file"),
        (("--input", "empty.csv"), "empty.csv"),
        (("--input", "columns.csv"), "'cart_abandoned_dat' to 'cart_abandoned_date'"),
        (("--input", "shop.csv", "--start", "2024-01-01"), "1 Aug \u2013 30 Sep 2025"),
        (("--input", "shop.csv", "--policy", "twelve-leaf", "--min_size", "x"), "--min_size"),
        (("--mock", "--mock_size", "0"), "0 customers cannot be generated"),
        (("--mock", "--policy", "./broken.yaml"), "broken.yaml"),
        (("--mock", "--output_dir", "."), "working directory"),
        (("--mock", "--output_dir", "shop.csv"), "is a file"),
        (("--mock", "--format", "xml"), "csv"),
        (("--mock", "--no-such-option",), "No such option"),
        (("shop.csv",), "No such command"),
        (("--mock", "generate", "--output", "x.csv"), "options go after the command"),
        (("generate",), "--output"),
        (("generate", "--output", "."), "is a folder"),
        (("generate", "--size", "-1", "--output", "x.csv"), "cannot be generated"),
    ],
)  # fmt: skip
def test_bad_input_is_one_message_and_touches_no_output(
    given: tuple[str, ...], message: str, main: Command, earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(earlier)
    before = content(earlier)
    done = main(*given)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "Traceback" not in done.err
    assert content(earlier) == before


def test_no_message_holds_a_customers_values(main: Command, tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("user_id,cart_abandoned_date\nann@example.com,sometime\n", encoding="utf-8")
    done = main("--input", path, "--output_dir", tmp_path / "out")
    assert done.code == 2
    assert "ann@example.com" not in done.err
    assert "sometime" not in done.err


def test_an_error_on_our_side_is_short_without_debug_and_exits_with_1(
    main: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("ann@example.com")

    monkeypatch.setattr("cli.inputs.engine.analyze", fail)
    given = ("--mock", "--mock_size", 100, "--output_dir", tmp_path / "out")
    done = main(*given)
    assert done.code == 1
    line = fail.__code__.co_firstlineno + 1
    assert done.err.startswith(f"Error on our side: KeyError (test_commands.py, line {line}).")
    assert len(done.err.splitlines()) == 1
    assert "ann@example.com" not in done.err
    assert not (tmp_path / "out").exists()
    loud = main(*given, "--debug")
    assert loud.code == 1
    assert "Traceback" in loud.err


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "Interrupted"),
        (InvariantError("broken identity: sum of sizes = universe"), 1, "broken identity: sum of sizes = universe"),
        (MemoryError(), 2, "--memory-limit"),
    ],
)
def test_what_ends_a_run_early_has_its_exit_code(
    error: BaseException, code: int, message: str, main: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("cli.inputs.engine.analyze", fail)
    done = main("--mock", "--mock_size", 100, "--output_dir", tmp_path / "out")
    assert done.code == code
    assert message in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no such limit, or count otherwise")
def test_a_file_that_needs_more_memory_than_the_limit_is_one_message(tmp_path: Path) -> None:
    path = tmp_path / "texts.parquet"
    texts = pa.array([f"{n}{'y' * (1 << 20)}" for n in range(400)], pa.large_string())
    pq.write_table(pa.table({"user_id": texts, "cart_abandoned_date": ["2025-09-01"] * 400}), path, compression="zstd")
    given = ("--input", path, "--memory-limit", "400M", "--output_dir", tmp_path / "out")
    done = process(*given, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "more memory than the 400 MB that are allowed" in done.err
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break differently there")
def test_a_reader_that_stops_early_does_no_harm(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, str(root / "main.py"), *SMALL.split()]
    running = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    said = running.stderr.read()
    running.stderr.close()
    assert (running.wait(), said) == (0, b"")
    assert (tmp_path / "out" / "run.json").exists()


def test_the_version_is_told_and_is_that_of_the_changelog(main: Command, root: Path) -> None:
    told = main("--version").out.removeprefix("Cart Recovery Segmenter ").strip()
    log = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = next(line for line in log.splitlines() if line.startswith("## "))
    assert told in newest.replace("[", " ").replace("]", " ").split()


@pytest.mark.parametrize("given", ["", "2"])
def test_numpy_will_have_one_thread_unless_another_number_is_given(given: str, root: Path) -> None:
    code = """
import os, runpy, sys
sys.argv = ["main.py", "--help"]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit:
    print(os.environ["OPENBLAS_NUM_THREADS"], "numpy" in sys.modules)
"""
    others = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    env = others | ({"OPENBLAS_NUM_THREADS": given} if given else {}) | {"PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=env, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == f"{given or 1} False"


@pytest.mark.parametrize("given", [("--help",), ("-h",), ("segment", "--help")])
def test_the_help_shows_options_and_commands(given: tuple[str, ...], main: Command) -> None:
    page = main(*given)
    assert page.code == 0
    assert "--mock_size" in page.out
    assert "generate" in page.out


def test_every_option_of_the_contract_is_there_in_both_spellings(main: Command) -> None:
    page = main("--help").out
    names = "input mock mock_size seed output_dir policy start end timezone date_order decimal limits min_size max_size"
    for name in [*names.split(), "split_oversize", "weights", "currency", "profile", "on_conflict", "format"]:
        assert f"--{name} " in page or f"--{name.replace('_', '-')} " in page
        for spelling in (name, name.replace("_", "-")):
            assert "No such option" not in main(f"--{spelling}", "--help").err


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell closes the streams")
@pytest.mark.parametrize(
    "given",
    [
        "power --size 500 >&- 2>&-",
        *(pytest.param(f"{SMALL} {closed}", marks=pytest.mark.slow) for closed in (">&- 2>&-", ">&-", "2>&-")),
    ],
)
def test_a_program_started_with_closed_streams_does_its_work(tmp_path: Path, root: Path, given: str) -> None:
    program = shlex.join([sys.executable, str(root / "main.py")])
    done = subprocess.run(["/bin/sh", "-c", f"{program} {given}"], check=False, cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "out" / "mece_report.json").exists() == given.startswith(SMALL)


def test_rows_set_aside_are_corrected_and_read_again(main: Command, tmp_path: Path) -> None:
    shop, out = tmp_path / "shop.csv", tmp_path / "out"
    shop.write_text(f"{REQUIRED}a,2025-09-24,10,0.5\nb,24.13.2025,10,0.5\nc,2025-09-24,ten,0.5\n", encoding="utf-8")
    assert main("--input", shop, "--output_dir", out).code == 0
    rows = (out / "quarantine.csv").read_text(encoding="utf-8")
    fixed = tmp_path / "fixed.csv"
    fixed.write_text(rows.replace("b,24.13.2025", "b,2025-09-24"), encoding="utf-8")
    assert main("--input", shop, "--repaired", fixed, "--output_dir", tmp_path / "again").code == 0
    report = json.loads((tmp_path / "again" / "mece_report.json").read_bytes())
    assert report["repairs"] == {"before": 2, "repaired": 1, "still_set_aside": 1, "newly_set_aside": 0}
    assert (report["accounting"]["read"], report["accounting"]["universe"]) == (3, 2)
    assert json.loads((tmp_path / "again" / "run.json").read_bytes())["options"]["repaired"] == ["fixed.csv"]


def test_corrected_rows_need_files_and_are_not_replaced_by_the_output(main: Command, tmp_path: Path) -> None:
    shop = tmp_path / "shop.csv"
    shop.write_text(f"{REQUIRED}a,2025-09-24,10,0.5\nb,x,10,0.5\n", encoding="utf-8")
    assert main("--input", shop, "--output_dir", tmp_path / "out").code == 0
    kept = tmp_path / "out" / "quarantine.csv"
    done = main("--input", shop, "--repaired", kept, "--output_dir", tmp_path / "out")
    assert done.code == 2
    assert "would be replaced" in done.err
    assert main("--mock", "--repaired", kept).code == 2
