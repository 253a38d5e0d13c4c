"""The shop's database as a source: only where the server's secrets name it, and its address is nowhere to be read."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from tests.frontend.opening import analyse, dashboard, form
from tests.frontend.test_pages import numbers, texts
from workers import job

WORD = "hunter2-secret"
QUERY = "SELECT id AS user_id, left_at AS cart_abandoned_date, aov AS avg_order_value FROM carts ORDER BY 1"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE carts (id TEXT, left_at TEXT, aov REAL)")
        rows = [(f"u{n:03d}", f"2025-09-{1 + n % 7:02d} 10:00:00", 10.0 + n) for n in range(300)]
        connection.executemany("INSERT INTO carts VALUES (?, ?, ?)", [*rows, ("bad", "no day", 1.0)])
    return path


def opened(root: Path, url: str | None) -> AppTest:
    app = dashboard(root)
    if url is not None:
        app.secrets = {"database": {"url": url}}
    return form(app)


def chosen(app: AppTest) -> AppTest:
    return app.radio(key="source").set_value("Database").run()


def asked(app: AppTest, query: str) -> AppTest:
    app.text_area(key="database-query").set_value(query)
    return app.button(key="database-read").click().run()


def everything(app: AppTest) -> str:
    """Return all that the page says, whatever draws it."""
    parts: list[Any] = [*app.main, *app.sidebar]
    return "\n".join(repr(getattr(part, "proto", part)) for part in parts)


def test_without_secrets_there_is_no_database_to_choose(root: Path) -> None:
    assert opened(root, None).radio(key="source").options == ["Synthetic", "Upload", "Saved"]


@pytest.mark.parametrize("section", [{"url": ""}, {}, {"url": 7}, "text"])
def test_a_section_without_an_address_is_no_database(root: Path, section: object) -> None:
    app = dashboard(root)
    app.secrets = {"database": section}
    form(app)
    assert not app.exception
    assert "Database" not in app.radio(key="source").options


def test_a_query_is_read_accounted_for_and_run(root: Path, shop: Path) -> None:
    page = chosen(opened(root, f"sqlite:///{shop}"))
    page.selectbox(key="option-policy").set_value("aov-buckets")
    page = asked(page, QUERY)
    assert not page.exception
    assert not page.error
    assert "301 rows read: 300 accepted, 1 set aside" in texts(page.caption)
    page = analyse(page)
    assert numbers(page)["Abandoners"] == "300"
    assert "shop.db" in texts(page.caption)
    assert str(shop.parent) not in everything(page)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("DELETE FROM carts", "The query is not a SELECT"),
        ("", "The query is empty"),
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("SELECT id AS user_id FROM nowhere", "names a table that does not exist"),
        ("SELECT id FROM carts", "user_id"),
        ("SELECT id AS user_id, left_at AS cart_abandoned_date FROM carts WHERE 0", "no rows"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_place(root: Path, shop: Path, query: str, message: str) -> None:
    page = asked(chosen(opened(root, f"sqlite:///{shop}")), query)
    assert not page.exception
    assert page.error
    assert message in texts(page.error)
    assert "--query" not in texts(page.error)
    assert page.button(key="analyse").disabled


def test_the_password_is_on_no_page(root: Path) -> None:
    url = f"postgresql://reader:{WORD}@127.0.0.1:9/shop"
    page = asked(chosen(opened(root, url)), QUERY)
    assert page.error
    assert WORD not in everything(page)
    assert "reader" not in texts(page.error)


def test_a_refusal_removes_what_was_read_before(root: Path, shop: Path) -> None:
    page = asked(chosen(opened(root, f"sqlite:///{shop}")), QUERY)
    page = asked(page, "DROP TABLE carts")
    assert page.error
    assert page.button(key="analyse").disabled


def test_other_options_ask_for_another_reading(root: Path, shop: Path) -> None:
    page = asked(chosen(opened(root, f"sqlite:///{shop}")), QUERY)
    page = page.selectbox(key="option-order").set_value("dmy").run()
    assert "read the data again" in texts(page.caption)
    assert page.button(key="analyse").disabled


@pytest.fixture
def slow(shop: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[AppTest, list[str]]:
    """A page that was touched while the database answered, and the keys of the work that it waited for."""
    keys, done = list[str](), job.done

    def touched(key: str, *given: Any) -> object:
        keys.append(key)
        if len(keys) == 1:
            raise StopException
        return done(key, *given)

    monkeypatch.setattr(job, "done", touched)
    return asked(chosen(opened(root, f"sqlite:///{shop}")), QUERY), keys


def test_a_touched_page_waits_on_for_the_same_answer(slow: tuple[AppTest, list[str]]) -> None:
    app, keys = slow
    app.run()
    assert not app.exception
    assert keys == keys[:1] * 2
    assert "301 rows read: 300 accepted, 1 set aside" in texts(app.caption)
    assert not [button for button in app.button if button.key == "cancel-query"]


def test_a_cancelled_query_is_asked_no_more(slow: tuple[AppTest, list[str]]) -> None:
    app, keys = slow
    app.button(key="cancel-query").click().run()
    assert "cancelled" in texts(app.info)
    assert not app.error
    app.run()
    assert len(keys) == 1
