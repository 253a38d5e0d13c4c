"""The main command reads a database, and its URL's secrets stay out of everything it writes."""

import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.inputs.database import URL_VARIABLE, database_input, is_database, shown_input, shown_query
from cli.inputs.request import option_texts
from cli.options.arguments import arguments
from main import app
from retention.errors import OptionError
from run_store import Preferences
from tests.cli.inputs import test_request

Call = Callable[..., Result]
QUERY = "SELECT id AS user_id, date AS cart_abandoned_date, 50 AS avg_order_value, 0.5 AS engagement_score FROM carts"
CANARY = "hunter2"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE carts (id, date)")
        connection.executemany("INSERT INTO carts VALUES (?, ?)", [(number, "2025-09-24") for number in range(40)])
    connection.close()
    return path


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run the main command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(URL_VARIABLE, raising=False)

    def run(*given: str) -> Result:
        return CliRunner().invoke(app, arguments(given))

    return run


def options(tmp_path: Path) -> dict[str, object]:
    recorded: dict[str, object] = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["options"]
    return recorded


def test_a_query_is_segmented_like_a_file(call: Call, shop: Path, tmp_path: Path) -> None:
    done = call("--input", f"sqlite:///{shop}", "--query", QUERY)
    assert done.exit_code == 0, done.output
    assert "40 rows read = 40 accepted" in done.stdout
    assert options(tmp_path)["inputs"] == ["sqlite:///shop.db"]


def test_the_query_may_be_a_file_and_the_url_a_variable(
    call: Call, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "carts.sql").write_text(f"-- the carts\n{QUERY};\n", encoding="utf-8")
    monkeypatch.setenv(URL_VARIABLE, f"sqlite:///{shop}")
    monkeypatch.setenv("SHOP_URL", "sqlite:///${FOLDER}/shop.db")
    monkeypatch.setenv("FOLDER", str(tmp_path))
    for words in (["--query", "@carts.sql"], ["--input", "env:SHOP_URL", "--query", "@carts.sql"]):
        done = call(*words)
        assert done.exit_code == 0, done.output
        assert "40 rows read" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--input", "sqlite:///shop.db"], "--query: a database needs a query"),
        (["--input", "sqlite:///shop.db", "carts.csv", "--query", QUERY], "--input: a database must be the only input"),
        (["--input", "shop.db", "--query", QUERY], "a query needs a database, and --input names a file"),
        (["--query", QUERY], f"the environment variable '{URL_VARIABLE}' which is not set"),
        (["--mock", "--query", QUERY], "--query and --mock exclude each other"),
        (["--input", "sqlite:///shop.db", "--query", "@none.sql"], "--query @none.sql: there is no such file"),
        (["--input", "sqlite:///shop.db", "--query", QUERY, "--seed", "1"], "--seed .* needs --mock"),
        (["--input", "sqlite:///none.db", "--query", QUERY], "sqlite:///none.db: there is no such file"),
        (["--input", "sqlite:///shop.db", "--query", "DELETE FROM carts"], "--query: the query is not a SELECT"),
        (["--input", "sqlite:///shop.db", "--query", "SELECT * FROM users"], "names a table that does not exist"),
    ],
)
def test_bad_options_end_with_one_message(call: Call, shop: Path, words: Sequence[str], message: str) -> None:
    assert shop.exists()
    done = call(*words)
    assert done.exit_code == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert re.search(message, line), line


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ann:{CANARY}@127.0.0.1:1/shop",
        f"postgresql://ann:{CANARY}@nowhere.invalid/shop?password={CANARY}",
        f"postgresql:/ann:{CANARY}@db/shop",
        f"postgresql://ann:x@{CANARY}@db/shop",
        f"mysql://ann:{CANARY}@db/shop",
        f"env:{CANARY} ",
    ],
)
@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_no_message_holds_a_secret(call: Call, url: str, debug: list[str], tmp_path: Path) -> None:
    done = call("--input", url, "--query", f"SELECT '{CANARY}' AS user_id", *debug)
    assert done.exit_code == 2
    assert CANARY not in done.output
    assert "Traceback" not in done.output
    assert not (tmp_path / "out").exists()


def test_run_json_masks_the_url_and_hashes_the_query() -> None:
    options = test_request.options(
        synthetic=False,
        inputs=[f"postgresql://ann:{CANARY}@db.example:5433/shop?password={CANARY}"],
        query=f"SELECT '{CANARY}'",
    )
    texts = option_texts(options, Preferences())
    assert texts["inputs"] == ["postgresql://db.example:5433/shop"]
    assert str(texts["query"]).startswith("sha256:")
    assert CANARY not in str(texts)


def test_options_do_not_show_secrets_when_they_are_printed() -> None:
    url = f"postgresql://ann:{CANARY}@db/shop"
    assert CANARY not in repr(test_request.options(synthetic=False, inputs=[url], query=CANARY))
    assert CANARY not in repr(database_input([url], CANARY))


@pytest.mark.parametrize("text", ["shop.csv", "C:/shop.csv", r"C:\shop.csv", "/a/b:c/d.csv", "a b://c"])
def test_paths_are_not_taken_for_databases(text: str) -> None:
    assert not is_database(text)
    assert database_input([text], None) is None


def test_a_file_of_a_query_is_recorded_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("SELECT 1", encoding="utf-8")
    assert shown_query(f"@{tmp_path}/a.sql") == shown_query("SELECT 1") != shown_query("SELECT 2")
    assert shown_query(None) is None
    assert shown_input("/home/ann/shop.csv") == "shop.csv"


def test_a_query_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_bytes(b"SELECT '\xff'")
    with pytest.raises(OptionError, match="not UTF-8"):
        database_input(["sqlite:///a.db"], f"@{tmp_path}/a.sql")
