"""Ten people on a saved period while one more reads 500 MB and another opens a bomb: how long the ten wait.

The two ask the shop's database, which takes the way of every file: a process of its own with limits.
"""

import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from threading import Event

from benchmarks.harness import ROOT, Row
from benchmarks.server import period
from benchmarks.server.client import visiting
from benchmarks.server.load import together
from tests.servers.dashboard import Server, running

SESSIONS, ACTIONS, PAUSE = 10, 8, 5.0
"""The last: mean seconds between an answer and the next action."""
SLOWEST = 0.15
ROWS = 1_000_000
LARGE = "SELECT * FROM carts"
BOMB = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
          SELECT i AS user_id, '2025-09-01' AS cart_abandoned_date, hex(zeroblob(500000)) AS region FROM n"""


def run() -> list[Row]:
    """Return the row of the guests."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _make_database(home / "shop.db")
        (home / ".streamlit").mkdir()
        secrets = f'[database]\nurl = "sqlite:///{home / "shop.db"}"\n'
        (home / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")
        query = f"run={period.save(home)}"
        with running(ROOT / "frontend" / "app.py", home) as server, ThreadPoolExecutor(2) as pool:
            over = Event()
            reads = [pool.submit(_read, server, text, over) for text in (LARGE, BOMB)]
            seconds = together(server, query, SESSIONS, ACTIONS, PAUSE)
            over.set()
            counts = [each.result() for each in reads]
    return [_row(seconds, counts)]


def _make_database(path: Path) -> None:
    """Write a table of some 500 MB."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE carts (user_id, cart_abandoned_date, avg_order_value, email, first_name)")
        rows = ((f"c{i}", "2025-09-24 10:00", i % 90, f"c{i}@example.com", "x" * 440) for i in range(ROWS))
        connection.executemany("INSERT INTO carts VALUES (?, ?, ?, ?, ?)", rows)
    connection.close()


def _read(server: Server, query: str, over: Event) -> int:
    """Ask the database again and again, and return how often."""
    count = 0
    with visiting(server.url) as visitor:
        visitor.open()
        visitor.open("new_period")
        visitor.change("source", "Database")
        while not over.is_set():
            # Another text each time, so that nothing is remembered.
            visitor.change("database-query", f"{query} -- {count}")
            visitor.press("database-read")
            count += 1
    return count


def _row(seconds: list[float], counts: list[int]) -> Row:
    slow = quantiles(seconds, n=20)[-1]
    note = f"{len(seconds)} redraws, median {median(seconds):.3f} s; meanwhile read {counts[0]} and {counts[1]} times"
    title = f"{SESSIONS} sessions while one reads 500 MB and another opens a bomb: 95 % of the redraws"
    return Row(title, "seconds", min(seconds), slow, max(seconds), f"under {SLOWEST:g}", slow < SLOWEST, note)
