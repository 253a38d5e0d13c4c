"""Customers on a cluster and in one piece: the same segments, waves, arms, reasons and numbers."""

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyspark.sql
import pytest

from analysis import Run, Settings, analyze
from analysis.engines.spark import analyze_spread
from cli.inputs.spark import spark
from cli.options.arguments import arguments
from data_ingestion import ReadOptions, read_customers
from data_ingestion.cluster.blobs import Cluster, SpreadRows
from data_ingestion.cluster.reading import read_spread
from data_ingestion.cluster.sources import SpreadFiles, SpreadTable
from main import app
from outputs import write_outputs
from retention.errors import InputError
from retention.experiment.arms import Experiment
from retention.period import Window
from retention.policy.policy import Policy
from run_store.workspace import Workspace
from tests.activity_logs import habits
from tests.outputs.folders import content
from tests.servers.spark import Standalone, standalone
from tests.strategies import cut, policy_of
from tests.waiting import wait_until
from tools import java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
    pytest.mark.skipif(java.find() is None, reason="Spark needs Java: python -m tools.java"),
]

CELLS = {
    "cart_abandoned_date": ["2025-09-20", "2025-09-20 10:00", "2025-09-19T23:30:00+00:00", "2025-09-14"] * 3
    + ["2025-09-13 23:59", "2025-08-01", "2025-03-30 02:30", "2025-10-26 02:30", "soon", ""],
    "last_order_date": ["", "2025-09-01", "2025-09-25", "never"],
    "avg_order_value": ["", "0", "10", "10", "90.5", "1e300", "inf", "-1", "x"],
    "engagement_score": ["", "0.5", "0.25", "1", "2"],
    "sessions_last_30d": ["", "3", "many"],
    "email": ["", "bob@x.org", "no"],
    "email_consent": ["", "yes", "no", "perhaps"],
    "region": ["", "North", " north ", "elsewhere"],
    "currency": ["", "EUR", "eur"],
}
IDS = ["ann@x.org", "Ann@X.org", "+447700900565", "'7", "1.23457E+11", "1234567890123450000", "", "none"]
TIES = policy_of(cut("avg_order_value", ["q20", "q80"], {"l": "A", "m": "B", "h": "C"}), sizes={"min_size": 1})
WAVES = policy_of(
    cut("days_since_last_order", [7.0, "q50"], {"l": "A", "m": "B", "h": "C"}), sizes={"min_size": 2, "max_size": 9}
)
LEARNED = policy_of(
    cut("avg_order_value", {"method": "supervised", "outcome": "engagement_score"}, {"l": "A", "m": "B", "h": "C"})
)
SPLIT = policy_of(
    cut("days_since_last_order", ["q50"], {"l": "A", "h": "B"}),
    sizes={"min_size": 2, "max_size": 9, "split_oversize": True},
)
ARMS = Experiment("spring", {"control": 0.3, "mail": 0.7})


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    with standalone(tmp_path_factory.mktemp("spark")) as found:
        yield found


@pytest.fixture(scope="module")
def session(cluster: Standalone) -> "Iterator[SparkSession]":
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_EXECUTOR_MEMORY", "512m")
        with spark(cluster.url) as found:
            yield found


def shop(folder: Path, seed: int, rows: int = 240) -> tuple[Path, ...]:
    """Write customers in three files of other columns; half of all rows are of one of them."""
    rng = np.random.default_rng(seed)
    ids = np.where(rng.random(rows) < 0.5, "c0", [f"c{i}" for i in rng.integers(1, rows, rows)])
    ids[: len(IDS)] = IDS
    table = pd.DataFrame({"user_id": ids, **{name: rng.choice(cells, rows) for name, cells in CELLS.items()}})
    paths = []
    for number, part in enumerate(np.array_split(np.arange(rows), 3)):
        own = table.iloc[part].drop(columns=["region", "currency"][:number])
        paths.append(folder / (f"{number}.csv" if number else "0.parquet"))
        own.to_csv(paths[-1], index=False) if number else own.to_parquet(paths[-1], index=False)
    return tuple(paths)


def spread(
    session: "SparkSession", paths: tuple[Path, ...], policy: Policy, asked: Settings, output: Path, parts: int = 3
) -> tuple[Run, pd.DataFrame]:
    """Return a run on a cluster and its customers, after it was written."""
    with Cluster(session, parts) as cluster:
        intake = read_spread(cluster, SpreadFiles(paths), ReadOptions(timezone=asked.timezone))
        run = analyze_spread(cluster, intake, policy, asked)
        write_outputs(run, output)
        return run, rows_of(run)


def rows_of(run: Run) -> pd.DataFrame:
    """Return the customers with their segments, waves and arms, by their ids."""
    parts = []
    for part in run.in_parts():
        own, arms = part.segmentation, part.arms
        arm = None if arms is None else list(arms)
        parts.append(own.customers.assign(code=own.codes, wave=own.waves, arm=arm))
    return pd.concat(parts).sort_values("user_id", ignore_index=True)


def assert_same(one: Run, other: Run, rows: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(rows, rows_of(one))
    for table in ("quarantine", "cells"):
        pd.testing.assert_frame_equal(getattr(other, table), getattr(one, table))
    pd.testing.assert_frame_equal(other.scores.table, one.scores.table, rtol=1e-9)
    assert other.segmentation.tree.thresholds == one.segmentation.tree.thresholds
    assert other.segmentation.sizes == one.segmentation.sizes
    assert other.segmentation.sizing_log == one.segmentation.sizing_log
    for name in ("window", "accounting", "sources", "warnings", "currency", "input_hash", "reach", "proof"):
        assert getattr(other, name) == getattr(one, name), name


def written(folder: Path, name: str) -> list[str]:
    """Return the lines of a file, or of its parts, without their heads."""
    paths = sorted(folder.glob(f"{name}*.csv"))
    return sorted(line for path in paths for line in path.read_text(encoding="utf-8").splitlines()[1:])


def assert_same_files(one: Run, folder: Path) -> None:
    """Hold what a cluster wrote to the folder `other` against what one piece writes."""
    write_outputs(one, folder / "one")
    for name in ("segment_assignments", *(f"segments/{path.stem}" for path in (folder / "one/segments").iterdir())):
        assert written(folder / "other", name) == written(folder / "one", name)
    assert (folder / "other/quarantine.csv").read_bytes() == (folder / "one/quarantine.csv").read_bytes()


@pytest.mark.parametrize(
    ("seed", "policy", "asked"),
    [
        (1, TIES, Settings(timezone="Europe/Berlin")),
        (2, WAVES, Settings(timezone="America/New_York", on_conflict="latest", experiment=ARMS)),
        (3, LEARNED, Settings(timezone="Europe/Berlin")),
        (4, SPLIT, Settings(timezone="Europe/Berlin")),
    ],
)
def test_a_cluster_says_of_every_row_what_one_piece_says(
    session: "SparkSession", tmp_path: Path, seed: int, policy: Policy, asked: Settings
) -> None:
    paths = shop(tmp_path, seed)
    run, rows = spread(session, paths, policy, asked, tmp_path / "other")
    one = analyze(read_customers(paths, options=ReadOptions(timezone=asked.timezone)), policy, asked)
    assert_same(one, run, rows)
    write_outputs(one, tmp_path / "one")
    names = ["segment_assignments", *(path.stem for path in (tmp_path / "one" / "segments").iterdir())]
    for name in names:
        folder = "" if name == names[0] else "segments"
        assert written(tmp_path / "other" / folder, name) == written(tmp_path / "one" / folder, name)
    for name in ("quarantine.csv", "cells.csv"):
        assert (tmp_path / "other" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()


def log(folder: Path, customers: int, seed: int) -> tuple[Path, ...]:
    """Write two logs of six weeks and orders; half of all events are of one customer, and some rows are faulty."""
    known, rng = habits(customers=max(customers, 40), seed=seed), np.random.default_rng(seed)
    words = np.array(["view", "cart", "remove_from_cart", "checkout", "purchase"], dtype=object)
    table = pd.DataFrame(
        {
            "user_id": known.people["user_id"].to_numpy()[known.customer % customers],
            "timestamp": pd.to_datetime(known.time, unit="us").strftime("%Y-%m-%d %H:%M:%S"),
            "event_type": words[known.event],
            "product_id": "p",
            "price": known.value.astype(str),
            "session_id": rng.choice(["s", "t", ""], len(known)),
            "region": rng.choice(["", "North", "elsewhere"], len(known)),
        }
    )
    table = table[known.time < np.datetime64("2025-10-06", "us").astype(np.int64)]
    table = pd.concat([table, table.assign(user_id="half", event_type="view")]).sample(frac=1, random_state=seed)
    odd = ["2025-10-26 02:30", "2025-03-30 02:30", "2025-09-19T23:30:00+00:00", "soon", ""]
    # Where a model is learned, nothing is told of weeks after it.
    table.iloc[:9, 1] = (odd[3:] * 5 if customers > 1_000 else odd * 2)[:9]
    table.iloc[9:15, 4] = ["x", "-1", "inf", "0", "", "1e300"]
    table.iloc[15:18, 0] = ["", "none", "+447700900565"]
    paths = (folder / "0.csv", folder / "1.parquet", folder / "orders.csv")
    table[: len(table) // 2].to_csv(paths[0], index=False)
    table[len(table) // 2 :].drop(columns="region").to_parquet(paths[1], index=False)
    orders = {"user_id": ["c1", "c2", "c3"], "order_date": ["2025-09-02"] * 3, "order_id": ["1", "2", "2"], "total": 20}
    pd.DataFrame(orders).to_csv(paths[2], index=False)
    return paths


@pytest.mark.parametrize(
    ("customers", "policy", "asked", "parts"),
    [
        (2_400, WAVES, Settings(timezone="Europe/Berlin"), 3),
        (
            # More parts than there are customers: many are empty.
            8,
            TIES,
            Settings(
                timezone="America/New_York",
                experiment=ARMS,
                window=Window.ending(pd.Timestamp("2025-09-21").date(), "America/New_York"),
            ),
            14,
        ),
    ],
)
def test_a_cluster_says_of_what_customers_did_what_one_piece_says(
    session: "SparkSession", tmp_path: Path, customers: int, policy: Policy, asked: Settings, parts: int
) -> None:
    paths = log(tmp_path, customers, seed=parts)
    run, rows = spread(session, paths, policy, asked, tmp_path / "other", parts)
    one = analyze(read_customers(paths, options=ReadOptions(timezone=asked.timezone)), policy, asked)
    assert any("is modelled" in each for each in one.warnings) == (customers == 2_400)
    assert_same(one, run, rows)
    assert_same_files(one, tmp_path)


def test_a_file_that_cannot_be_used_is_named_as_in_memory(session: "SparkSession", tmp_path: Path) -> None:
    paths = shop(tmp_path, 3)
    paths[1].write_text('user_id,cart_abandoned_date\n1,2025-09-20\n2,"2025-09-20\n', encoding="utf-8")
    with pytest.raises(InputError) as expected:
        read_customers(paths)
    with Cluster(session, 3) as cluster, pytest.raises(type(expected.value)) as found:
        read_spread(cluster, SpreadFiles(paths), ReadOptions())
    assert str(found.value) == str(expected.value)


def test_what_a_cluster_cannot_join_is_refused_with_the_file(session: "SparkSession", tmp_path: Path) -> None:
    logs, shops = log(tmp_path, 20, 3), shop(tmp_path, 3)
    with Cluster(session, 3) as cluster:
        with pytest.raises(InputError) as one:
            read_customers([logs[2], shops[1]])
        with pytest.raises(InputError) as other:
            read_spread(cluster, SpreadFiles((logs[2], shops[1])), ReadOptions())
        assert str(other.value) == str(one.value)
        with pytest.raises(InputError, match="the file is the same as orders"):
            read_spread(cluster, SpreadFiles((logs[2], copied(logs[2]))), ReadOptions())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("guests.csv", "guests.csv: ids alone do not say whose rows are whose.* Give each row an id"),
        ("rounded.csv", "rounded.csv: ids alone do not say whose rows are whose.* Use --engine memory"),
        (
            "spark:parquet.`1.parquet`",
            r"parquet.`1.parquet` \(partition 0\): a table .* events.* Write the table as Parq",
        ),
        ("spark:no.carts", r"--input: Spark cannot open the table \(\[TABLE_.* Check the name of the table"),
        ("nobody.csv", "nobody.csv: holds customers without ids.* Give tables with a user_id"),
    ],
)
@pytest.mark.usefixtures("session")
def test_the_command_says_what_a_cluster_cannot_read_and_what_to_do(
    cluster: Standalone, tmp_path: Path, capfd: pytest.CaptureFixture[str], given: str, said: str
) -> None:
    orders = pd.read_csv(log(tmp_path, 20, 3)[2])
    orders.assign(user_id=None, email="ann@x.org").to_csv(tmp_path / "guests.csv", index=False)
    orders.assign(user_id="1.23457E+11").to_csv(tmp_path / "rounded.csv", index=False)
    pd.DataFrame({"email": ["ann@x.org"], "cart_abandoned_date": "2025-09-20"}).to_csv(tmp_path / "nobody.csv")
    place = given.replace("1.parquet", str(tmp_path / "1.parquet")) if ":" in given else str(tmp_path / given)
    with pytest.raises(SystemExit) as ended:
        app(
            arguments(["--input", place, "--engine", "spark", "--master", cluster.url, "--output_dir", f"{tmp_path}/o"])
        )
    assert ended.value.code == 2
    (line,) = capfd.readouterr().err.replace(f"{tmp_path}/", "").splitlines()
    assert re.fullmatch(f"Error: {said}.*", line), line
    assert not (tmp_path / "o").exists()


def copied(path: Path) -> Path:
    return Path(shutil.copy(path, path.with_name("again.csv")))


def test_a_table_of_the_catalog_is_read_with_the_columns_of_its_folders(
    session: "SparkSession", tmp_path: Path
) -> None:
    whole = pd.DataFrame({"user_id": [f"c{i}" for i in range(60)], "cart_abandoned_date": ["2025-09-20"] * 60})
    whole["avg_order_value"] = np.arange(60.0)
    for place, region in enumerate(("North", "South")):
        (tmp_path / "carts" / f"region={region}").mkdir(parents=True)
        whole[place::2].to_parquet(tmp_path / "carts" / f"region={region}" / "part.parquet", index=False)
    with Cluster(session, 2) as cluster:
        intake = read_spread(cluster, SpreadTable(f"parquet.`{tmp_path / 'carts'}`"), ReadOptions())
        rows = rows_of(analyze_spread(cluster, intake, TIES))
    expected = dict(zip(whole["user_id"], np.where(np.arange(60) % 2, "South", "North"), strict=True))
    assert dict(zip(rows["user_id"], rows["region"], strict=True)) == expected


@pytest.mark.usefixtures("session")
def test_the_command_writes_and_saves_what_it_does_in_memory(
    cluster: Standalone, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, said = shop(tmp_path, 5), []
    one_part = SpreadRows.__iter__

    def alone(rows: SpreadRows) -> Iterator[pd.DataFrame]:
        yield next(one_part(rows))
        pytest.fail("more than a part of the customers came to the driver")

    monkeypatch.setattr(SpreadRows, "__iter__", alone)
    for name, own in (("one", "--engine memory"), ("other", f"--engine spark --master {cluster.url}")):
        given = f"--input {' '.join(map(str, paths))} --policy aov-buckets --format parquet --save {name} {own}"
        with pytest.raises(SystemExit) as ended:
            app(arguments([*given.split(), "--workspace", str(tmp_path / "w"), "--output_dir", str(tmp_path / name)]))
        assert not ended.value.code
        said.append(capsys.readouterr().out.partition("Files are in")[0])
    assert said[0] == said[1]
    one, other = (
        pd.concat(map(pd.read_parquet, sorted((tmp_path / name).glob("segment_assignments*")))).sort_values("user_id")
        for name in ("one", "other")
    )
    pd.testing.assert_frame_equal(other.reset_index(drop=True), one.reset_index(drop=True), check_categorical=False)
    workspace = Workspace(tmp_path / "w")
    weeks = {period.name: workspace.open(period.id) for period in workspace.periods()}
    saved, again = weeks["one"].run(), weeks["other"].run()
    assert_same(saved, again, rows_of(again))
    for cube, other_cube in (
        (saved.segmentation.cube, again.segmentation.cube),
        (weeks["one"].what_if.cube, weeks["other"].what_if.cube),
    ):
        np.testing.assert_array_equal(other_cube.size, cube.size)


def test_analyze_takes_the_session_that_is_there(session: "SparkSession", tmp_path: Path) -> None:
    paths = shop(tmp_path, 6)
    one, other = (analyze(paths, TIES, engine=engine) for engine in ("memory", "spark"))
    assert_same(one, other, rows_of(other))
    assert session.getActiveSession() is session
    session.catalog.clearCache()


def test_analyze_says_that_there_is_no_session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pyspark.sql.SparkSession, "getActiveSession", lambda: None)
    with pytest.raises(InputError, match="there is no session of Spark"):
        analyze(shop(tmp_path, 6), TIES, engine="spark")


def test_a_worker_that_is_killed_changes_nothing(cluster: Standalone, session: "SparkSession", tmp_path: Path) -> None:
    paths, asked = shop(tmp_path, 4), Settings(experiment=ARMS)
    _, rows = spread(session, paths, WAVES, asked, tmp_path / "one")

    def kill(step: str, _: float) -> None:
        if step == "Assigning customers":
            cluster.kill(0)

    with Cluster(session, 3) as held:
        intake = read_spread(held, SpreadFiles(paths), ReadOptions())
        run = analyze_spread(held, intake, WAVES, asked, progress=kill)
        write_outputs(run, tmp_path / "other")
        pd.testing.assert_frame_equal(rows_of(run), rows)
    assert content(tmp_path / "other") == content(tmp_path / "one")


def test_workers_that_are_killed_change_nothing_of_what_customers_did(
    cluster: Standalone, session: "SparkSession", tmp_path: Path
) -> None:
    paths, options = log(tmp_path, 2_400, seed=3), ReadOptions(timezone="Europe/Berlin")
    asked, tracker = Settings(timezone=options.timezone, experiment=ARMS), session.sparkContext.statusTracker()

    def busy() -> bool:
        stages = filter(None, map(tracker.getStageInfo, tracker.getActiveStageIds()))
        return any(stage.numCompletedTasks and stage.numActiveTasks for stage in stages)

    def kill_at_work() -> None:
        wait_until(busy)
        cluster.kill(0)

    # What the other worker made of the log is lost before the window is known, and again with customers who were found.
    def kill(step: str, _: float) -> None:
        if step in ("Selecting the window", "Assigning customers"):
            cluster.kill(1)

    with Cluster(session, 8) as held, ThreadPoolExecutor(1) as beside:
        killed = beside.submit(kill_at_work)
        intake = read_spread(held, SpreadFiles(paths), options)
        killed.result()
        run = analyze_spread(held, intake, WAVES, asked, progress=kill)
        write_outputs(run, tmp_path / "other")
        one = analyze(read_customers(paths, options=options), WAVES, asked)
        assert_same(one, run, rows_of(run))
    assert_same_files(one, tmp_path)
