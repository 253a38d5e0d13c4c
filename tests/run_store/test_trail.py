"""The audit trail: everything that was done with customers stands in it, once, for good, and names none of them."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from retention.errors import OptionError, WorkspaceError
from retention.scores.measured_lift import MeasuredLift
from run_store import Workspace, period_files
from run_store.catalog import Catalog
from run_store.trail import KEPT
from tests.run_store.period_cases import SAVED_AT, run_of, saved
from tests.run_store.test_erasure import GONE, everything

if sys.platform == "win32":
    ME = os.getlogin()
else:
    import pwd

    ME = pwd.getpwuid(os.getuid()).pw_name
LIFT = MeasuredLift(
    experiment="autumn",
    segment="A",
    treatment="mail",
    converted=9,
    customers=99,
    control_converted=3,
    control_customers=90,
    measured_on=date(2026, 1, 5),
)


def told(folder: Path) -> Sequence[tuple[object, ...]]:
    """Return the entries, the oldest first."""
    return [(each.action, each.count, each.things, each.run) for each in Workspace(folder).trail()][::-1]


def test_everything_that_is_done_is_told_with_who_when_and_how_many(tmp_path: Path) -> None:
    workspace, began = Workspace(tmp_path / "w", "ada@shop.example"), datetime.now(UTC)
    run_id = workspace.save(run_of(), name="Week 1", saved_at=SAVED_AT)
    workspace.export(run_id, tmp_path / "week.zip")
    again = workspace.take_in(tmp_path / "week.zip")
    workspace.keep_lifts([LIFT])
    workspace.note("exported", 7)
    workspace.erase(GONE)
    workspace.delete(again)
    workspace.forget_lifts("autumn")
    customers = run_of().accounting.universe
    assert told(tmp_path / "w") == [
        ("analysed", customers, "customers", run_id),
        ("exported", customers, "customers", run_id),
        ("imported", customers, "customers", again),
        ("learnt", 1, "measured lifts", ""),
        ("exported", 7, "customers", ""),
        ("erased", 2, "saved runs", ""),
        ("deleted", customers - 1, "customers", again),
        ("forgot", 1, "measured lifts", ""),
    ]
    entries = workspace.trail()
    assert {each.who for each in entries} == {"ada@shop.example"}
    assert all(began - timedelta(seconds=1) <= each.moment <= datetime.now(UTC) for each in entries)
    assert [each.action for each in workspace.trail(2)] == ["forgot", "deleted"]


def test_without_a_login_it_is_the_account_of_the_process_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    saved(tmp_path)
    assert Workspace(tmp_path).trail()[0].who == ME


@pytest.mark.skipif(sys.platform == "win32", reason="an account has a name there")
def test_an_account_without_a_name_is_told_by_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("run_store.trail.os.getuid", lambda: 4_000_000_000)
    Workspace(tmp_path).note("exported", 1)
    assert Workspace(tmp_path).trail()[0].who == "uid 4000000000"


def test_a_login_cannot_write_more_than_one_short_line(tmp_path: Path) -> None:
    Workspace(tmp_path, "Eve\n2026 root erased\x1b[2J" + 999 * "x").note("exported", 1)
    who = Workspace(tmp_path).trail()[0].who
    assert who.startswith("Eve?2026 root erased?[2J")
    assert len(who) == 200


@pytest.mark.parametrize(
    "change",
    ["UPDATE trail SET who = 'nobody'", "DELETE FROM trail", "DELETE FROM trail WHERE number = 1"],
)
def test_the_database_itself_refuses_to_change_it(tmp_path: Path, change: str) -> None:
    saved(tmp_path)
    before = told(tmp_path)
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="audit trail"):
            connection.execute(change)
        connection.commit()
    assert told(tmp_path) == before


def test_it_is_bounded_and_the_oldest_goes(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.note("exported", 1)
    workspace.note("exported", 2)
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as connection:
        connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'trail'", [KEPT])
        connection.commit()
    workspace.note("exported", 3)
    assert [each.count for each in workspace.trail()] == [3, 2]


def test_it_names_no_customer_and_is_not_handed_on(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "one", "ada@shop.example")
    run_id = workspace.save(run_of(), name="Week 1", saved_at=SAVED_AT)
    workspace.erase(GONE)
    assert GONE.encode() not in everything(tmp_path / "one")
    workspace.export(run_id, tmp_path / "week.zip")
    assert b"ada@" not in (tmp_path / "week.zip").read_bytes()
    Workspace(tmp_path / "two").take_in(tmp_path / "week.zip")
    assert [action for action, *_ in told(tmp_path / "two")] == ["imported"]


@pytest.mark.slow
def test_many_processes_write_it_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from run_store import Workspace\n"
        "for number in range(10): Workspace(Path(sys.argv[1]), sys.argv[2]).note('exported', number)"
    )
    # Whoever comes first makes the catalog.
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), f"user {n}"]) for n in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    entries = Workspace(tmp_path).trail()
    assert sorted((each.who, each.count) for each in entries) == [(f"user {n}", i) for n in range(3) for i in range(10)]


def test_where_there_is_no_workspace_nothing_is_made(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "none")
    workspace.note("exported", 1)
    assert workspace.trail() == ()
    assert workspace.erase(GONE) == 0
    assert not workspace.folder.exists()


def test_what_cannot_be_told_is_not_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, workspace = saved(tmp_path), Workspace(tmp_path)

    def refused(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("run_store.catalog.add_entry", refused)
    for deed in (
        lambda: workspace.delete(run_id),
        lambda: workspace.export(run_id, tmp_path / "week.zip"),
        lambda: workspace.keep_lifts([LIFT]),
        lambda: saved(tmp_path),
    ):
        with pytest.raises(WorkspaceError, match="disk I/O error"):
            deed()
    assert [each.id for each in workspace.periods()] == [run_id]
    assert not (tmp_path / "week.zip").exists()
    assert workspace.lifts() == ()


@contextmanager
def meanwhile(monkeypatch: pytest.MonkeyPatch, name: str, happens: Any) -> Iterator[None]:
    """Let something happen once, just before a function of the workspace is called."""
    true = getattr(period_files, name)

    def first(*given: Any) -> Any:
        monkeypatch.undo()
        happens()
        return true(*given)

    monkeypatch.setattr(f"run_store.workspace.{name}", first)
    yield
    monkeypatch.undo()


def test_a_save_that_runs_while_somebody_is_erased_is_not_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path)
    # Nobody has the customer yet, in a workspace where nothing was saved before.
    with (
        meanwhile(monkeypatch, "stored_files", lambda: workspace.erase(GONE)),
        pytest.raises(WorkspaceError, match="a customer was erased while the period was saved"),
    ):
        saved(tmp_path)
    assert workspace.periods() == ()
    workspace.tidy()
    assert GONE.encode() not in everything(tmp_path)
    assert saved(tmp_path)


def test_so_is_one_whose_files_are_written_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true = Catalog.add

    def late(self: Catalog, *given: Any) -> None:
        monkeypatch.undo()
        Workspace(tmp_path).erase(GONE)
        true(self, *given)

    monkeypatch.setattr(Catalog, "add", late)
    with pytest.raises(WorkspaceError, match="erased"):
        saved(tmp_path)
    Workspace(tmp_path).tidy()
    assert GONE.encode() not in everything(tmp_path)


def test_a_period_that_is_saved_during_an_erasure_is_gone_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path)
    true = Catalog.note

    def late(self: Catalog, *given: Any) -> bool:
        # After all periods were gone through, and before the erasure is over.
        monkeypatch.undo()
        saved(tmp_path, run_of("twelve-leaf"), "late")
        return true(self, *given)

    monkeypatch.setattr(Catalog, "note", late)
    assert Workspace(tmp_path).erase(GONE) == 2
    assert GONE.encode() not in everything(tmp_path)


def test_customers_of_a_saved_period_are_not_saved_anew_after_an_erasure(tmp_path: Path) -> None:
    workspace, run_id = Workspace(tmp_path), saved(tmp_path)
    before = workspace.last_erasure()
    run = workspace.open(run_id).run()
    workspace.erase(GONE)
    with pytest.raises(WorkspaceError, match="erased"):
        workspace.save(run, name="with arms", saved_at=SAVED_AT, erasure=before)
    with pytest.raises(OptionError):
        workspace.erase("")
    assert workspace.count_with(GONE) == 0
