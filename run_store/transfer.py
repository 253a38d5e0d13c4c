"""A saved period as one file, to keep elsewhere or to hand on, and back; what comes back is not trusted.

The file is a zip that stores and does not compress: the tables are compressed already, and so a small
file cannot unpack to a huge one. No name in it becomes a path. On the way in everything is read, checked
and written anew, so a workspace only ever holds files of our own making.
"""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Literal

from pydantic import AwareDatetime, Field

from analysis.headline import Overview
from outputs.durable import HashingWriter, Stored, disk_errors, hash_of, held_part, write_file
from retention.customers.contracts import COLUMNS
from retention.customers.derive import MARKER
from retention.errors import InputError, WorkspaceError
from retention.partition.record import Record
from run_store.catalog import RunSummary
from run_store.period_files import KINDS, RECORD, PeriodFiles, ending, part_kind
from run_store.period_record import MAX_BYTES, PeriodRecord
from run_store.saved_period import SavedRun
from run_store.small_files import parsed

MANIFEST = "manifest.json"
WHERE = "import"
MAX_MANIFEST = 1 << 20
STAMP = (1980, 1, 1, 0, 0, 0)
"""The time of every entry, so that equal periods give equal files."""
CHUNK = 1 << 20
DTYPES = {"id": "str", "text": "str", "number": "float64", "flag": "boolean", "time": "datetime64[us, "}
QUARANTINE_COLUMNS = ("file", "line", "column", "value", "reason", "faults", "suggestion", "original")


class EntryRecord(Record):
    """One file of an export."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class ManifestRecord(Record):
    """What an export holds."""

    format: Literal[1] = 1
    name: str
    saved_at: AwareDatetime
    files: dict[str, EntryRecord]


def export(saved: SavedRun, target: Path, mode: int | None = None) -> None:
    """Write a saved period as one file, which replaces what is there; equal periods give equal bytes.

    Raises:
        WorkspaceError: The period is damaged, or the file cannot be written.
    """
    with disk_errors(str(target)):
        write_file(target, partial(write_export, saved), mode=mode)


def exported(saved: SavedRun) -> bytes:
    """Return what `export` writes."""
    content = io.BytesIO()
    # A stream that cannot seek is packed in another way, so both go through the same one.
    write_export(saved, HashingWriter(content))
    return content.getvalue()


def is_export(path: Path) -> bool:
    """Return whether a file is an exported period, and as it was written."""
    try:
        with archive_of(path) as archive:
            files = _manifest(content_of(archive, _entries(archive)[MANIFEST])).files
            return all(hashlib.sha256(archive.read(_name(kind))).hexdigest() == e.sha256 for kind, e in files.items())
    except (InputError, OSError, KeyError):
        return False


def write_export(saved: SavedRun, stream: HashingWriter | IO[bytes]) -> None:
    """Write what `export` does into a stream."""
    with zipfile.ZipFile(stream, "w") as archive:
        entries = {kind: _pack(saved.files, kind, archive) for kind in _kinds(len(saved.files.parts()))}
        manifest = ManifestRecord(name=saved.summary.name, saved_at=saved.summary.saved_at, files=entries)
        archive.writestr(entry_of(MANIFEST), json.dumps(manifest.plain(), indent=1))


def _pack(files: PeriodFiles, kind: str, archive: zipfile.ZipFile) -> EntryRecord:
    def copy(path: Path) -> EntryRecord:
        size = path.stat().st_size
        # The size of a streamed entry is not known when it begins, and Python refuses one over 2 GiB without ZIP64.
        with path.open("rb") as source, archive.open(entry_of(_name(kind)), "w", force_zip64=True) as goal:
            shutil.copyfileobj(source, goal, CHUNK)
        return EntryRecord(sha256=hash_of(path), size=size)

    return files.read(kind, copy)


def _kinds(parts: int) -> list[str]:
    """Return the kinds of the files of a period whose customers are in so many files."""
    return [*KINDS, *map(part_kind, range(1, parts))]


def _name(kind: str) -> str:
    return f"{kind}.{ending(kind)}"


def entry_of(name: str) -> zipfile.ZipInfo:
    """Return an entry of a name, which says nothing of time or place."""
    entry = zipfile.ZipInfo(name, STAMP)
    # The upper half holds Unix rights: for the owner only, as the file holds customers.
    entry.external_attr = 0o600 << 16
    return entry


@contextmanager
def unpacked(source: Path | IO[bytes], folder: Path) -> Iterator[SavedRun]:
    """Give the period of an exported file, with its files under names of our own for as long as they are needed.

    Raises:
        WorkspaceError: The file is not an export, is damaged, or does not add up.
        InputError: Its policy or window is none.
    """
    with archive_of(source) as archive:
        infos = _entries(archive)
        manifest = _manifest(content_of(archive, infos[MANIFEST]))
        if manifest.files.keys() != {*_kinds(len(infos) - len(KINDS))}:
            raise WorkspaceError("the file does not list the files of a period", where=WHERE)
        files = dict[str, Stored]()
        with ExitStack() as held:
            for kind, entry in manifest.files.items():
                part, stream = held.enter_context(held_part(folder))
                files[kind] = Stored(part.name, entry.sha256, entry.size)
                _unpack(archive, infos[_name(kind)], stream, files[kind])
            yield _opened(folder, manifest, files)


@contextmanager
def archive_of(source: Path | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """Give an archive, opened."""
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError, UnicodeDecodeError) as error:
        raise WorkspaceError("the file is not an exported period, or is cut short", where=WHERE) from error


def _entries(archive: zipfile.ZipFile) -> Mapping[str, zipfile.ZipInfo]:
    """Return the entries by name, which must be exactly those of an export, stored as they are."""
    infos = archive.infolist()
    expected = {MANIFEST, *map(_name, _kinds(len(infos) - len(KINDS)))}
    if len(infos) != len(expected) or {info.filename for info in infos} != expected:
        raise WorkspaceError("the file does not hold exactly the files of an exported period", where=WHERE)
    for info in infos:
        # Bit 0 of the flags marks an encrypted entry. Stored ones are as large as they say, so none unpacks to more.
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1 or info.file_size != info.compress_size:
            hint = "Use the exported file as it was written"
            raise WorkspaceError("the file is not packed the way an export is", where=WHERE, hint=hint)
        limit = MAX_MANIFEST if info.filename == MANIFEST else MAX_BYTES if info.filename == _name(RECORD) else None
        if limit is not None and info.file_size > limit:
            raise WorkspaceError(f"its {info.filename} is larger than any period's", where=WHERE)
    return {info.filename: info for info in infos}


def content_of(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return a small entry.

    Raises:
        WorkspaceError: It is too large, packed otherwise than ours are, or cut short.
    """
    if info.compress_type != zipfile.ZIP_STORED or info.file_size > MAX_BYTES:
        raise WorkspaceError("the file is not packed as it was written", where=WHERE, hint="Use it as it was written")
    with archive.open(info) as stream:
        content = stream.read(info.file_size + 1)
    if len(content) != info.file_size:
        raise WorkspaceError("the file is cut short", where=WHERE)
    return content


def _manifest(content: bytes) -> ManifestRecord:
    newer = "the file has format {}, newer than this program's"
    return ManifestRecord.read(parsed(content, "the file has no manifest", newer, source=WHERE), source=WHERE)


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, goal: io.RawIOBase, file: Stored) -> None:
    """Copy one entry to a file of our own, no more bytes than announced, and hold it against its hash."""
    writer, left = HashingWriter(goal), file.size
    stream: IO[bytes]
    with archive.open(info) as stream:
        # One byte more than announced is asked for, so that a longer entry is noticed and not cut.
        while chunk := stream.read(min(CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                break
            writer.write(chunk)
    if left != 0 or writer.sha256 != file.sha256:
        what = f"its {info.filename} does not match its checksum"
        raise WorkspaceError(what, where=WHERE, hint="Export the period again")


def _opened(folder: Path, manifest: ManifestRecord, files: dict[str, Stored]) -> SavedRun:
    """Return the unpacked period, its small parts checked."""
    parts = PeriodFiles(folder, WHERE, lambda: files, foreign=True)
    record = parts.read(RECORD, lambda path: PeriodRecord.parse(path.read_bytes(), source=WHERE))
    account = record.accounting
    summary = RunSummary(
        id="",
        name=manifest.name,
        saved_at=manifest.saved_at,
        window=record.window,
        policy="",
        policy_hash=record.policy_hash,
        input_hash=record.input_hash,
        source="",
        read=account.read,
        quarantined=account.quarantined,
        universe=account.universe,
        segments=len(record.tree.segments),
    )
    saved = SavedRun(summary, record, parts)
    _check(saved)
    return saved


def _check(saved: SavedRun) -> None:
    """Hold the small parts of a period against the contract and against each other."""
    record, scores = saved.record, saved.record.scores.table()
    names = sorted(saved.tree.names)
    checks: dict[str, Callable[[], bool]] = {
        "columns of the customers": lambda: all(_of_contract(c.name, c.dtype) for c in record.customers.columns),
        "columns of the rejected rows": lambda: record.quarantine.names in (QUARANTINE_COLUMNS, QUARANTINE_COLUMNS[:6]),
        "scores": lambda: {"Segment", "Size", "Overall_Score"} <= set(scores) and sorted(scores["Segment"]) == names,
        "numbers of the what-if cube": lambda: int(saved.what_if.cube.size.sum()) == record.accounting.universe,
        "groups of the customers": lambda: _counted(record.overview, len(names)),
        "results of the proof": lambda: saved.tree.proof() == record.proof,
    }
    for part, holds in checks.items():
        if not holds():
            raise WorkspaceError(f"the {part} are not those of a period", where=WHERE)


def _counted(overview: Overview | None, segments: int) -> bool:
    tables = () if overview is None else overview.groups.values()
    return all(len(counts) == segments for values in tables for counts in values.values())


def _of_contract(name: str, dtype: str) -> bool:
    if name == MARKER:
        return dtype == "category"
    return name in COLUMNS and dtype.startswith(DTYPES[COLUMNS[name].kind])
