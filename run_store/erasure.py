"""Erasing one customer from every saved period: the row goes, counts and statistics stay.

Files are never changed, so a period gets new versions of them without the customer; the catalog switches
to these in one step, and the old ones are removed.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from outputs.durable import HashingWriter, disk_errors, sync_folder
from retention.customers.contracts import COLUMNS
from retention.errors import OptionError, WorkspaceError
from run_store.catalog import FILE, Catalog
from run_store.period_files import CUSTOMERS, QUARANTINE
from run_store.tables import read_batches, schema_of, write_batches, write_frame
from run_store.workspace import PERIODS, Fill, collect, open_run, store_files

TRIES = 5
"""Versions of a period that may overtake an erasure before it gives up."""
CONTACTS = ("email", "phone")
TELLING = 5
"""Characters from which an identifier is looked for inside longer texts, too."""


def erase_customer(workspace: Path, user_id: str) -> int:
    """Remove a customer from all saved periods and return from how many.

    Their row goes, and so do their identifiers where a rejected row quotes them. Sizes, scores and cubes
    stay; the period counts one more erased customer. Exported files are out of reach.

    Args:
        workspace: The folder.
        user_id: The identifier, as it stands in the input.

    Raises:
        OptionError: The identifier is empty.
        WorkspaceError: A period is damaged or busy, or an old file cannot be removed yet.
    """
    if not user_id:
        raise OptionError("the identifier of a customer is empty")
    touched = 0
    with disk_errors(str(workspace)):
        for summary in Catalog(workspace / FILE).summaries():
            touched += _erase(workspace, summary.id, user_id)
        if (workspace / FILE).exists():
            # Also where nothing was found: an erasure that was cut short may have left an old file.
            sync_folder(workspace)
            collect(workspace)
    return touched


def count_periods_with(workspace: Path, user_id: str) -> int:
    """Return how many runs, listed or not, hold a customer: what `erase_customer` would change.

    Raises:
        WorkspaceError: A period is damaged.
    """
    with disk_errors(str(workspace)):
        runs = [summary.id for summary in Catalog(workspace / FILE).summaries()] if user_id else []
        return sum(_holds(workspace, run_id, user_id) for run_id in runs)


def _holds(workspace: Path, run_id: str, user_id: str) -> bool:
    try:
        saved = open_run(workspace, run_id)
        rows = saved.customer(user_id)
        return len(rows) > 0 or _without(saved.quarantine(), [user_id]) is not None
    except WorkspaceError:
        if Catalog(workspace / FILE).find(run_id) is None:
            return False
        raise


def _erase(workspace: Path, run_id: str, user_id: str) -> bool:
    """Remove a customer from one period; return whether they were in it."""
    for _ in range(TRIES):
        try:
            saved = open_run(workspace, run_id)
            old = {kind: saved.files.stored(kind).name for kind in (CUSTOMERS, QUARANTINE)}
            rows, rejected = saved.customer(user_id), saved.quarantine()
        except WorkspaceError:
            if Catalog(workspace / FILE).find(run_id) is None:
                return False
            raise
        cleaned = _without(rejected, [user_id, *_contacts(rows)])
        fills: dict[str, Fill] = {}
        if len(rows):
            fills[CUSTOMERS] = partial(_write_others, workspace / PERIODS / old[CUSTOMERS], user_id, saved.name)
        if cleaned is not None:
            fills[QUARANTINE] = partial(write_frame, cleaned)
        if not fills or _exchange(workspace, run_id, {kind: old[kind] for kind in fills}, fills, len(rows)):
            return bool(fills)
    raise WorkspaceError("the period kept changing", where=run_id, hint="Try again")


def _exchange(workspace: Path, run_id: str, old: dict[str, str], fills: dict[str, Fill], erased: int) -> bool:
    """Put new versions in the place of old files; return whether the old ones were still in use."""
    folder = workspace / PERIODS
    try:
        new = store_files(folder, run_id, fills)
    except FileNotFoundError:
        return False
    if Catalog(workspace / FILE).exchange(run_id, tuple(old.values()), new, erased):
        return True
    for file in new.values():
        with suppress(OSError):
            (folder / file.name).unlink(missing_ok=True)
    return False


def _contacts(rows: pd.DataFrame) -> Iterator[str]:
    """Yield what tells a customer from all others, beside the identifier."""
    for name in CONTACTS:
        if name in rows.columns:
            yield from (str(value) for value in rows[name].dropna())


def _without(rejected: pd.DataFrame, texts: Sequence[str]) -> pd.DataFrame | None:
    """Return the rejected rows with the texts blanked where they are quoted, or None if none is."""
    quoted = rejected["value"].isin(list(texts))
    for text in texts:
        if len(text) >= TELLING:
            quoted |= rejected["value"].str.contains(text, case=False, regex=False, na=False)
    # A number or a date that reads like an identifier is not one.
    quoted &= ~rejected["column"].isin([c.name for c in COLUMNS.values() if not c.personal])
    return rejected.assign(value=rejected["value"].mask(quoted, "")) if quoted.any() else None


def _write_others(path: Path, user_id: str, where: str, stream: HashingWriter) -> None:
    """Write a file of customers anew without one of them."""
    schema = schema_of(path, where=where)
    batches = (
        pa.Table.from_batches([batch.filter(pc.not_equal(batch["user_id"], user_id))])
        for batch in read_batches(path, where=where)
    )
    write_batches(batches, schema, stream)
