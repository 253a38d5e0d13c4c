"""The command sql as a person starts it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from cli.options.arguments import arguments
from main import app
from run_store import Workspace, shipped_policies
from tests.retention.sql.databases import in_duckdb, in_sqlite
from tests.retention.sql.test_cube import read

Said = tuple[int, str, str]
Command = Callable[..., Said]
SHOP = ("--mock", "--mock-size", "1500")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in this process, in a folder and a workspace of its own; return its exit code and what it says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RETENTION_WORKSPACE", str(tmp_path / "workspace"))

    def start(*given: object) -> Said:
        with pytest.raises(SystemExit) as ended:
            app(arguments([*map(str, given)]))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return start


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a saved period with an experiment, called week, which the command only reads."""
    folder = tmp_path_factory.mktemp("saved")
    trial = ["--experiment", "o'clock", "--arms", "control=0.2,mail=0.8", "--save", "week"]
    with pytest.raises(SystemExit) as ended:
        app(arguments([*SHOP, *trial, "--output_dir", str(folder / "out"), "--workspace", str(folder / "workspace")]))
    assert not ended.value.code
    return folder / "workspace"


@pytest.fixture
def week(run: Command, saved: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:  # noqa: ARG001 - which names one too
    """Run commands in that workspace; return the customers of the period with segments and arms."""
    monkeypatch.setenv("RETENTION_WORKSPACE", str(saved))
    store = Workspace(saved)
    made = store.open(store.periods()[0].id).run()
    arms = pd.Series(made.arms).astype("str")
    return made.segmentation.customers.assign(segment=made.segmentation.labels().astype("str"), arm=arms)


def shop(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that the statements of the shipped policies read, as a warehouse has them."""
    dates = [name for name, kind in customers.dtypes.items() if str(kind).startswith("datetime")]
    return customers.drop(columns=[*dates, "segment", "arm"])


def test_a_saved_period_gives_its_own_segments_and_arms_elsewhere(run: Command, week: pd.DataFrame) -> None:
    code, out, err = run(
        "sql",
        "five-segments",
        "--run",
        "week",
        "--dialect",
        "duckdb",
        "--statement",
        "arms",
        "audience",
        "--output",
        "sql",
    )
    assert (code, err) == (0, "")
    assert out.splitlines() == ["sql/arms.sql is written for duckdb", "sql/audience.sql is written for duckdb"]
    rows = in_duckdb(Path("sql/arms.sql").read_text(encoding="utf-8"), customers=shop(week))
    assert sorted(rows) == sorted(zip(week["user_id"], week["segment"], week["arm"], strict=True))
    contacted = in_duckdb(Path("sql/audience.sql").read_text(encoding="utf-8"), customers=shop(week))
    assert contacted
    arms = dict(zip(week["user_id"], week["arm"], strict=True))
    assert {arms[row[0]] for row in contacted} == {"mail"}


@pytest.mark.slow
@pytest.mark.parametrize("policy", shipped_policies())
def test_every_shipped_policy_gives_the_same_rows_elsewhere(run: Command, policy: str, tmp_path: Path) -> None:
    saved = run("--mock", "--mock-size", "1500", "--policy", policy, "--save", "week", "--output_dir", tmp_path / "out")
    assert saved[0] == 0
    store = Workspace(tmp_path / "workspace")
    made = store.open(store.periods()[0].id).run().segmentation
    customers = made.customers.assign(segment=made.labels().astype("str"), arm="")
    wanted = sorted(zip(customers["user_id"], customers["segment"], strict=True))
    for dialect, ask in {"duckdb": in_duckdb, "sqlite": in_sqlite}.items():
        # The same cuts, be they of the saved period or of the same input once more.
        for source in (("--run", "week"), SHOP):
            assert run("sql", policy, *source, "--dialect", dialect, "--output", "one.sql", "--overwrite")[0] == 0
            assert sorted(ask(Path("one.sql").read_text(encoding="utf-8"), customers=shop(customers))) == wanted


def test_the_cube_elsewhere_is_that_of_the_saved_period(run: Command, week: pd.DataFrame, saved: Path) -> None:
    wanted = ("--dialect", "duckdb", "--statement", "cube", "--output", "sql")
    assert run("sql", "five-segments", "--run", "week", *wanted)[0] == 0
    store = Workspace(saved)
    cube = store.open(store.periods()[0].id).cube
    rows = in_duckdb(Path("sql/cube.sql").read_text(encoding="utf-8"), customers=shop(week))
    found = read(rows, len(cube.size), cube.center)
    assert (found.size.tolist(), found.count.tolist()) == (cube.size.tolist(), cube.count.tolist())
    np.testing.assert_allclose(found.product, cube.product, rtol=1e-9, atol=1e-9)


def test_without_a_place_the_statements_are_shown(run: Command, week: pd.DataFrame, tmp_path: Path) -> None:
    asked = ("sql", "five-segments", "--run", "week", "--dialect", "duckdb", "--statement", "segments")
    code, out, err = run(*asked)
    assert (code, err) == (0, "")
    assert run(*asked, "--output", "one.sql")[0] == 0
    assert out == Path("one.sql").read_text(encoding="utf-8")
    assert sorted(in_duckdb(out, customers=shop(week))) == sorted(zip(week["user_id"], week["segment"], strict=True))
    assert not (tmp_path / "sql").exists()


def test_a_model_of_dbt_comes_with_its_tests(run: Command, week: pd.DataFrame) -> None:
    given = ("sql", "five-segments", "--run", "week", "--dialect", "duckdb", "--dbt", "shop", "--table", "customers")
    assert run(*given)[0] == 0
    text = Path("shop/models/five_segments.sql").read_text(encoding="utf-8")
    assert "FROM {{ ref('customers') }}" in text
    rows = in_duckdb(text.replace("{{ ref('customers') }}", "customers"), customers=shop(week))
    assert sorted(rows) == sorted(zip(week["user_id"], week["segment"], week["arm"], strict=True))
    (model,) = yaml.safe_load(Path("shop/models/five_segments.yml").read_text(encoding="utf-8"))["models"]
    assert model["name"] == "five_segments"
    user_id, segment, arm = model["columns"]
    assert user_id == {"name": "user_id", "data_tests": ["not_null", "unique"]}
    for column, known in ((segment, week["segment"]), (arm, week["arm"])):
        not_null, accepted = column["data_tests"]
        assert not_null == "not_null"
        arguments = accepted["accepted_values"]["arguments"]
        assert arguments["quote"] is False
        values = ", ".join(arguments["values"])
        listed = in_duckdb(f"SELECT unnest([{values}])")
        assert {row[0] for row in listed} == set(known)


def test_a_table_with_a_schema_is_no_model_of_dbt(run: Command, week: pd.DataFrame) -> None:
    assert len(week)
    where = ("--dialect", "snowflake", "--table", "Raw.Customers", "--dbt", "shop")
    assert run("sql", "five-segments", "--run", "week", *where)[0] == 0
    assert 'FROM "RAW"."CUSTOMERS"' in Path("shop/models/five_segments.sql").read_text(encoding="utf-8")


def test_sqlite_takes_arms_by_a_function_of_its_user(run: Command, week: pd.DataFrame) -> None:
    given = ("sql", "five-segments", "--run", "week", "--dialect", "sqlite", "--statement", "arms", "--output", "sql")
    code, _, err = run(*given)
    assert code == 2
    assert "sqlite has no SHA-256" in err
    assert "--hash-function" in err
    assert run(*given, "--hash-function", "hash60")[0] == 0
    rows = in_sqlite(Path("sql/arms.sql").read_text(encoding="utf-8"), customers=shop(week))
    assert sorted(rows) == sorted(zip(week["user_id"], week["segment"], week["arm"], strict=True))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "Give either --run RUN or --input FILE"),
        (("--run", "week", *SHOP), "Give either --run RUN or --input FILE"),
        (("--run", "nowhere"), "there is no such saved period"),
        ((*SHOP, "--statement", "arms"), "there is no experiment, so nobody has an arm"),
        ((*SHOP, "--statement", "segment"), "Did you mean 'segments'?"),
        ((*SHOP, "--table", "a; DROP TABLE b"), "--table: is not the name of a table"),
        ((*SHOP, "--suppressed", "(SELECT 1)"), "is not the name of a table"),
    ],
)
def test_what_cannot_be_written_is_told_and_nothing_is(run: Command, given: tuple[str, ...], message: str) -> None:
    code, out, err = run("sql", "five-segments", "--dialect", "trino", *given)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert not Path("sql").exists()


def test_an_engine_that_is_not_known_is_refused(run: Command) -> None:
    code, _, err = run("sql", "five-segments", *SHOP, "--dialect", "postgresql")
    assert (code, "Did you mean 'postgres'?" in err) == (2, True)


def test_a_period_of_another_policy_is_refused(run: Command, week: pd.DataFrame) -> None:
    assert len(week)
    code, _, err = run("sql", "value-recency", "--run", "week", "--dialect", "trino")
    assert code == 2
    assert "made with another policy or another state of it, named 'five-segments'" in err


def test_a_file_of_somebody_else_stays(run: Command) -> None:
    Path("own.sql").write_text("SELECT 1", encoding="utf-8")
    given = ("sql", "five-segments", *SHOP, "--dialect", "trino", "--output", "own.sql")
    assert run(*given)[0] == 2
    assert Path("own.sql").read_text(encoding="utf-8") == "SELECT 1"
    assert run(*given, "--overwrite")[0] == 0
    assert "five-segments" in Path("own.sql").read_text(encoding="utf-8")
    # Once more changes nothing, so nothing is lost.
    assert run(*given)[0] == 0


def test_the_policy_is_never_written_over(run: Command, root: Path) -> None:
    policy = Path("own.yaml")
    policy.write_bytes((root / "policies" / "five-segments.yaml").read_bytes())
    for command in (("sql", "own.yaml", *SHOP, "--dialect", "trino"), ("tree", *SHOP, "--policy", "own.yaml")):
        code, _, err = run(*command, "--output", "own.yaml", "--overwrite")
        assert (code, "own.yaml" in err) == (2, True)
    assert policy.read_bytes() == (root / "policies" / "five-segments.yaml").read_bytes()
