"""Runs that are kept for their address only: not listed, found by identifier, gone after a while."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from analysis.headline import headline_of
from run_store import Workspace
from run_store.catalog import FILE
from run_store.schema import MIGRATIONS
from run_store.workspace import UNLISTED_DAYS, UNLISTED_KEPT
from tests.run_store.period_cases import SAVED_AT, run_of, saved


def unlisted(workspace: Path, days: float = 0) -> str:
    return Workspace(workspace).save(run_of(), name=None, saved_at=SAVED_AT + timedelta(days=days))


def test_a_run_without_a_name_is_found_by_its_identifier_only(tmp_path: Path) -> None:
    run_id = unlisted(tmp_path)
    assert Workspace(tmp_path).periods() == ()
    found = Workspace(tmp_path).find(run_id)
    assert found is not None
    assert not found.listed
    assert Workspace(tmp_path).open(run_id).run().input_hash == run_of().input_hash
    assert Workspace(tmp_path).find("../catalog") is None


def test_a_name_lists_it(tmp_path: Path) -> None:
    run_id = unlisted(tmp_path)
    Workspace(tmp_path).rename(run_id, "Week 1")
    assert [(summary.id, summary.name) for summary in Workspace(tmp_path).periods()] == [(run_id, "Week 1")]


def test_old_runs_without_a_name_go_and_their_files_with_them(tmp_path: Path) -> None:
    named, old = saved(tmp_path), unlisted(tmp_path)
    young = unlisted(tmp_path, days=UNLISTED_DAYS + 0.5)
    assert Workspace(tmp_path).find(old) is None
    assert not list((tmp_path / "periods").glob(f"{old}.*"))
    assert Workspace(tmp_path).find(young) is not None
    assert Workspace(tmp_path).find(named) is not None


def test_only_the_newest_runs_without_a_name_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("run_store.workspace.UNLISTED_KEPT", 2)
    ids = [unlisted(tmp_path, days=day) for day in (0.3, 0.1, 0.2)]
    assert [Workspace(tmp_path).find(run_id) is not None for run_id in ids] == [True, False, True]
    assert UNLISTED_KEPT == 50


def test_pruning_leaves_runs_with_a_name_alone_however_old(tmp_path: Path) -> None:
    run_id = saved(tmp_path)
    assert Workspace(tmp_path).prune(SAVED_AT + timedelta(days=1000)) == 0
    assert Workspace(tmp_path).find(run_id) is not None


def test_a_customer_is_erased_from_runs_without_a_name_too(tmp_path: Path) -> None:
    saved(tmp_path)
    run_id = unlisted(tmp_path)
    assert Workspace(tmp_path).count_with("u005") == 2
    assert Workspace(tmp_path).count_with("nobody") == Workspace(tmp_path).count_with("") == 0
    assert Workspace(tmp_path).erase("u005") == 2
    assert Workspace(tmp_path).open(run_id).customer("u005").empty
    assert Workspace(tmp_path).count_with("u005") == 0


def test_the_list_has_the_headline_numbers(tmp_path: Path) -> None:
    saved(tmp_path)
    (summary,) = Workspace(tmp_path).periods()
    numbers = headline_of(run_of())
    assert (summary.currency, summary.at_stake, summary.profit) == ("EUR", numbers.at_stake, numbers.profit)


def test_a_catalog_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as connection:
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        row = ["a1", "Week 1", SAVED_AT.isoformat(), "2026-01-01", "2026-01-07", "UTC", "p", "h", "i", "week.csv"]
        connection.execute(f"INSERT INTO runs VALUES ({', '.join('?' * 15)})", [*row, 4, 1, 3, 2, 0])
    connection.close()
    (summary,) = Workspace(tmp_path).periods()
    assert (summary.name, summary.read, summary.erased) == ("Week 1", 4, 0)
    assert (summary.currency, summary.at_stake, summary.profit) == ("", None, None)
