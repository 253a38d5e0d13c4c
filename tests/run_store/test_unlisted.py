"""Runs that are kept for their address only: not listed, found by identifier, gone after a while."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from analysis.headline import headline_of
from run_store import count_periods_with, erase_customer, find_run, list_runs, open_run, prune, rename_run, save_run
from run_store.catalog import FILE, MIGRATIONS
from run_store.workspace import UNLISTED_DAYS, UNLISTED_KEPT
from tests.run_store.period_cases import SAVED_AT, run_of, saved


def unlisted(workspace: Path, days: float = 0) -> str:
    return save_run(workspace, run_of(), name=None, saved_at=SAVED_AT + timedelta(days=days))


def test_a_run_without_a_name_is_found_by_its_identifier_only(tmp_path: Path) -> None:
    run_id = unlisted(tmp_path)
    assert list_runs(tmp_path) == ()
    found = find_run(tmp_path, run_id)
    assert found is not None
    assert not found.listed
    assert open_run(tmp_path, run_id).run().input_hash == run_of().input_hash
    assert find_run(tmp_path, "../catalog") is None


def test_a_name_lists_it(tmp_path: Path) -> None:
    run_id = unlisted(tmp_path)
    rename_run(tmp_path, run_id, "Week 1")
    assert [(summary.id, summary.name) for summary in list_runs(tmp_path)] == [(run_id, "Week 1")]


def test_old_runs_without_a_name_go_and_their_files_with_them(tmp_path: Path) -> None:
    named, old = saved(tmp_path), unlisted(tmp_path)
    young = unlisted(tmp_path, days=UNLISTED_DAYS + 0.5)
    assert find_run(tmp_path, old) is None
    assert not list((tmp_path / "periods").glob(f"{old}.*"))
    assert find_run(tmp_path, young) is not None
    assert find_run(tmp_path, named) is not None


def test_only_the_newest_runs_without_a_name_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("run_store.workspace.UNLISTED_KEPT", 2)
    ids = [unlisted(tmp_path, days=day) for day in (0.3, 0.1, 0.2)]
    assert [find_run(tmp_path, run_id) is not None for run_id in ids] == [True, False, True]
    assert UNLISTED_KEPT == 50


def test_pruning_leaves_runs_with_a_name_alone_however_old(tmp_path: Path) -> None:
    run_id = saved(tmp_path)
    assert prune(tmp_path, SAVED_AT + timedelta(days=1000)) == 0
    assert find_run(tmp_path, run_id) is not None


def test_a_customer_is_erased_from_runs_without_a_name_too(tmp_path: Path) -> None:
    saved(tmp_path)
    run_id = unlisted(tmp_path)
    assert count_periods_with(tmp_path, "u005") == 2
    assert count_periods_with(tmp_path, "nobody") == count_periods_with(tmp_path, "") == 0
    assert erase_customer(tmp_path, "u005") == 2
    assert open_run(tmp_path, run_id).customer("u005").empty
    assert count_periods_with(tmp_path, "u005") == 0


def test_the_list_has_the_headline_numbers(tmp_path: Path) -> None:
    saved(tmp_path)
    (summary,) = list_runs(tmp_path)
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
    (summary,) = list_runs(tmp_path)
    assert (summary.name, summary.read, summary.erased) == ("Week 1", 4, 0)
    assert (summary.currency, summary.at_stake, summary.profit) == ("", None, None)
