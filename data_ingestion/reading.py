"""Customer tables -> an `Intake`: the one way in for files."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from data_ingestion.cells.typed_blocks import TypedBlock, type_block
from data_ingestion.files.blocks import TextBlock
from data_ingestion.files.csv_text import CsvReading, NotUtf8, open_csv, read_stretch
from data_ingestion.files.encodings import sniff_encoding
from data_ingestion.files.excel_text import open_excel
from data_ingestion.files.fixed_width import blank_separated, open_blank_separated
from data_ingestion.files.jsonl_text import open_jsonl
from data_ingestion.files.opening import FileKind, Meter, detect_kind, hash_file, open_bytes
from data_ingestion.files.parquet_text import open_parquet
from data_ingestion.formats import Format
from data_ingestion.formats.header import Header, UnknownLayout
from data_ingestion.options import ReadOptions
from data_ingestion.recognition.choose import asked_format, check_content, check_mappings, guessed
from data_ingestion.rows.intake import Intake
from data_ingestion.rows.judged_file import Draft, JudgedFile, judge
from data_ingestion.rows.make_intake import make_intake
from retention.errors import SourceError

Progress = Callable[[str, float], None]


def read_customers(
    paths: Sequence[Path], *, options: ReadOptions | None = None, progress: Progress | None = None
) -> Intake:
    """Return the customers of one or more files, every input row accounted for.

    Args:
        paths: CSV (any common delimiter, encoding, quoting; plain, gzip or xz), JSON lines, Parquet or Excel files.
        options: Zone, date order, limits.
        progress: Called with a file's base name and the fraction of it that has been read.

    Raises:
        SourceError: A file is no table, holds no rows, or nothing in it can be used.
        ContractError: Required columns are missing, or the money is in several currencies.
    """
    options = options or ReadOptions()
    if not paths:
        raise SourceError("no input file was given")
    names = distinct_names(paths)
    for path, name in zip(paths, names, strict=True):
        check_readable(path, name)
    check_mappings(paths, names, options)
    meter, files = Meter(options.limits), list[JudgedFile]()
    for path, name in zip(paths, names, strict=True):
        files.append(read_file(path, name, options, meter, progress=progress or _silent, alone=len(paths) == 1))
    return make_intake(files, options.timezone)


def _silent(name: str, fraction: float) -> None:
    """Report progress to nobody."""


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """Return the base names; a name that came before gets a number."""
    seen: dict[str, int] = {}
    names = []
    for path in paths:
        seen[path.name] = count = seen.get(path.name, 0) + 1
        names.append(path.name if count == 1 else f"{path.name} ({count})")
    return names


def check_readable(path: Path, name: str) -> None:
    """Check that a path is a file that can be read more than once.

    Raises:
        SourceError: It is a folder or a pipe.
    """
    if path.is_dir():
        raise SourceError("is a folder, not a file", where=name or str(path))
    if path.is_fifo():
        # A table is read twice, once to see what it is; a pipe gives its bytes once, or waits forever.
        raise SourceError("is a pipe, not a file", where=name, hint="Save the table as a file first")


def read_file(
    path: Path, name: str, options: ReadOptions, meter: Meter, *, progress: Progress, alone: bool = True
) -> JudgedFile:
    """Return one file, judged.

    Args:
        path: The file.
        name: What to call it.
        options: How to read.
        meter: Counts what is decoded.
        progress: Called with the name and the fraction of it that has been read.
        alone: Whether it is the only file of the analysis.

    Raises:
        InputError: It cannot be used.
    """
    mark = meter.mark()
    work = _Work(options, meter, name, progress, asked_format(path, name, options))
    try:
        draft = _read(path, work)
    except UnknownLayout as error:
        taken = guessed(path, name, options, error, alone=alone)
        meter.reset(mark)
        work.asked = taken.format
        draft = _read(path, work)
        draft = replace(draft, warnings=(taken.warning, *draft.warnings))
    progress(name, 1.0)
    judged = judge(draft, options.date_order, name, options.timezone, decimal=options.decimal)
    check_content(judged, work.asked)
    return judged


def _read(path: Path, work: "_Work") -> Draft:
    kind, sample = detect_kind(path, work.name, work.meter)
    if kind is FileKind.PARQUET:
        return _read_parquet(path, work)
    if kind is FileKind.XLSX:
        return _read_excel(path, work)
    if kind is FileKind.JSONL:
        return _read_jsonl(path, sniff_encoding(sample), work)
    return _read_csv(path, sniff_encoding(sample), work, blank_separated(sample))


class _Work:
    """Casts blocks on a few threads, in order, with few of them in memory."""

    def __init__(self, options: ReadOptions, meter: Meter, name: str, progress: Progress, asked: Format | None) -> None:
        self.options, self.meter, self.name, self.progress, self.asked = options, meter, name, progress, asked

    def typed(self, makers: Iterable[Callable[[], TextBlock]]) -> list[TypedBlock]:
        """Return the typed blocks of the text blocks that the makers make."""
        done = list[TypedBlock]()
        with ThreadPoolExecutor(self.options.threads) as pool:
            waiting: deque[Future[tuple[TypedBlock, float]]] = deque()
            try:
                for make in makers:
                    waiting.append(pool.submit(self._one, make))
                    if len(waiting) > 2 * self.options.threads:
                        self._take(waiting.popleft(), done)
                while waiting:
                    self._take(waiting.popleft(), done)
            finally:
                for future in waiting:
                    future.cancel()
        return done

    def _one(self, make: Callable[[], TextBlock]) -> tuple[TypedBlock, float]:
        block = make()
        comma = self.options.decimal == "comma"
        return type_block(block, self.options.limits.field_length, comma=comma), block.fraction

    def _take(self, future: "Future[tuple[TypedBlock, float]]", done: list[TypedBlock]) -> None:
        block, fraction = future.result()
        self.meter.add_rows(block.rows + len(block.broken), self.name)
        self.progress(self.name, fraction)
        done.append(block)


def _read_csv(path: Path, encoding: str, work: _Work, blanks: bool) -> Draft:
    mark = work.meter.mark()
    try:
        return _read_csv_as(path, encoding, work, blanks)
    except NotUtf8 as error:
        if encoding != "utf-8":
            what = "the file is not UTF-8 although it starts with the mark of UTF-8"
            raise SourceError(what, where=work.name, hint="Save it again as UTF-8") from error
        work.meter.reset(mark)
        draft = _read_csv_as(path, "cp1252", work, blanks)
        return replace(
            draft, warnings=(f"{work.name} is not UTF-8; it was read as Windows-1252: check names with accents",)
        )


def _read_csv_as(path: Path, encoding: str, work: _Work, blanks: bool) -> Draft:
    opened = open_blank_separated if blanks else open_csv
    with open_bytes(path, work.name, work.meter) as source:
        reading = opened(source, encoding, work.asked)
        blocks = work.typed(_csv_makers(reading, work.name))
        layout = reading.layout
        draft = _draft(layout.header, blocks, source.sha256(), FileKind.CSV)
        return replace(draft, encoding=encoding, delimiter=layout.delimiter.decode())


def _csv_makers(reading: CsvReading, name: str) -> Iterator[Callable[[], TextBlock]]:
    for stretch in reading.stretches:
        yield partial(read_stretch, stretch, reading.layout, name, reading.source.fraction)


def _read_parquet(path: Path, work: _Work) -> Draft:
    reading = open_parquet(path, work.name, work.meter, work.asked)
    blocks = work.typed(_made(reading.blocks))
    return _draft(reading.header, blocks, hash_file(path), FileKind.PARQUET)


def _read_excel(path: Path, work: _Work) -> Draft:
    reading = open_excel(path, work.name, work.meter, work.asked)
    blocks = work.typed(_made(reading.blocks))
    others = len(reading.other_sheets)
    warnings = (f"{work.name}: only the first sheet was read; {others} more were left out",) if others else ()
    return replace(_draft(reading.header, blocks, hash_file(path), FileKind.XLSX), warnings=warnings)


def _read_jsonl(path: Path, encoding: str, work: _Work) -> Draft:
    with open_bytes(path, work.name, work.meter) as source:
        reading = open_jsonl(source, encoding, work.asked)
        blocks = work.typed(_made(reading.blocks))
        draft = _draft(reading.header, blocks, source.sha256(), FileKind.JSONL)
    late = ", ".join(sorted(reading.late))
    warnings = (f"{work.name}: not read, because the start of the file does not have it: {late}",) if late else ()
    return replace(draft, encoding=encoding, warnings=warnings)


def _made(blocks: Iterator[TextBlock]) -> Iterator[Callable[[], TextBlock]]:
    for block in blocks:
        yield lambda block=block: block  # type: ignore[misc]


def _draft(header: Header, blocks: list[TypedBlock], sha256: str, kind: FileKind) -> Draft:
    return Draft(header, blocks, sha256, kind.value)
