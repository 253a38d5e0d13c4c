"""The audit trail: who did what with customers, when, and with how many; rows of the catalog that nothing changes.

It names no customer, and neither a file nor a period by what a person typed. The database itself refuses to change
an entry or to drop one of the last `KEPT`, and stamps the time, in the commit of what the entry tells of.
"""

import os
import sqlite3
import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

if sys.platform != "win32":
    import pwd

KEPT = 100_000
"""Entries that are kept; with each one more the oldest goes."""
LONGEST_WHO = 200
Action = Literal["analysed", "exported", "imported", "learnt", "forgot", "erased", "deleted"]
STATEMENTS = (
    """CREATE TABLE trail (
        number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
        who TEXT NOT NULL, action TEXT NOT NULL, count INTEGER NOT NULL, things TEXT NOT NULL, run TEXT NOT NULL)""",
    """CREATE TRIGGER trail_is_not_changed BEFORE UPDATE ON trail
        BEGIN SELECT RAISE(ABORT, 'the audit trail is not changed'); END""",
    f"""CREATE TRIGGER trail_is_kept BEFORE DELETE ON trail WHEN OLD.number > (SELECT max(number) FROM trail) - {KEPT}
        BEGIN SELECT RAISE(ABORT, 'the audit trail is kept'); END""",
    f"""CREATE TRIGGER trail_is_bounded AFTER INSERT ON trail
        BEGIN DELETE FROM trail WHERE number <= NEW.number - {KEPT}; END""",
)


@dataclass(frozen=True)
class Deed:
    """What somebody, a login or the account of the process, does with how many of what things."""

    who: str
    action: Action
    count: int
    things: str = "customers"
    run: str = ""


@dataclass(frozen=True)
class Entry(Deed):
    """What somebody did, and when."""

    moment: datetime = field(kw_only=True)


def add_entry(connection: sqlite3.Connection, deed: Deed) -> None:
    """Write a deed as the next entry, in the transaction that is open."""
    # Whatever a login calls itself, an entry stays one line.
    who = "".join(sign if sign.isprintable() else "?" for sign in deed.who[:LONGEST_WHO])
    values = [who, deed.action, deed.count, deed.things, deed.run]
    connection.execute("INSERT INTO trail (who, action, count, things, run) VALUES (?, ?, ?, ?, ?)", values)


def last_entries(connection: sqlite3.Connection, most: int) -> tuple[Entry, ...]:
    """Return the last entries, the newest first."""
    query = "SELECT who, action, count, things, run, at FROM trail ORDER BY number DESC LIMIT ?"
    return tuple(Entry(*rest, moment=datetime.fromisoformat(at)) for *rest, at in connection.execute(query, [most]))


def last_erasure(connection: sqlite3.Connection) -> int:
    """Return the number of the last entry about an erasure; 0 where nobody was erased."""
    row = connection.execute("SELECT coalesce(max(number), 0) FROM trail WHERE action = 'erased'").fetchone()
    return int(row[0])


def system_user() -> str:
    """Return the account that the process runs under; variables of the environment could name any."""
    if sys.platform == "win32":
        return os.getlogin()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
