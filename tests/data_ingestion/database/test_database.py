"""A query gives customers as a file would, from any database; here from SQLite, elsewhere from a real PostgreSQL."""

import logging
import os
import re
import signal
import sqlite3
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st
from sqlalchemy.exc import DBAPIError

from data_ingestion import Intake, ReadLimits, ReadOptions, read_customers
from data_ingestion.database import database_url, engine, intake, read_database, shown_name
from data_ingestion.database.cells import RowsHash, as_cells
from data_ingestion.database.faults import fault
from data_ingestion.database.query import single_select
from retention.customers.contracts import COLUMNS
from retention.errors import ContractError, InputError, OptionError, SourceError

Query = Callable[..., Intake]
ROWS = (
    ("007", "2025-09-24 10:00", 12.5, 3, "yes", 'Zoë; "x"'),
    ("8", "2025-09-25", None, 2, None, None),
    ("9", "not a date", 1, 1, "no", "b"),
    (" 10", "2025-09-26T08:00:00+02:00", "1e2", 1.5, "maybe", ""),
)
TABLE = (
    """CREATE TABLE carts (user_id, cart_abandoned_date, avg_order_value, sessions_last_30d, email_consent, region)"""
)
ALL = "SELECT * FROM carts ORDER BY rowid"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "my shop #1.db"
    with sqlite3.connect(path) as connection:
        connection.execute(TABLE)
        connection.executemany("INSERT INTO carts VALUES (?, ?, ?, ?, ?, ?)", ROWS)
    connection.close()
    return path


@pytest.fixture
def ask(shop: Path) -> Query:
    """Read the customers of a query on the shop's file."""

    def read(query: str = ALL, **options: object) -> Intake:
        return read_database(f"sqlite:///{shop}", query, **options)  # type: ignore[arg-type]

    return read


def test_a_query_gives_accepted_and_quarantined_rows(ask: Query) -> None:
    intake = ask()
    assert intake.rows["user_id"].tolist() == ["007", "8", " 10"]
    assert intake.rows["cart_abandoned_date"].tolist() == [
        datetime(2025, 9, 24, 10, tzinfo=UTC),
        datetime(2025, 9, 25, tzinfo=UTC),
        datetime(2025, 9, 26, 6, tzinfo=UTC),
    ]
    assert intake.quarantine.values.tolist() == [
        ["sqlite:///my shop #1.db", 3, "cart_abandoned_date", "not a date", "not_a_date", 1, "", ""],
    ]
    assert intake.cells[["line", "column", "value", "reason"]].values.tolist() == [
        [4, "sessions_last_30d", "1.5", "not_an_integer"],
        [4, "email_consent", "maybe", "not_a_flag"],
    ]
    assert (intake.read, intake.sources[0].format, intake.sources[0].layout) == (4, "database", "customers")


def test_a_database_is_judged_as_a_file_with_the_same_cells(ask: Query, tmp_path: Path) -> None:
    file = tmp_path / "carts.csv"
    lines = [",".join('"' + str("" if cell is None else cell).replace('"', '""') + '"' for cell in row) for row in ROWS]
    names = re.sub(r"^.*\(|\)$", "", TABLE)
    file.write_text("\n".join([names, *lines]), encoding="utf-8")
    from_file, from_query = read_customers([file]), ask()
    assert from_query.rows.equals(from_file.rows)
    assert from_query.quarantine["reason"].tolist() == from_file.quarantine["reason"].tolist()
    assert (from_query.quarantine["line"] + 1).tolist() == from_file.quarantine["line"].tolist()


def test_other_formats_are_recognised_by_their_columns(shop: Path) -> None:
    query = """SELECT '2019-10-01 00:00:00 UTC' AS event_time, 'cart' AS event_type, 'p' AS product_id, 5 AS price,
               user_id, 's' AS user_session FROM carts"""
    intake = read_database(f"sqlite:///{shop}", query)
    assert intake.sources[0].layout == "rees46"
    assert intake.activity is not None


def test_the_hash_is_that_of_the_cells_in_their_order(ask: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ask().input_hash
    monkeypatch.setattr(intake, "STEP_ROWS", 3)
    monkeypatch.setattr(intake, "CHUNK_ROWS", 3)
    assert ask().input_hash == whole
    assert ask("SELECT * FROM carts ORDER BY rowid DESC").input_hash != whole
    assert ask("SELECT *, 'shift' AS extra FROM carts ORDER BY rowid").input_hash == whole
    assert ask("SELECT * FROM carts WHERE rowid < 4 ORDER BY rowid").input_hash != whole


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), min_size=2, max_size=8), st.data())
def test_the_hash_does_not_depend_on_the_chunks(rows: list[tuple[str, str]], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(rows) - 1))

    def hashed(*chunks: list[tuple[str, str]]) -> str:
        seen = RowsHash()
        for chunk in chunks:
            for place, column in enumerate("ab"):
                seen.add(column, pa.array([row[place] for row in chunk], pa.large_string()))
        return seen.hexdigest()

    assert hashed(rows) == hashed(rows[:cut], rows[cut:])
    swapped = [rows[cut], *rows[1:cut], rows[0], *rows[cut + 1 :]]
    assert (hashed(rows) == hashed(swapped)) == (rows == swapped)


def test_chunks_number_rows_through_and_tell_progress(ask: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "STEP_ROWS", 1)
    monkeypatch.setattr(intake, "CHUNK_ROWS", 2)
    told = list[tuple[str, float]]()
    read = ask(progress=lambda name, share: told.append((name, share)))
    assert (read.quarantine["line"].tolist(), read.cells["line"].tolist()) == ([3], [4, 4])
    shares = [share for _, share in told]
    assert len(shares) == 2
    assert shares == sorted(shares)
    assert {name for name, _ in told} == {"sqlite:///my shop #1.db"}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * FROM cart", "names a table that does not exist"),
        ("SELECT age FROM carts", "names a column that does not exist"),
        ("SELECT nope(1) AS user_id", "calls a function that does not exist"),
        ("SELECT * FROM carts WHERE 0", "gives no rows"),
        ("SELECT user_id FROM carts", "required columns are missing: 'cart_abandoned_date'"),
        ("SELECT *, user_id FROM carts", "'user_id' more than once"),
        ("SELECT x'ff' AS user_id, 1 AS cart_abandoned_date", "'user_id' holds bytes that are not UTF-8"),
        ("SELECT 1e17 AS user_id, 1 AS cart_abandoned_date", "user_id is stored as a floating-point number"),
    ],
)
def test_a_query_that_gives_no_customers_is_explained(ask: Query, query: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        ask(query)
    assert "sqlite:///my shop #1.db" in str(caught.value)


@pytest.mark.parametrize(
    ("database", "query", "message"),
    [
        ("sqlite", "", "is empty"),
        ("sqlite", " -- only a comment", "is empty"),
        ("sqlite", "SELECT FROM WHERE", "is not valid SQL for this database at line 1, character 17"),
        ("sqlite", "SELECT (", "is not valid SQL"),
        ("sqlite", "SELECT 'open", "is not valid SQL"),
        ("sqlite", "SELECT " + "(" * 5_000 + "1" + ")" * 5_000, "is not valid SQL"),
        ("sqlite", "DROP TABLE carts", "is not a SELECT"),
        ("sqlite", "PRAGMA user_version = 3", "is not a SELECT"),
        ("sqlite", "ATTACH 'other.db' AS other", "is not a SELECT"),
        ("postgresql", "EXPLAIN ANALYZE DELETE FROM carts", "is not a SELECT"),
        ("postgresql", "COPY (SELECT 1) TO PROGRAM 'sh'", "is not a SELECT"),
        ("no such kind", "SELECT 1; DROP TABLE carts", "more than one statement"),
        ("postgresql", "SELECT '\\'; DROP TABLE carts; --'", "more than one statement"),
        ("postgresql", "SELECT $a$ ; $a$; COMMIT", "more than one statement"),
        ("postgresql", "SELECT /* a /* nested */ */ 1; DROP TABLE carts", "more than one statement"),
        ("mysql", "SELECT 1 /*! INTO OUTFILE '/tmp/x' */", "more than one statement"),
        ("mariadb", "SELECT 1 /*M!100100 INTO OUTFILE '/tmp/x' */", "more than one statement"),
        ("postgresql", "WITH gone AS (DELETE FROM carts RETURNING *) SELECT * FROM gone", "holds DELETE"),
        ("postgresql", "SELECT * INTO copy FROM carts", "holds INTO"),
        ("postgresql", "SELECT * FROM carts FOR UPDATE", "holds FOR UPDATE"),
    ],
)
def test_only_one_statement_that_reads_is_taken(database: str, query: str, message: str) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        single_select(query, database)
    assert "DROP" not in str(caught.value)


@pytest.mark.parametrize(
    ("database", "query"),
    [
        ("", "SELECT ';' AS a"),
        ("", 'SELECT "delete;" FROM t'),
        ("", "select /* ; into */ 1"),
        ("sqlite", "SELECT [a;b] FROM t"),
        ("mysql", "SELECT `a;b`, '\\'; into' FROM t"),
        ("postgresql", "SELECT E'\\'; DROP TABLE carts; --'"),
        ("postgresql", "SELECT $$ ; update $$"),
        ("", "(SELECT 1) UNION ALL (SELECT 2)"),
        ("", "WITH a AS (SELECT 1) SELECT * FROM a"),
        ("sqlite", "-- first\nSELECT 'it''s; fine'"),
        ("postgresql", "SELECT * FROM t WHERE a::text LIKE '%x' AND b = ':y'"),
        (
            "postgresql",
            "SELECT DISTINCT ON (a) a, b -> 'x' ->> 'y' FROM t, LATERAL unnest(z) WITH ORDINALITY AS q(a, b)",
        ),
    ],
)
def test_marks_inside_text_and_comments_do_not_count(database: str, query: str) -> None:
    assert single_select(query + "\n; -- the end\n;", database) == query
    assert single_select(query, database) == query


def test_text_in_a_query_reaches_the_database_as_it_is(ask: Query) -> None:
    query = "SELECT '%s %(a)s :b ?' AS user_id, '2025-09-24' AS cart_abandoned_date"
    assert ask(query).rows["user_id"].tolist() == ["%s %(a)s :b ?"]


def test_a_sqlite_file_is_opened_for_reading_only(ask: Query, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "single_select", lambda text, _: text)
    before = shop.read_bytes()
    with pytest.raises(SourceError, match="would change data"):
        ask("INSERT INTO carts SELECT * FROM carts RETURNING *")
    assert shop.read_bytes() == before


@pytest.mark.parametrize(
    "query", ["ATTACH 'other.db' AS other", "PRAGMA user_version = 3", "SELECT * FROM pragma_table_info('carts')"]
)
def test_a_sqlite_connection_does_nothing_but_read(ask: Query, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "single_select", lambda text, _: text)
    with pytest.raises(SourceError, match="only reading is allowed"):
        ask(query)


ENDLESS = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
             SELECT max(i) AS user_id, 1 AS cart_abandoned_date FROM n"""


def test_an_endless_query_on_sqlite_is_stopped(ask: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "QUERY_SECONDS", 0.2)
    with pytest.raises(SourceError, match="took too long, and was stopped"):
        ask(ENDLESS)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_a_query_on_sqlite(ask: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, clock = count(), vars(engine)["monotonic"]

    def look() -> float:
        # The first looks at the clock come before the query; the others interrupt it.
        if next(looks) == 5:
            os.kill(os.getpid(), signal.SIGINT)
        return float(clock())

    monkeypatch.setattr(engine, "monotonic", look)
    with pytest.raises(KeyboardInterrupt):
        ask(ENDLESS)
    assert next(looks) > 5


def test_large_rows_are_fetched_a_few_at_a_time(ask: Query) -> None:
    query = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
               SELECT 'c' || i AS user_id, '2025-09-24' AS cart_abandoned_date,
                      CASE WHEN i > 500 THEN printf('%.*c', 200000, 'x') ELSE 'x' END AS region FROM n"""
    tracemalloc.start()
    read = ask(query)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (read.read, len(read.rows)) == (1000, 1000)
    assert read.rows["region"].isna().sum() == 500
    # What comes after small rows is 100 MB.
    assert peak < 50 << 20


def test_a_row_that_is_too_large_is_told(ask: Query) -> None:
    with pytest.raises(SourceError, match="longer than a row may be"):
        ask("SELECT hex(zeroblob(9000000)) AS user_id, '2025-09-24' AS cart_abandoned_date")


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"sqlite:///none\.db: there is no such file"):
        read_database(f"sqlite:///{tmp_path}/none.db", "SELECT 1")
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("user_id,email\n1,ann@example.com\n" * 100, encoding="utf-8")
    with pytest.raises(SourceError, match=r"customers\.csv: the file is not a SQLite database"):
        read_database(f"sqlite:///{tmp_path}/customers.csv", "SELECT * FROM carts")


def test_a_locked_file_is_told(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = sqlite3.connect(shop, isolation_level=None)
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, timeout=0))
    try:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceError, match="is locked"):
            read_database(f"sqlite:///{shop}", ALL)
    finally:
        writer.close()


def test_limits_hold(ask: Query) -> None:
    with pytest.raises(SourceError, match="more than 3 rows"):
        ask(options=ReadOptions(limits=ReadLimits(rows=3)))
    with pytest.raises(SourceError, match="more than 5 columns"):
        ask(options=ReadOptions(limits=ReadLimits(columns=5)))
    with pytest.raises(SourceError, match="more than 50 bytes"):
        ask(options=ReadOptions(limits=ReadLimits(decoded_bytes=50)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (7, "7"),
        (0.1, "0.1"),
        (float("inf"), "inf"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (Decimal("NaN"), "NaN"),
        (date(2025, 9, 1), "2025-09-01"),
        (datetime.fromisoformat("2025-09-01T08:30:00.000005"), "2025-09-01T08:30:00.000005"),
        (datetime(2025, 9, 1, 8, tzinfo=UTC), "2025-09-01T08:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"Zo\xc3\xab", "Zoë"),
        (memoryview(b"x"), "x"),
    ],
)
def test_values_become_text(value: object, text: str) -> None:
    assert as_cells([value, None], COLUMNS["avg_order_value"], "here").to_pylist() == [text, ""]


def test_a_number_of_the_database_has_a_decimal_point_and_a_text_may_have_a_comma(ask: Query) -> None:
    query = """SELECT 'a' AS user_id, '2025-09-24' AS cart_abandoned_date, 1.234 AS avg_order_value,
                      2.5e-7 AS cart_value
               UNION ALL SELECT 'b', '2025-09-24', {other}, 1e300"""
    assert ask(query.format(other="9.125")).rows["avg_order_value"].tolist() == [1.234, 9.125]
    assert ask(query.format(other="NULL")).rows["cart_value"].tolist() == [2.5e-7, 1e300]
    assert ask(query.format(other="'9.125'"), options=ReadOptions(decimal="comma")).rows[
        "avg_order_value"
    ].tolist() == [
        1.234,
        9125,
    ]
    assert ask(query.format(other="'1.000,50'")).rows["avg_order_value"].tolist() == [1.234, 1000.5]


def test_whole_identifiers_stay_whole_where_a_column_is_of_floats() -> None:
    assert as_cells([7.0, None, float("nan"), 0.5], COLUMNS["user_id"], "here").to_pylist() == ["7", "", "", "0.5"]


@pytest.mark.parametrize("value", [[1], {"a": 1}, (1,), object()])
def test_a_nested_value_is_refused(value: object) -> None:
    with pytest.raises(ContractError, match="'region' holds values of the type"):
        as_cells([value], COLUMNS["region"], "here")


def test_text_that_cannot_be_written_is_refused_without_showing_it() -> None:
    with pytest.raises(ContractError, match="not UTF-8") as caught:
        as_cells(["ann\udc80"], COLUMNS["user_id"], "here")
    assert "ann" not in str(caught.value)


def test_secrets_come_from_the_environment_and_may_hold_any_character() -> None:
    environment = {"SHOP": "postgresql://ann:${PASS}@db.example/shop", "PASS": "p@s:s/w?r#d%", "PLACE": "h.example"}
    for url in (database_url("env:SHOP", environment), database_url(environment["SHOP"], environment)):
        assert (url.password, url.host, url.database) == ("p@s:s/w?r#d%", "db.example", "shop")
        assert shown_name(url) == "postgresql://db.example/shop"
    assert shown_name(database_url("postgresql://${PLACE}/shop?sslmode=require", environment)) == (
        "postgresql://h.example/shop"
    )


CANARY = "hunter2"
BAD_URLS = (
    f"postgresql:/ann:{CANARY}@db/shop",
    f"postgresql://ann:a@{CANARY}@db/shop",
    f"postgresql://an/n:{CANARY}@db/shop",
    f"postgresql://ann:{CANARY}@db:port/shop",
    f"postgresql://db/shop?options=@{CANARY}",
    f"{CANARY}",
    f"nothing://ann:{CANARY}@db/shop",
    f"postgres://ann:{CANARY}@db/shop",
    f"mysql://ann:{CANARY}@db/shop",
    f"postgresql+nothing://ann:{CANARY}@db/shop",
    "env:NOT_SET",
    f"env:{CANARY} {CANARY}",
    "postgresql://ann:${NOT_SET}@db/shop",
    "sqlite://",
    "sqlite:///:memory:",
)


@pytest.mark.parametrize("text", BAD_URLS)
def test_a_bad_url_is_explained_without_showing_it(text: str) -> None:
    with pytest.raises(OptionError, match=r"^database URL: the ") as caught:
        read_database(text, "SELECT 1")
    assert CANARY not in str(caught.value)
    assert caught.value.hint


class DriverError(Exception):
    """An error as a driver raises it."""

    def __init__(self, text: str, state: str | None) -> None:
        super().__init__(text)
        self.sqlstate = state


@given(st.text(alphabet="xyz~@ ", min_size=4), st.none() | st.text(max_size=6) | st.just("42P01"), st.booleans())
def test_no_word_of_a_driver_is_passed_on(text: str, state: str | None, connecting: bool) -> None:
    error = DBAPIError(f"SELECT '{CANARY}'", {"a": CANARY}, DriverError(f"{CANARY} {text}", state))
    for raised in (error, ValueError(CANARY), UnicodeDecodeError("utf-8", CANARY.encode(), 0, 1, CANARY)):
        message = str(fault(raised, "here", connecting=connecting))
        assert CANARY not in message
        assert message.startswith("here: ")


@pytest.mark.parametrize(
    ("text", "state", "message"),
    [
        ("Access denied for user 'ann'", None, "refuses the login"),
        ("Can't connect: connection refused", None, "nothing answers"),
        ("timed out", None, "does not answer in time"),
        ("Zugriff verweigert", None, "cannot be reached, or refuses the login"),
        ("", "53300", "no free connection"),
        ("", "28000", "refuses the login"),
        ("", "XX000", "cannot be reached"),
        ("", "<script>", r"here: the database cannot be reached, or refuses the login\."),
    ],
)
def test_what_other_drivers_report_is_told_apart(text: str, state: str | None, message: str) -> None:
    told = fault(DBAPIError("", {}, DriverError(text, state)), "here", connecting=True)
    assert re.search(message, str(told))


def test_a_debug_log_holds_no_row(ask: Query, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ask("SELECT 'canary-77' AS user_id, '2025-09-24' AS cart_abandoned_date")
    assert "canary" not in caplog.text
