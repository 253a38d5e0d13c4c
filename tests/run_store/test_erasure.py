"""Who is erased is gone: no byte of the workspace tells of them any more."""

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyarrow import parquet

from analysis import Run
from outputs.durable import PART, held_part
from retention.errors import WorkspaceError
from run_store import Workspace
from run_store.catalog import Catalog
from tests.run_store.period_cases import run_of, saved

GONE = "u003"
TRACES = (b"u003", b"15550000003", b"555-0000003", b"0000 003")


def everything(workspace: Path) -> bytes:
    """Return every byte of a workspace in small letters, and every cell and statistic of its tables unpacked."""
    parts = list[bytes]()
    for path in sorted(path for path in workspace.rglob("*") if path.is_file()):
        parts += [path.name.encode(), path.read_bytes()]
        if path.read_bytes()[:4] == b"PAR1":
            table = parquet.read_table(path)
            parts += [str(table.to_pylist()).encode(), str(parquet.read_metadata(path).to_dict()).encode()]
    return b"\n".join(parts).lower()


def shifted(*cells: tuple[str, str]) -> pd.DataFrame:
    """Return rejected rows that quote cells under the names of other columns, as rows whose columns were shifted do."""
    rows = [("week.csv", 9 + place, column, value, "not_a_number", 1) for place, (column, value) in enumerate(cells)]
    kept = run_of().quarantine
    return pd.DataFrame(rows, columns=kept.columns[:6]).reindex(columns=kept.columns, fill_value="").astype(kept.dtypes)


def with_rejected(run: Run, *cells: tuple[str, str]) -> Run:
    rejected = shifted(*cells)
    count = len(rejected)
    account = run.accounting
    whole = replace(account, quarantined=count, read=account.accepted + count, reasons={"not_a_number": count})
    return replace(run, quarantine=rejected, accounting=whole)


CELLS = (
    ("avg_order_value", "U003@example.com"),
    ("engagement_score", "+15550000003"),
    ("region", "tel. (1) 555-0000003"),
    ("cart_abandoned_date", "u003"),
    ("avg_order_value", "call 1 55 50 000 003 after five"),
    ("avg_order_value", "minus 4"),
)


def test_no_byte_of_the_workspace_tells_of_who_was_erased(tmp_path: Path) -> None:
    first = saved(tmp_path, with_rejected(run_of(), *CELLS))
    saved(tmp_path, run_of("twelve-leaf"), "twelve")
    customers = next((tmp_path / "periods").glob(f"{first}.customers.*"))
    for left in (tmp_path / "periods" / "0.customers.0.parquet", tmp_path / f"{PART}{16 * '0'}"):
        shutil.copy(customers, left)
    assert all(trace in everything(tmp_path) for trace in TRACES[:2])
    workspace = Workspace(tmp_path)
    assert workspace.count_with(GONE) == 2
    assert workspace.erase(GONE) == 2
    held = everything(tmp_path)
    assert not [trace for trace in TRACES if trace in held]
    assert workspace.open(first).quarantine()["value"].tolist() == ["", "", "", "", "", "minus 4"]
    assert workspace.open(first).run().accounting.erased == 1
    assert (workspace.count_with(GONE), workspace.erase(GONE)) == (0, 0)


def test_what_another_period_knows_of_a_customer_is_looked_for_in_all(tmp_path: Path) -> None:
    saved(tmp_path, run_of(customers=40), "who they are")
    without = with_rejected(run_of(customers=3), ("avg_order_value", "U003@example.com"))
    run_id = saved(tmp_path, without, "their address alone")
    assert Workspace(tmp_path).erase(GONE) == 2
    assert Workspace(tmp_path).open(run_id).quarantine()["value"].tolist() == [""]


def test_an_erasure_that_was_cut_short_is_completed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path, with_rejected(run_of(customers=3), ("avg_order_value", "U003@example.com")), "their address alone")
    saved(tmp_path, run_of(customers=40), "who they are")
    real, done = Catalog.exchange, list[str]()

    def cut_short(catalog: Catalog, run_id: str, *rest: Any) -> bool:
        if done:
            raise WorkspaceError("the disk went away")
        done.append(run_id)
        return real(catalog, run_id, *rest)

    for _ in range(5):
        done.clear()
        with monkeypatch.context() as patch:
            patch.setattr(Catalog, "exchange", cut_short)
            with suppress(WorkspaceError):
                Workspace(tmp_path).erase(GONE)
    assert Workspace(tmp_path).erase(GONE) == 0
    assert b"u003" not in everything(tmp_path)


@pytest.mark.parametrize("short", ["7", "x7"])
def test_a_short_identifier_blanks_whole_cells_only(short: str, tmp_path: Path) -> None:
    cells = (("avg_order_value", short), ("avg_order_value", f"{short}7"), ("email", f"{short}@x.org"))
    run_id = saved(tmp_path, with_rejected(run_of(), *cells))
    assert Workspace(tmp_path).erase(short) == 1
    assert Workspace(tmp_path).open(run_id).quarantine()["value"].tolist() == ["", f"{short}7", f"{short}@x.org"]


def test_what_a_living_process_writes_is_left_to_it(tmp_path: Path) -> None:
    saved(tmp_path)
    with held_part(tmp_path / "periods") as (part, _):
        assert Workspace(tmp_path).erase(GONE) == 1
        assert part.exists()
