"""Customers from a real PostgreSQL: its types, its cursors, its refusals."""

import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import Any

import psycopg
import pytest

from data_ingestion import Intake, ReadOptions
from data_ingestion.database import database_url, engine, intake, read_database
from retention.errors import ContractError, InputError, SourceError
from tests.postgres.server import PASSWORD, USER, Server
from tests.waiting import wait_until

Query = Callable[..., Intake]
READ_ROWS = 200_000
CANARY = "ann.canary@example.com"
LIMITED = "limited_reader"


# Once for the server: where tests are handed from process to process, a module may come twice.
@pytest.fixture(scope="session")
def shop(server: Server) -> Server:
    with server.connect() as connection:
        connection.execute(
            """CREATE TABLE carts AS SELECT i AS user_id,
               timestamptz '2025-09-24 00:00+00' + i * interval '1 second' AS cart_abandoned_date,
               (i % 1000)::numeric(12, 2) / 8 AS avg_order_value, repeat('x', 1000) AS note
               FROM generate_series(1, 1000) AS i"""
        )
        connection.execute("CREATE TABLE people (user_id text, email text)")
        connection.execute("INSERT INTO people VALUES ('1', %s)", [CANARY])
        connection.execute("CREATE SEQUENCE numbers")
        connection.execute(f"CREATE ROLE {LIMITED} LOGIN PASSWORD 'x'")
    return server


@pytest.fixture
def ask(shop: Server) -> Query:
    """Read the customers of a query on the shop's database."""

    def read(query: str, *, url: str = "", **options: object) -> Intake:
        where = url or shop.url()
        return read_database(where, query, environment={"SHOP_PASSWORD": PASSWORD}, **options)  # type: ignore[arg-type]

    return read


def values(connection: "psycopg.Connection[Any]", query: str) -> list[Any]:
    """Return the first column of a query."""
    return [row[0] for row in connection.execute(query.encode())]


def test_a_query_gives_customers(ask: Query) -> None:
    intake = ask("SELECT * FROM carts ORDER BY user_id")
    assert len(intake.rows) == intake.read == 1000
    assert intake.rows["user_id"].head(2).tolist() == ["1", "2"]
    assert intake.rows["avg_order_value"].head(2).tolist() == [0.125, 0.25]
    assert intake.sources[0].ignored == ("note",)
    assert ask("SELECT * FROM carts ORDER BY user_id").input_hash == intake.input_hash


def test_each_type_becomes_what_it_means(ask: Query) -> None:
    intake = ask(
        """SELECT '9007199254740993'::numeric(20) AS user_id, timestamp '2025-09-24 23:30:00.25' AS cart_abandoned_date,
           date '2024-02-29' AS last_order_date, 0.1::float8 AS avg_order_value, 3::smallint AS num_cart_items,
           'NaN'::numeric AS cart_value, true AS email_consent, NULL::boolean AS recovered, 'Zoë'::bytea AS first_name,
           'Berlin'::varchar(9) AS region, 'AB'::char(4) AS zip, 1e-3::real AS engagement_score, '7'::bigint AS phone
           UNION ALL
           SELECT '00123', '2025-09-24 23:30:00', NULL, '-0', NULL, 1e3, false, 'yes', 'x', NULL, NULL, NULL, NULL""",
        options=ReadOptions(timezone="Europe/Berlin"),
    )
    first, second = intake.rows.iloc[0], intake.rows.iloc[1]
    assert (first["user_id"], second["user_id"]) == ("9007199254740993", "123")
    assert first["cart_abandoned_date"].isoformat() == "2025-09-24T23:30:00.250000+02:00"
    assert first["last_order_date"].isoformat() == "2024-02-29T00:00:00+01:00"
    assert first[["avg_order_value", "num_cart_items", "engagement_score"]].tolist() == [0.1, 3, 0.001]
    assert second[["avg_order_value", "cart_value"]].tolist() == [0, 1000]
    assert intake.rows["email_consent"].tolist() == [True, False]
    assert intake.rows["recovered"].isna().tolist() == [True, False]
    assert first[["first_name", "region", "zip", "phone"]].tolist() == ["Zoë", "Berlin", "AB  ", "7"]
    assert intake.rows["cart_value"].isna().tolist() == [True, False]


def test_three_decimals_are_no_thousands(ask: Query) -> None:
    query = """SELECT i AS user_id, date '2025-09-24' AS cart_abandoned_date, 1.234::numeric(9, 3) AS avg_order_value,
               1.125::float8 AS cart_value FROM generate_series(1, 3) AS i"""
    assert ask(query).rows[["avg_order_value", "cart_value"]].values.tolist() == [[1.234, 1.125]] * 3


def test_text_in_a_query_reaches_the_database_as_it_is(ask: Query) -> None:
    query = "SELECT '100%s :a' AS user_id, '2025-09-24'::date AS cart_abandoned_date WHERE 'abc' LIKE '%c'"
    assert ask(query).rows["user_id"].tolist() == ["100%s :a"]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns"])
def test_an_instant_is_the_same_in_every_zone(ask: Query, zone: str) -> None:
    query = "SELECT 'a' AS user_id, timestamptz '2025-09-24 22:30:00.000001+00' AS cart_abandoned_date"
    (time,) = ask(query, options=ReadOptions(timezone=zone)).rows["cart_abandoned_date"]
    assert time == datetime(2025, 9, 24, 22, 30, 0, 1, tzinfo=UTC)


def test_a_day_in_a_query_is_the_shops_day(ask: Query) -> None:
    query = "SELECT 'a' AS user_id, (timestamptz '2025-09-24 22:30+00')::date AS cart_abandoned_date"
    (time,) = ask(query, options=ReadOptions(timezone="Europe/Berlin")).rows["cart_abandoned_date"]
    assert time.isoformat() == "2025-09-25T00:00:00+02:00"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("cart_abandoned_date", "'infinity'::timestamptz", "not_a_date"),
        ("cart_abandoned_date", "'-infinity'::date", "not_a_date"),
        ("cart_abandoned_date", "timestamp '0044-03-15 BC'", "not_a_date"),
        ("cart_abandoned_date", "timestamptz '20000-01-01'", "not_a_date"),
        ("cart_abandoned_date", "NULL::timestamptz", "missing_date"),
        ("user_id", "NULL::text", "missing_user_id"),
        ("avg_order_value", "'Infinity'::float8", "infinite"),
        ("avg_order_value", "'Infinity'::numeric", "infinite"),
        ("avg_order_value", "interval '1 day'", "not_a_number"),
        ("avg_order_value", "-1", "out_of_bounds"),
    ],
)
def test_a_row_that_cannot_be_used_is_quarantined(ask: Query, column: str, value: str, reason: str) -> None:
    cells = {"user_id": "'a'", "cart_abandoned_date": "date '2025-09-24'", "avg_order_value": "1"} | {column: value}
    with pytest.raises(SourceError, match=f"1 {reason.replace('_', ' ')} in {column}"):
        ask("SELECT " + ", ".join(f"{cell} AS {name}" for name, cell in cells.items()))


@pytest.mark.parametrize(
    "value", ["'{}'::jsonb", "'1'::json", "ARRAY[1]", "'{}'::text[]", "int4range(1, 2)", "ROW(1, 2)", "'\\xff'::bytea"]
)
def test_a_column_that_holds_no_single_text_is_refused(ask: Query, value: str) -> None:
    with pytest.raises(ContractError, match="the column 'user_id' holds"):
        ask(f"SELECT {value} AS user_id, now() AS cart_abandoned_date")
    query = f"SELECT 'a' AS user_id, date '2025-09-24' AS cart_abandoned_date, {value} AS extra"
    assert ask(query).sources[0].ignored == ("extra",)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * FROM orders", r"names a table that does not exist \(SQLSTATE 42P01\)"),
        ("SELECT * FROM nowhere.carts", "names a table that does not exist"),
        (f'SELECT user_id FROM people WHERE email = "{CANARY}"', "names a column that does not exist"),
        ("SELECT nope(1)", "calls a function that does not exist"),
        (f"SELECT '{CANARY}'::int AS user_id, 1 AS cart_abandoned_date", "cannot compute a value"),
        ("SELECT email::int AS user_id, now() AS cart_abandoned_date FROM people", "cannot compute a value"),
        ("SELECT 1/(500-user_id) AS user_id, now() AS cart_abandoned_date FROM carts", "cannot compute a value"),
        ("SELECT nextval('numbers') AS user_id, now() AS cart_abandoned_date", "would change data"),
        ("SELECT email AS user_id FROM people", "required columns are missing"),
        ("SELECT * FROM carts WHERE false", "gives no rows"),
    ],
)
def test_a_refusal_is_explained_without_the_databases_words(ask: Query, query: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        ask(query)
    assert str(caught.value).startswith("postgresql://127.0.0.1:")
    assert CANARY not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO people VALUES ('2', 'x') RETURNING *",
        "WITH gone AS (DELETE FROM people RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copies FROM people",
        "SELECT 1; COMMIT; DELETE FROM people",
        "COMMIT",
        "SELECT setval('numbers', 99)",
    ],
)
def test_the_session_cannot_write_even_where_the_first_check_is_passed(
    ask: Query, shop: Server, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "single_select", lambda text, _: text)
    with pytest.raises(SourceError, match=r"would change data|not valid SQL|refuses the query"):
        ask(query)
    with shop.connect() as connection:
        assert values(connection, "SELECT email FROM people") == [CANARY]
        assert values(connection, "SELECT last_value FROM numbers") == [1]


def test_settings_last_as_long_as_the_transaction(shop: Server) -> None:
    shown = "SELECT current_setting('transaction_read_only') || current_setting('TimeZone')"
    url = database_url(shop.url(), {"SHOP_PASSWORD": PASSWORD})
    with engine.connected(url, "Asia/Tokyo", 1 << 20) as connection:
        assert connection.exec_driver_sql(shown).scalar_one() == "onAsia/Tokyo"
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        raw.rollback()
        raw.read_only = None
        # What a pooler would hand to the next program.
        (after,) = values(raw, shown)
        assert after.startswith("off")
        assert "Tokyo" not in after


def test_a_query_that_takes_too_long_is_stopped(ask: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "QUERY_SECONDS", 1)
    with pytest.raises(SourceError, match="took too long"):
        ask("SELECT pg_sleep(30)::text AS user_id, now() AS cart_abandoned_date")


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_a_query(ask: Query) -> None:
    timer = Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        ask("SELECT pg_sleep(30)::text AS user_id, now() AS cart_abandoned_date")
    timer.join()


@pytest.mark.slow
def test_large_rows_come_a_few_at_a_time(ask: Query) -> None:
    query = """SELECT 'c' || i AS user_id, now() AS cart_abandoned_date, repeat('x', 200000) AS region
               FROM generate_series(1, {rows}) AS i"""
    tracemalloc.start()
    read = ask(query.format(rows=1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80 << 20
    # A cell that is too long costs no row where it decides nothing.
    assert read.rows["region"].isna().sum() == len(read.rows) == 1000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"login": "wrong-canary"}, "refuses the login"),
        ({"user": "nobody-canary"}, "refuses the login"),
        ({"login": ""}, "refuses the login|cannot be reached"),
        ({"database": "elsewhere"}, "no such database on the server"),
        ({"database": "shop?sslmode=require"}, "no encrypted connection"),
        ({"database": "shop?options=-c%20nope%3Dcanary"}, "does not know a setting|cannot be reached"),
    ],
)
def test_a_failed_login_is_explained_without_secrets(
    ask: Query, shop: Server, change: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    with pytest.raises(InputError, match=message) as caught:
        ask("SELECT 1 AS user_id", url=shop.url(**change))
    assert not [word for word in ("canary", PASSWORD, USER) if word in str(caught.value)]


def test_a_table_that_the_user_may_not_read_is_told(ask: Query, shop: Server) -> None:
    with pytest.raises(SourceError, match="may not read what the query asks for"):
        ask("SELECT * FROM carts", url=shop.url(user=LIMITED, login="x"))


@pytest.mark.parametrize(
    ("address", "message"),
    [("nowhere.invalid", "the host's name is not known"), ("127.0.0.1:1", "nothing answers at this host and port")],
)
def test_a_host_that_is_not_there_is_told(ask: Query, address: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        ask("SELECT 1 AS user_id", url=f"postgresql://ann:canary@{address}/shop")


def test_the_password_may_come_from_the_variable_of_postgresql(
    ask: Query, shop: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert ask("SELECT * FROM carts", url=shop.url(login="").replace(":@", "@")).read == 1000


def test_every_connection_is_closed(ask: Query, shop: Server) -> None:
    for query in ("SELECT * FROM carts", "SELECT * FROM orders", "SELECT user_id FROM carts"):
        try:
            ask(query)
        except InputError:
            continue
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop' AND pid <> pg_backend_pid()"
    with shop.connect() as connection:
        # A session ends a little after its connection was closed.
        wait_until(lambda: values(connection, others) == [0])


MEASURED = """
import os, resource, sys
from data_ingestion.database import read_database
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform != "darwin" else 1 << 20)
read_database(sys.argv[1], sys.argv[2].replace("{rows}", "1000"), environment=os.environ)
before = peak()
intake = read_database(sys.argv[1], sys.argv[2].replace("{rows}", sys.argv[3]), environment=os.environ)
print(intake.read, len(intake.rows), intake.rows["user_id"].nunique(), peak() - before)
"""


@pytest.mark.slow
def test_many_rows_are_read_in_chunks_with_bounded_memory(shop: Server, root: Path) -> None:
    # As a whole the result is 400 MB; what is kept of it is three columns.
    query = """SELECT 'c' || i AS user_id, timestamptz '2025-09-24 00:00+00' AS cart_abandoned_date, i AS cart_value,
               repeat('x', 2000) AS note FROM generate_series(1, {rows}) AS i"""
    command = [sys.executable, "-c", MEASURED, shop.url(), query, str(READ_ROWS)]
    environment = {**os.environ, "SHOP_PASSWORD": PASSWORD, "PYTHONPATH": str(root)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    read, accepted, customers, megabytes = map(int, done.stdout.split())
    assert read == accepted == customers == READ_ROWS
    assert megabytes < 200


@pytest.mark.slow
def test_no_output_holds_a_secret(shop: Server, root: Path, tmp_path: Path) -> None:
    query = f"""SELECT user_id, cart_abandoned_date, avg_order_value, 0.5 AS engagement_score
                FROM carts WHERE '{CANARY}' <> ''"""
    command = [sys.executable, "main.py", "--input", shop.url(), "--query", query, "--save", "week"]
    wanted = {"--output_dir": "out", "--report": "report.html", "--workspace": "space"}
    places = [part for option, name in wanted.items() for part in (option, str(tmp_path / name))]
    environment = {**os.environ, "SHOP_PASSWORD": PASSWORD}
    done = subprocess.run([*command, *places], cwd=root, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"run.json", "report.html", "mece_report.json"} <= {path.name for path in files}
    assert any("space" in path.parts for path in files)
    for secret in (PASSWORD, "SHOP_PASSWORD", USER, CANARY):
        assert secret.encode() not in done.stdout + done.stderr
        assert not [path for path, content in files.items() if secret.encode() in content]
    assert f"postgresql://127.0.0.1:{shop.port}/shop".encode() in files[tmp_path / "out" / "run.json"]
