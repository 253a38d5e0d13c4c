"""Erasing one customer from every saved period: the row goes, counts and statistics stay.

Files are never changed, so a period gets new versions of them without the customer; the catalog switches
to these in one step, and the old ones are removed.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from outputs.durable import Fill, HashingWriter, sync_folder
from retention.errors import WorkspaceError
from run_store.catalog import Catalog
from run_store.period_files import CUSTOMERS, QUARANTINE, collect, kind_of, stored_files
from run_store.saved_period import open_period
from run_store.tables import own_batches, schema_of, write_batches, write_frame
from run_store.trail import Deed

TRIES = 5
"""Versions of a period that may overtake an erasure before it gives up."""
CONTACTS = ("email", "phone")
QUOTING = ("value", "suggestion", "original")
"""Columns of the rejected rows that quote their cells."""
NUMBER = 9
"""Digits at the end of a telephone number that tell it from others, however country and blanks are written."""
TELLING = 5
"""Characters from which an identifier is looked for inside longer texts, too."""


def erase(catalog: Catalog, user_id: str, who: str) -> int:
    """Remove a customer from all periods, and what was left over with them; return from how many.

    Periods that are saved meanwhile are gone through, too; the entry in the audit trail stops those that come later.

    Raises:
        WorkspaceError: A period is damaged or busy.
        OSError: An old file cannot be removed yet.
    """
    texts, touched, saved = dict.fromkeys([user_id]), set[str](), list[str]()
    for _ in range(TRIES):
        texts |= dict.fromkeys(_known(catalog, user_id))
        saved = [summary.id for summary in catalog.summaries()]
        # The rows last: an erasure that is cut short is repeated, and only they tell what else is theirs.
        steps = [(kind, run_id) for kind in (QUARANTINE, CUSTOMERS) for run_id in saved]
        touched |= {run_id for kind, run_id in steps if _erase(catalog, run_id, kind, tuple(texts))}
        if catalog.note(Deed(who, "erased", len(touched), "saved runs"), saved):
            # Also where nothing was found: an erasure that was cut short may have left an old file.
            sync_folder(catalog.folder)
            collect(catalog)
            return len(touched)
    raise _busy(str(catalog.folder))


def empty(catalog: Catalog, run_id: str) -> int:
    """Remove all customers from a period, and what its rejected rows quote; return how many of both.

    Raises:
        WorkspaceError: The period is damaged or was changed meanwhile.
        OSError: An old file cannot be removed yet.
    """
    saved, fills = open_period(catalog, run_id), dict[str, Fill]()
    names = {kind: saved.files.stored(kind).name for kind in (*saved.files.parts(), QUARANTINE)}
    rejected, rows = saved.quarantine(), saved.summary.rows
    blank = rejected.assign(**{name: "" for name in QUOTING if name in rejected.columns})
    if rows:
        schema = schema_of(catalog.periods / names[CUSTOMERS], where=saved.summary.name)
        fills[CUSTOMERS] = partial(write_batches, iter(()), schema)
    if not blank.equals(rejected.fillna("")):
        fills[QUARANTINE] = partial(write_frame, blank)
    old = [names[kind] for kind in names if kind in fills or (rows and kind != QUARANTINE)]
    if fills and not _exchange(catalog, run_id, old, fills, rows):
        raise _busy(saved.summary.name)
    sync_folder(catalog.folder)
    collect(catalog)
    return rows + (len(rejected) if QUARANTINE in fills else 0)


def count_with(catalog: Catalog, user_id: str) -> int:
    """Return how many periods `erase` would change.

    Raises:
        WorkspaceError: A period is damaged.
    """
    texts, holding = _known(catalog, user_id), 0
    for summary in catalog.summaries():
        with _unless_deleted(catalog, summary.id):
            saved = open_period(catalog, summary.id)
            holding += len(saved.customer(user_id)) > 0 or _without(saved.quarantine(), texts) is not None
    return holding


def _known(catalog: Catalog, user_id: str) -> tuple[str, ...]:
    """Return what tells a customer from all others: the identifier, and the addresses and numbers of all periods."""
    texts = {user_id: None}
    for summary in catalog.summaries():
        with _unless_deleted(catalog, summary.id):
            texts |= dict.fromkeys(_contacts(open_period(catalog, summary.id).customer(user_id)))
    return tuple(texts)


@contextmanager
def _unless_deleted(catalog: Catalog, run_id: str) -> Iterator[None]:
    """Go on after a period that was deleted meanwhile: it holds nobody."""
    try:
        yield
    except WorkspaceError:
        if catalog.find(run_id) is not None:
            raise


def _erase(catalog: Catalog, run_id: str, kind: str, texts: Sequence[str]) -> bool:
    """Remove a customer from one file of a period; return whether they were in it."""
    user_id = texts[0]
    for _ in range(TRIES):
        old, fill = None, None
        with _unless_deleted(catalog, run_id):
            saved = open_period(catalog, run_id)
            # The name before rows: if another erasure comes in between, this name is not the period's any more and the
            # exchange is refused. The other way round its result would be overwritten by rows from before it.
            if kind == CUSTOMERS:
                old = saved.file_of(user_id)
                fill = old and partial(_write_others, catalog.periods / old, user_id, saved.summary.name)
            else:
                old, cleaned = saved.files.stored(kind).name, _without(saved.quarantine(), texts)
                fill = None if cleaned is None else partial(write_frame, cleaned)
        if not old or not fill:
            return False
        if _exchange(catalog, run_id, [old], {kind_of(old): fill}, int(kind == CUSTOMERS)):
            return True
    raise _busy(run_id)


def _busy(where: str) -> WorkspaceError:
    return WorkspaceError("the saved periods kept changing", where=where, hint="Try again")


def _exchange(catalog: Catalog, run_id: str, old: Sequence[str], fills: Mapping[str, Fill], erased: int) -> bool:
    """Put new versions in the place of old files; return whether the old ones were still in use."""
    try:
        # New ones that are not taken are collected at the end.
        with stored_files(catalog.periods, run_id, fills.items()) as new:
            return catalog.exchange(run_id, old, new, erased)
    except FileNotFoundError:
        # Another erasure, or a deletion, removed the file that was being copied.
        return False


def _contacts(rows: pd.DataFrame) -> list[str]:
    return [str(value) for name in CONTACTS if name in rows.columns for value in rows[name].dropna()]


def _without(rejected: pd.DataFrame, texts: Sequence[str]) -> pd.DataFrame | None:
    """Return the rejected rows with all they quote blanked where it holds one of the texts, or None if nothing does."""
    quoting = [name for name in QUOTING if name in rejected.columns]
    # Whatever the column is called: in a row whose columns were shifted an address stands under any name.
    theirs = pd.concat([_holding(rejected[name].fillna(""), texts) for name in quoting], axis=1).any(axis=1)
    if not theirs.any():
        return None
    return rejected.assign(**{name: rejected[name].mask(theirs, "") for name in quoting})


def _holding(cells: pd.Series, texts: Sequence[str]) -> pd.Series:
    """Return which cells, or whole rows written as JSON, hold one of the texts or the digits of a telephone number."""
    holding, digits = cells.isin(list(texts)), cells.str.replace(r"\D", "", regex=True)
    for text in texts:
        written = json.dumps(text, ensure_ascii=False)
        # A short identifier is only looked for as a whole cell: inside others it would be found everywhere.
        for part in {text, written[1:-1]} if len(text) >= TELLING else {f": {written}"}:
            holding |= cells.str.contains(part, case=False, regex=False)
        number = re.sub(r"\D", "", text)
        if len(number) >= NUMBER and text != texts[0] and "@" not in text:
            holding |= digits.str.contains(number[-NUMBER:], regex=False)
    return holding


def _write_others(path: Path, user_id: str, where: str, stream: HashingWriter) -> None:
    """Write a file of customers anew without one of them."""
    schema = schema_of(path, where=where)
    batches = (
        pa.Table.from_batches([batch.filter(pc.not_equal(batch["user_id"], user_id))])
        for batch in own_batches(path, where=where)
    )
    write_batches(batches, schema, stream)
