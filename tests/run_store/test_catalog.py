"""Saved periods: whole, listed, paged, renamed, deleted, erased from."""

import errno
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from outputs import write_outputs
from outputs.durable import PART, held_part, stored
from retention.errors import ErasedError, OptionError, Remedy, Setting, WorkspaceError
from retention.partition.what_if import build_what_if
from run_store import SavedRun, Workspace
from run_store.lookup import search_frame
from run_store.period_files import SEGMENT, WAVE
from tests.run_store.period_cases import (
    SAVED_AT,
    assert_equal_cubes,
    assert_equal_runs,
    names_in,
    run_of,
    saved,
)


@pytest.mark.parametrize("policy", ["five-segments", "twelve-leaf", "aov-buckets", "cart-age"])
def test_a_saved_run_comes_back_equal(tmp_path: Path, policy: str) -> None:
    run = run_of(policy)
    assert_equal_runs(Workspace(tmp_path).open(saved(tmp_path, run)).run(), run)


def test_a_run_with_waves_comes_back_equal(tmp_path: Path) -> None:
    run = run_of(maximum=10)
    opened = Workspace(tmp_path).open(saved(tmp_path, run))
    assert max(opened.partition.wave_counts) > 1
    assert opened.partition.wave_counts == run.segmentation.wave_counts
    assert_equal_runs(opened.run(), run)


def test_an_opened_run_answers_what_if_as_the_customers_do(tmp_path: Path) -> None:
    run = run_of()
    expected = build_what_if(run.segmentation.customers, run.policy, run.segmentation.scale)
    found = Workspace(tmp_path).open(Workspace(tmp_path).save(run, name="x", saved_at=SAVED_AT)).what_if
    assert_equal_cubes(found.cube, expected.cube)
    assert (found.grid, found.stops, found.fitted, found.policy) == (
        expected.grid,
        expected.stops,
        expected.fitted,
        expected.policy,
    )
    assert found.draft().sizes == expected.draft().sizes


def test_of_periods_saved_in_one_second_the_last_saved_comes_first(tmp_path: Path) -> None:
    run = run_of(customers=3)
    ids = [saved(tmp_path, run, f"Week {number}") for number in range(3)]
    assert [period.id for period in Workspace(tmp_path).periods()] == ids[::-1]


def test_the_list_tells_what_was_saved_without_opening_it(tmp_path: Path) -> None:
    run_id = saved(tmp_path)
    (summary,) = Workspace(tmp_path).periods()
    assert (summary.id, summary.name, summary.saved_at) == (run_id, "Week 1", SAVED_AT)
    assert (summary.policy, summary.source, summary.window) == ("five-segments", "week.csv", run_of().window)
    assert (summary.read, summary.quarantined, summary.universe, summary.erased, summary.rows) == (123, 3, 120, 0, 120)
    assert summary.segments == len(run_of().segmentation.tree.segments)


def test_the_last_saved_comes_first(tmp_path: Path) -> None:
    for day in (2, 1, 3):
        Workspace(tmp_path).save(run_of(), name=f"day {day}", saved_at=SAVED_AT.replace(day=day))
    assert [summary.name for summary in Workspace(tmp_path).periods()] == ["day 3", "day 2", "day 1"]


def test_nothing_saved_is_an_empty_list_and_makes_no_folder(tmp_path: Path) -> None:
    assert Workspace(tmp_path / "nowhere").periods() == ()
    assert not (tmp_path / "nowhere").exists()


def test_equal_runs_give_equal_files(tmp_path: Path) -> None:
    one, two = saved(tmp_path), saved(tmp_path)
    assert [n.removeprefix(one) for n in names_in(tmp_path) if n.startswith(one)] == [
        n.removeprefix(two) for n in names_in(tmp_path) if n.startswith(two)
    ]


def ids(opened: SavedRun, text: str) -> list[str]:
    return [str(user_id) for user_id in opened.rows(opened.search(text)).customers["user_id"]]


def test_rows_are_those_of_the_run_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    run = run_of()
    opened = Workspace(tmp_path).open(saved(tmp_path, run))
    for positions in ([], [0], [119, 3, 50, 7], list(range(120))):
        expected = run.segmentation.customers.iloc[positions].reset_index(drop=True)
        pd.testing.assert_frame_equal(opened.rows(positions).customers, expected, check_exact=True)
    assert opened.rows([119, 120]).customers["user_id"].tolist() == ["u119"]


def test_a_search_finds_parts_of_identifiers_and_addresses_the_exact_one_first(tmp_path: Path) -> None:
    opened = Workspace(tmp_path).open(saved(tmp_path))
    assert ids(opened, "u01") == [f"u{n:03}" for n in range(10, 20)]
    assert ids(opened, "U011@EXAMPLE.com") == ["u011"]
    assert ids(opened, "11@") == ["u011", "u111"]
    assert ids(opened, "U11") == [f"u{n:03}" for n in range(110, 120)]
    assert ids(opened, "nobody") == []
    assert opened.customer("u011")["user_id"].tolist() == ["u011"]
    assert opened.customer("u01").empty


@pytest.mark.slow
def test_a_search_of_customers_in_memory_finds_the_same(tmp_path: Path) -> None:
    run = run_of()
    opened = Workspace(tmp_path).open(saved(tmp_path, run))
    segmentation = run.segmentation
    placed = segmentation.customers.assign(**{SEGMENT: segmentation.codes, WAVE: segmentation.waves})
    code = int(segmentation.codes[11])
    for text in ("", "u01", "11@", "U005", "nobody", "%"):
        for equal in ({}, {SEGMENT: code}, {SEGMENT: code, WAVE: 1}, {WAVE: 9}):
            assert search_frame(placed, text, equal).tolist() == opened.search(text, equal).tolist()
    assert opened.search("", {SEGMENT: code}).tolist() == np.flatnonzero(segmentation.codes == code).tolist()


def test_an_exact_identifier_comes_before_those_that_hold_it() -> None:
    customers = pd.DataFrame({"user_id": ["a12", "b1", "1", "c"], "email": ["x@y.com", None, "z@y.com", "1"]})
    assert search_frame(customers, "1").tolist() == [2, 3, 0, 1]
    assert search_frame(customers[["user_id"]], "1").tolist() == [2, 0, 1]


def test_positions_of_before_an_erasure_are_refused(tmp_path: Path) -> None:
    opened = Workspace(tmp_path).open(saved(tmp_path))
    Workspace(tmp_path).erase("u003")
    with pytest.raises(ErasedError, match="erased meanwhile"):
        opened.rows([5])


@pytest.mark.parametrize("text", ["' OR 1=1 --", "%", "_", '"; DROP TABLE runs; --', "\\", "u0%"])
def test_a_search_is_text_and_never_a_query(tmp_path: Path, text: str) -> None:
    opened = Workspace(tmp_path).open(saved(tmp_path))
    assert ids(opened, text) == []
    assert opened.summary.rows == len(opened.run().segmentation.customers) == 120


def test_a_workspace_may_have_any_name(tmp_path: Path) -> None:
    workspace = tmp_path / "a[1] *? 'x' % # &"
    opened = Workspace(workspace).open(saved(workspace))
    assert len(opened.search("u01")) == 10
    assert_equal_runs(opened.run(), run_of())


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/abs", "a'; DROP TABLE runs; --", "Woche 1: Größe", "CON", "=1+1"]
)
def test_names_are_data_and_never_paths(tmp_path: Path, name: str) -> None:
    workspace = tmp_path / "inner"
    run_id = saved(workspace, name=name)
    assert [summary.name for summary in Workspace(workspace).periods()] == [name]
    assert Workspace(workspace).open(run_id).summary.name == name
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]
    assert sorted(path.name for path in workspace.iterdir()) == ["catalog.sqlite", "periods"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\nb", "a\x00b"])
def test_names_that_cannot_be_shown_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError, match="needs a name"):
        saved(tmp_path, name=name)
    assert Workspace(tmp_path).periods() == ()


def test_a_time_of_saving_without_a_zone_is_refused(tmp_path: Path) -> None:
    naive = datetime(2026, 1, 5)  # noqa: DTZ001 - what is refused
    with pytest.raises(OptionError, match="time zone"):
        Workspace(tmp_path).save(run_of(), name="x", saved_at=naive)


def test_a_period_is_renamed(tmp_path: Path) -> None:
    run_id = saved(tmp_path)
    Workspace(tmp_path).rename(run_id, "  Week one ")
    assert Workspace(tmp_path).open(run_id).summary.name == "Week one"


def test_a_deleted_period_is_gone_with_its_files_and_the_others_stay(tmp_path: Path) -> None:
    gone, kept = saved(tmp_path), saved(tmp_path, name="kept")
    opened = Workspace(tmp_path).open(gone)
    Workspace(tmp_path).delete(gone)
    assert [summary.id for summary in Workspace(tmp_path).periods()] == [kept]
    assert {name.split(".")[0] for name in names_in(tmp_path)} == {kept}
    with pytest.raises(WorkspaceError, match=r"'Week 1': the saved period was deleted"):
        opened.rows([0])
    with pytest.raises(WorkspaceError, match="no such saved period"):
        Workspace(tmp_path).open(gone)
    assert_equal_runs(Workspace(tmp_path).open(kept).run(), run_of())


@pytest.mark.parametrize("run_id", ["0" * 16, "../../x", "", "' OR 1=1"])
def test_identifiers_that_nothing_has_are_refused_everywhere(tmp_path: Path, run_id: str) -> None:
    for workspace in (tmp_path / "empty", tmp_path / "used"):
        if workspace.name == "used":
            saved(workspace)
        store = Workspace(workspace)
        for call in (store.open, store.delete, partial(store.rename, name="x")):
            with pytest.raises(WorkspaceError, match="no such saved period"):
                call(run_id)


def test_an_erased_customer_is_in_no_file_and_the_counts_stay(tmp_path: Path) -> None:
    first, second = saved(tmp_path), saved(tmp_path, run_of("twelve-leaf"), "twelve")
    opened, before = Workspace(tmp_path).open(first), Workspace(tmp_path).open(first).what_if.draft().sizes
    assert opened.customer("u003")["email"].tolist() == ["U003@example.com"]
    assert Workspace(tmp_path).erase("u003") == 2
    assert Workspace(tmp_path).erase("u003") == 0
    assert opened.customer("u003").empty
    for run_id in (first, second):
        again = Workspace(tmp_path).open(run_id)
        assert (again.summary.erased, again.summary.rows, again.summary.universe) == (1, 119, 120)
        assert ids(again, "u003") == []
        assert (sum(again.partition.sizes), int(again.cube.size.sum())) == (120, 120)
    again = Workspace(tmp_path).open(first)
    pd.testing.assert_frame_equal(again.scores.table, run_of().scores.table)
    assert again.what_if.draft().sizes == before
    assert len(names_in(tmp_path)) == 10
    kept = pd.concat([Workspace(tmp_path).open(i).quarantine() for i in (first, second)])
    texts = kept["value"]
    assert not texts.str.contains("u003", case=False).any()
    assert not kept["original"].str.contains("u003", case=False).any()
    assert kept["original"].tolist().count("") == 4
    assert "perhaps" not in texts.tolist() or len(texts) == 6


def test_a_run_with_an_erased_customer_adds_up_and_can_be_written_and_saved_again(tmp_path: Path) -> None:
    run_id = saved(tmp_path)
    Workspace(tmp_path).erase("u007")
    run = Workspace(tmp_path).open(run_id).run()
    whole = run_of().accounting
    assert run.accounting == replace(whole, universe=119, erased=1)
    assert len(run.segmentation.customers) == 119
    write_outputs(run, tmp_path / "out")
    copy = Workspace(tmp_path).open(Workspace(tmp_path).save(run, name="copy", saved_at=SAVED_AT))
    assert (copy.summary.erased, copy.record.accounting) == (1, whole)
    assert_equal_runs(copy.run(), run)


def test_a_customer_whom_nobody_knows_touches_nothing(tmp_path: Path) -> None:
    saved(tmp_path)
    names = names_in(tmp_path)
    assert Workspace(tmp_path).erase("nobody") == 0
    assert Workspace(tmp_path / "empty").erase("u001") == 0
    assert names_in(tmp_path) == names
    with pytest.raises(OptionError, match="empty"):
        Workspace(tmp_path).erase("")


def test_the_catalog_holds_no_personal_data(tmp_path: Path) -> None:
    run_id = saved(tmp_path)
    record = next(name for name in names_in(tmp_path) if name.startswith(f"{run_id}.record."))
    for path in (tmp_path / "catalog.sqlite", tmp_path / "periods" / record):
        content = path.read_bytes()
        assert b"example.com" not in content
        assert b"u011" not in content


def test_a_workspace_is_for_its_owner_only(tmp_path: Path) -> None:
    saved(tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("kind", ["record", "customers", "quarantine", "cube", "what_if"])
@pytest.mark.parametrize("harm", ["flip", "cut", "remove"])
def test_a_damaged_file_is_named_by_its_period_and_leaves_the_others_alone(
    tmp_path: Path, kind: str, harm: str
) -> None:
    broken, kept = saved(tmp_path, name="Broken week"), saved(tmp_path, name="kept")
    path = next((tmp_path / "periods").glob(f"{broken}.{kind}.*"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if harm == "flip":
        path.write_bytes(content)
    elif harm == "cut":
        path.write_bytes(content[:-7])
    else:
        path.unlink()
    with pytest.raises(WorkspaceError, match=r"'Broken week'.*(damaged|missing)"):
        _ = (Workspace(tmp_path).open(broken).run(), Workspace(tmp_path).open(broken).what_if)
    assert len(Workspace(tmp_path).periods()) == 2
    assert_equal_runs(Workspace(tmp_path).open(kept).run(), run_of())
    Workspace(tmp_path).delete(broken)
    assert [summary.id for summary in Workspace(tmp_path).periods()] == [kept]


def test_a_page_of_a_file_that_is_no_table_says_so_and_quotes_nothing(tmp_path: Path) -> None:
    run_id = saved(tmp_path)
    path = next((tmp_path / "periods").glob(f"{run_id}.customers.*"))
    path.write_bytes(b"anna@example.com" * (path.stat().st_size // 16 + 1))
    path.write_bytes(path.read_bytes()[: path.stat().st_size])
    with pytest.raises(WorkspaceError, match="damaged") as caught:
        Workspace(tmp_path).open(run_id).rows([0])
    assert "anna" not in str(caught.value)


def test_a_catalog_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    run_id = saved(tmp_path)
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 7")
    workspace = Workspace(tmp_path)
    for call in (workspace.periods, lambda: saved(tmp_path), lambda: workspace.open(run_id)):
        with pytest.raises(WorkspaceError, match=r"version 7.*up to 5.*Update the program"):
            call()


def test_a_catalog_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"not a database, but long enough to look like one" * 40)
    with pytest.raises(WorkspaceError, match="the catalog cannot be used"):
        Workspace(tmp_path).periods()


def test_a_catalog_that_was_only_begun_is_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").touch()
    assert Workspace(tmp_path).periods() == ()
    saved(tmp_path)
    assert len(Workspace(tmp_path).periods()) == 1


def test_a_workspace_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    workspace = Workspace(tmp_path / "file")
    for call in (workspace.periods, workspace.preferences, workspace.lifts, lambda: saved(tmp_path / "file")):
        with pytest.raises(WorkspaceError, match=r"the workspace cannot be read or written .*a file, not a folder"):
            call()


def test_a_workspace_that_may_not_be_looked_into_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path)

    def refused(*_: object, **__: object) -> object:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "exists", refused)
    workspace = Workspace(tmp_path)
    for call in (workspace.periods, workspace.preferences, lambda: workspace.open("0123456789abcdef")):
        with pytest.raises(WorkspaceError, match=r"the workspace .*permission denied.*Let this account") as raised:
            call()
        assert raised.value.remedies == (Remedy(Setting.WORKSPACE),)


def test_files_that_no_period_has_and_no_process_holds_are_collected_at_the_next_start(tmp_path: Path) -> None:
    saved(tmp_path)
    periods, workspace = tmp_path / "periods", Workspace(tmp_path)
    dead = [periods / "0.customers.0.parquet", *(folder / f"{PART}{16 * '0'}" for folder in (tmp_path, periods))]
    for path in dead:
        path.touch()
    with held_part(periods) as (living, _), stored(periods, lambda _: "1.record.0.json", lambda _: None) as committing:
        workspace.tidy()
        assert not any(path.exists() for path in dead)
        assert living.exists()
        assert (periods / committing.name).exists()
    assert not living.exists()
    workspace.tidy()
    assert not (periods / committing.name).exists()
    assert len(workspace.open(workspace.periods()[0].id).run().segmentation.customers) == 120


def test_the_workspace_is_moved_by_the_environment() -> None:
    assert Workspace.of({}).folder == Path(".workspace")
    assert Workspace.of({"RETENTION_WORKSPACE": ""}).folder == Path(".workspace")
    assert Workspace.of({"RETENTION_WORKSPACE": "/srv/x"}).folder == Path("/srv/x")
