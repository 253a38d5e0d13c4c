"""Which customer each row of several files is of: by id, else by e-mail address, else by phone number.

Rows that have several of these tell which belong together. That is looked up once, in all files, before any row is
given a customer, and it is followed for one step only. What stands beside several customers links to none of them.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from retention.customers.keys import doubtful_ids, rounded_ids
from retention.customers.normalise import TEXT, emails, folded, mailboxes, text_column
from retention.customers.phone import PLAIN, phones_of
from retention.errors import ensure
from retention.wording import counted

Codes = NDArray[np.int32]
TextColumns = Sequence[pa.Array]
_MARK = r"^'(?:[0-9=@+-])"


def customers_of(
    people: Sequence[pd.DataFrame], entries: Sequence[pd.DataFrame], region: str, *, sure: bool = False
) -> tuple[pa.Array, list[Codes], tuple[str, ...]]:
    """Return the distinct customers, which of them each row of each frame is of, and what a person should know.

    Args:
        people: What each file says of persons, with all identifiers that it has.
        entries: What each file says that they did.
        region: ISO 3166 code of the shop's country, by which national phone numbers are read; empty for none.
        sure: Whether all ids are `sure_ids`, and these rows may be some of them.
    """
    frames, warnings = (*people, *entries), list[str]()
    keys: TextColumns = [text_column(frame, "customer") for frame in frames]
    rounded = pa.concat_arrays([doubtful_ids(each, False if sure else None) for each in keys])
    if len(rounded) or any(each.null_count for each in keys):
        keys, warnings = _linked(keys, frames, len(people), region, rounded)
    coded = pa.concat_arrays(keys).dictionary_encode()
    marked = coded.dictionary.filter(pc.match_substring_regex(coded.dictionary, _MARK))
    if len(marked):
        keys, notes = _without_marks(keys, coded.dictionary, marked)
        coded, warnings = pa.concat_arrays(keys).dictionary_encode(), [*warnings, *notes]
    ensure(not coded.indices.null_count, "every accepted row names a customer")
    codes = [each.to_numpy().astype(np.int32) for each in _parted(coded.indices, frames)]
    return coded.dictionary, codes, tuple(warnings)


def sure_ids(ids: pa.Array) -> bool:
    """Return whether each id says whose it is, whatever the others are, but for long numbers (`cut_counts`)."""
    marked = pc.any(pc.match_substring_regex(ids, _MARK), min_count=0).as_py()
    return not (ids.null_count or marked or len(rounded_ids(ids, cut=False)))


def _parted(rows: pa.Array, frames: Sequence[pd.DataFrame]) -> TextColumns:
    """Return what all frames have one after the other, frame by frame."""
    return [rows[start:end] for start, end in pairwise(np.cumsum([0, *map(len, frames)]).tolist())]


def _linked(
    ids: TextColumns, frames: Sequence[pd.DataFrame], telling: int, region: str, rounded: pa.Array
) -> tuple[TextColumns, list[str]]:
    """Return the key of each row, and what a person should know; so many of the first frames tell what is linked."""
    boxes, named = _mailboxes(frames)
    # Such an id may be that of several people, and stands beside several addresses then.
    several = _links(ids[:telling], boxes[:telling])[1]
    shared = several.filter(pc.is_in(several, rounded))
    ids = [
        pc.if_else(pc.and_(pc.is_in(own, shared), box.is_valid()), None, own)
        for own, box in zip(ids, boxes, strict=True)
    ]
    by_box, torn = _links(boxes[:telling], ids[:telling])
    warnings = _told(torn, [box.filter(own.is_null()) for own, box in zip(ids, boxes, strict=True)], "e-mail address")
    owners = [pc.coalesce(own, _at(by_box, box)) for own, box in zip(ids, boxes, strict=True)]
    keys = [pc.coalesce(owner, name) for owner, name in zip(owners, named, strict=True)]
    if not any(each.null_count for each in keys):
        return keys, warnings
    phones = [_phones(*each, region, place < telling) for place, each in enumerate(zip(frames, keys, strict=True))]
    # A row whose owner another file tells is one step away itself: who has its number would be two away.
    plain = [pc.or_(own.is_valid(), owner.is_null()) for own, owner in zip(ids, owners, strict=True)]
    by_phone, torn = _links(phones[:telling], keys[:telling], plain[:telling])
    alone = [phone.filter(key.is_null()) for key, phone in zip(keys, phones, strict=True)]
    warnings += _told(torn, alone, "phone number")
    # What is no address, such as a hash of one, is better than nothing.
    words = [folded(text_column(frame, "email")) for frame in frames]
    rows = zip(keys, phones, words, strict=True)
    return [pc.coalesce(key, _at(by_phone, phone), phone, word) for key, phone, word in rows], warnings


def _links(weak: TextColumns, strong: TextColumns, plain: TextColumns | None = None) -> tuple[pa.Table, pa.Array]:
    """Return `weak, strong` of what stands beside one key only, and what stands beside several.

    Args:
        weak: Identifiers.
        strong: The keys beside them.
        plain: Which rows tell of their key themselves; a link that no such row tells does not count.
    """
    flags = plain or [pa.array(np.ones(len(each), dtype=np.bool_)) for each in weak]
    empty = pa.table({"weak": pa.array([], TEXT), "strong": pa.array([], TEXT), "plain": pa.array([], pa.bool_())})
    rows = [pa.table([*each], ["weak", "strong", "plain"]) for each in zip(weak, strong, flags, strict=True)]
    pairs = pa.concat_tables([empty, *rows]).drop_null().group_by(["weak", "strong"]).aggregate([("plain", "max")])
    each = pairs.group_by("weak").aggregate([("strong", "count"), ("strong", "min"), ("plain_max", "max")])
    single = pc.equal(each.column("strong_count"), 1)
    sure = each.filter(pc.and_(single, each.column("plain_max_max")))
    table = sure.select(["weak", "strong_min"]).rename_columns(["weak", "strong"])
    return table, each.filter(pc.invert(single)).column("weak").combine_chunks()


def _at(links: pa.Table, weak: pa.Array) -> pa.Array:
    place = pc.index_in(weak, links.column("weak").combine_chunks())
    return links.column("strong").combine_chunks().take(place)


def _mailboxes(frames: Sequence[pd.DataFrame]) -> tuple[TextColumns, TextColumns]:
    """Return the mailbox of each row, and how it is written: of several spellings the first as text."""
    texts = pa.concat_arrays([text_column(frame, "email") for frame in frames]).dictionary_encode()
    address = emails(texts.dictionary)
    box = mailboxes(address)
    if not box.equals(address):
        spelled = pa.table([box, address], ["weak", "address"]).group_by("weak").aggregate([("address", "min")])
        address = _at(spelled.rename_columns(["weak", "strong"]), box)
    places = _parted(texts.indices, frames)
    return [box.take(each) for each in places], [address.take(each) for each in places]


def _phones(frame: pd.DataFrame, key: pa.Array, region: str, tells: bool) -> pa.Array:
    """Return the numbers that rows are known by, and of a frame that tells what is linked all that can be read."""
    written = text_column(frame, "phone")
    # These were brought into the form when the file was read.
    alone = pc.and_(key.is_null(), pc.fill_null(pc.match_substring_regex(written, f"^{PLAIN.pattern}$"), False))
    return pc.if_else(alone, written, phones_of(frame, region) if tells else pa.nulls(len(frame), TEXT))


def _told(torn: pa.Array, alone: TextColumns, what: str) -> list[str]:
    """Return a notice of identifiers that rows have alone and that stand beside several customers."""
    count = len(pc.unique(pa.concat_arrays([each.filter(pc.is_in(each, torn)) for each in alone])))
    apart = "to several customers; rows that have nothing else count as customers of their own"
    return [f"{counted(count, what, 'belongs', 'belong')} {apart}"] if count else []


def _without_marks(keys: TextColumns, names: pa.Array, marked: pa.Array) -> tuple[TextColumns, list[str]]:
    """Return keys without the mark of text in spreadsheets, where another file has the same id without it."""
    bare = pc.utf8_slice_codeunits(marked, 1)
    both = [pc.and_(pc.is_in(marked, key), pc.is_in(bare, key)) for key in map(pc.unique, keys)]
    # A file that has both has two customers.
    twice = pa.array(np.logical_or.reduce([each.to_numpy(zero_copy_only=False) for each in both]))
    safe = pc.and_not(pc.is_in(bare, names), twice)
    links = pa.table({"weak": marked.filter(safe), "strong": bare.filter(safe)})
    left = len(marked) - links.num_rows
    return [pc.coalesce(_at(links, key), key) for key in keys], [marked_words("customer", left)] if left else []


def marked_words(column: str, count: int) -> str:
    """Return what a person should know of ids with the mark that keeps spreadsheets from taking text for a number."""
    kept = "it is kept, and matches other data only if that has it, too"
    return f"{counted(count, 'cell')} of {column} with an apostrophe at the start; {kept}"
