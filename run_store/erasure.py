"""Erasing one customer from every saved period: the row goes, counts and statistics stay.

Files are never changed, so a period gets new versions of them without the customer; the catalog switches
to these in one step, and the old ones are removed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from outputs.durable import Fill, HashingWriter
from retention.customers.contracts import COLUMNS
from retention.errors import WorkspaceError
from run_store.catalog import Catalog
from run_store.period_files import CUSTOMERS, QUARANTINE, store_files
from run_store.saved_period import open_period
from run_store.tables import read_batches, schema_of, write_batches, write_frame

TRIES = 5
"""Versions of a period that may overtake an erasure before it gives up."""
CONTACTS = ("email", "phone")
TELLING = 5
"""Characters from which an identifier is looked for inside longer texts, too."""


def holds(catalog: Catalog, run_id: str, user_id: str) -> bool:
    """Return whether a period holds a customer; one that was deleted meanwhile holds nobody.

    Raises:
        WorkspaceError: The period is damaged.
    """
    try:
        saved = open_period(catalog, run_id)
        rows = saved.customer(user_id)
        return len(rows) > 0 or _without(saved.quarantine(), [user_id]) is not None
    except WorkspaceError:
        if catalog.find(run_id) is None:
            return False
        raise


def erase(catalog: Catalog, run_id: str, user_id: str) -> bool:
    """Remove a customer from one period; return whether they were in it.

    Raises:
        WorkspaceError: The period is damaged or busy.
    """
    for _ in range(TRIES):
        try:
            saved = open_period(catalog, run_id)
            # Names before rows: if another erasure comes in between, these names are not the period's any more and the
            # exchange is refused. The other way round its result would be overwritten by rows from before it.
            old = {kind: saved.files.stored(kind).name for kind in (CUSTOMERS, QUARANTINE)}
            rows, rejected = saved.customer(user_id), saved.quarantine()
        except WorkspaceError:
            if catalog.find(run_id) is None:
                return False
            raise
        cleaned = _without(rejected, [user_id, *_contacts(rows)])
        fills: dict[str, Fill] = {}
        if len(rows):
            fills[CUSTOMERS] = partial(_write_others, catalog.periods / old[CUSTOMERS], user_id, saved.summary.name)
        if cleaned is not None:
            fills[QUARANTINE] = partial(write_frame, cleaned)
        if not fills or _exchange(catalog, run_id, [old[kind] for kind in fills], fills, len(rows)):
            return bool(fills)
    raise WorkspaceError("the period kept changing", where=run_id, hint="Try again")


def _exchange(catalog: Catalog, run_id: str, old: Sequence[str], fills: Mapping[str, Fill], erased: int) -> bool:
    """Put new versions in the place of old files; return whether the old ones were still in use."""
    try:
        new = store_files(catalog.periods, run_id, fills)
    except FileNotFoundError:
        # Another erasure, or a deletion, removed the file that was being copied.
        return False
    if catalog.exchange(run_id, old, new, erased):
        return True
    for file in new.values():
        with suppress(OSError):
            (catalog.periods / file.name).unlink(missing_ok=True)
    return False


def _contacts(rows: pd.DataFrame) -> Iterator[str]:
    """Yield what tells a customer from all others, beside the identifier."""
    for name in CONTACTS:
        if name in rows.columns:
            yield from (str(value) for value in rows[name].dropna())


def _without(rejected: pd.DataFrame, texts: Sequence[str]) -> pd.DataFrame | None:
    """Return the rejected rows with the texts blanked where they are quoted, or None if none is."""
    quoted = rejected["value"].isin(list(texts))
    # A period of an older program does not have the whole rows.
    whole = rejected.get("original", pd.Series("", index=rejected.index, dtype="str"))
    theirs = pd.Series(data=False, index=rejected.index)
    for text in texts:
        inside = json.dumps(text, ensure_ascii=False)
        # A short identifier is only looked for as a whole cell: inside others it would be found everywhere.
        inside = inside[1:-1] if len(text) >= TELLING else f": {inside}"
        theirs |= whole.str.contains(inside, case=False, regex=False)
        if len(text) >= TELLING:
            quoted |= rejected["value"].str.contains(text, case=False, regex=False, na=False)
    # A number or a date that reads like an identifier is not one.
    quoted = (quoted | theirs) & ~rejected["column"].isin([c.name for c in COLUMNS.values() if not c.personal])
    if not (quoted | theirs).any():
        return None
    blanked = rejected.assign(value=rejected["value"].mask(quoted, ""))
    return blanked.assign(original=whole.mask(theirs, "")) if "original" in rejected else blanked


def _write_others(path: Path, user_id: str, where: str, stream: HashingWriter) -> None:
    """Write a file of customers anew without one of them."""
    schema = schema_of(path, where=where)
    batches = (
        pa.Table.from_batches([batch.filter(pc.not_equal(batch["user_id"], user_id))])
        for batch in read_batches(path, where=where)
    )
    write_batches(batches, schema, stream)
