"""Typed blocks of files -> an `Intake`: which rows are accepted, and the account that must balance."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from data_ingestion.assembling import assemble, check_currency
from data_ingestion.date_order import decide_order
from data_ingestion.intake import Intake, Origin, SourceFile, combined_hash
from data_ingestion.options import DateOrder
from data_ingestion.typing_blocks import FinishedBlock, TypedBlock, finish_block
from retention.contracts import DERIVED
from retention.derive import Derivation, derive_scores
from retention.errors import SourceError, ensure
from retention.reasons import Reason


@dataclass(frozen=True)
class Draft:
    """What a reader knows of a file before its rows are judged.

    Args:
        columns: Contract columns found, in file order.
        ignored: Other headers.
        blocks: Its typed blocks, in file order.
        sha256: Hash of its bytes.
        format: What it is.
        encoding: Of text, else `""`.
        delimiter: Of text, else `""`.
        warnings: What its reader noticed.
    """

    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    blocks: Sequence[TypedBlock]
    sha256: str
    format: str
    encoding: str = ""
    delimiter: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class JudgedFile:
    """One file: what it is, its judged blocks, and warnings."""

    source: SourceFile
    blocks: tuple[FinishedBlock, ...]
    warnings: tuple[str, ...]


def judge(draft: Draft, date_order: DateOrder, name: str) -> JudgedFile:
    """Settle a file's date order, and with it which rows are accepted.

    Raises:
        SourceError: It has no rows, or its date order cannot be told.
    """
    records = sum(block.rows + len(block.broken) for block in draft.blocks)
    if not records:
        raise SourceError("the file has no rows, only a header", where=name)
    order = decide_order(draft.blocks, date_order, name)
    finished = tuple(finish_block(block, order) for block in draft.blocks)
    rejected = sum(block.rejected.num_rows for block in finished)
    ensure(records == rejected + sum(block.rows for block in finished), "read = accepted + quarantined, per file")
    source = SourceFile(
        name=name,
        sha256=draft.sha256,
        rows_read=records,
        rows_quarantined=rejected,
        format=draft.format,
        encoding=draft.encoding,
        delimiter=draft.delimiter,
        date_order=order,
        columns=draft.columns,
        ignored=draft.ignored,
    )
    return JudgedFile(source, finished, draft.warnings + _reserved(draft.ignored, name))


def _reserved(ignored: Sequence[str], name: str) -> tuple[str, ...]:
    """Return a warning if the file brings columns that the analysis computes itself."""
    computed = {column.name for column in DERIVED}
    brought = [column for column in ignored if column.casefold() in computed]
    return (f"{name}: ignored {', '.join(brought)}, which the analysis computes itself",) if brought else ()


def make_intake(files: Sequence[JudgedFile], timezone: str) -> Intake:
    """Return the intake of judged files.

    Raises:
        SourceError: No row of any of them can be used.
        ContractError: Their money is in several currencies.
    """
    sources = tuple(file.source for file in files)
    read = sum(source.rows_read for source in sources)
    quarantine = _quarantine(files)
    if len(quarantine) == read:
        raise _nothing_accepted(quarantine)
    assembled = assemble([block for file in files for block in file.blocks], timezone)
    check_currency(assembled.rows)
    rows, derived = derive_scores(assembled.rows)
    ensure(read == len(rows) + len(quarantine), "read = accepted + quarantined")
    return Intake(
        rows=rows,
        quarantine=quarantine,
        sources=sources,
        read=read,
        derived=derived,
        warnings=(*(w for file in files for w in file.warnings), *assembled.warnings, *_derived_warnings(derived)),
        input_hash=combined_hash([source.sha256 for source in sources]),
        origins=tuple(Origin(f.source.name, block.rows, block.lines) for f in files for block in f.blocks),
    )


def _derived_warnings(derived: Sequence[Derivation]) -> tuple[str, ...]:
    """Return one warning for each score that was derived."""
    return tuple(f"{one.column} was missing in {one.rows:,} rows and derived as {one.formula}" for one in derived)


def _quarantine(files: Sequence[JudgedFile]) -> pd.DataFrame:
    tables = []
    for file in files:
        table = pa.concat_tables([block.rejected for block in file.blocks])
        names = pa.repeat(pa.scalar(file.source.name, pa.large_string()), table.num_rows)
        tables.append(table.add_column(0, "file", names))
    frame: pd.DataFrame = pa.concat_tables(tables).to_pandas()
    text = ["file", "column", "value", "reason"]
    return frame.astype(dict.fromkeys(text, "str"))


def _nothing_accepted(quarantine: pd.DataFrame) -> SourceError:
    """Return the error of an input whose every row was rejected, with the most frequent reasons."""
    pairs = Counter(zip(quarantine["reason"], quarantine["column"], strict=True)).most_common(3)
    parts = [f"{count:,} {reason}" + (f" in {column}" if column else "") for (reason, column), count in pairs]
    return SourceError(
        f"none of the {len(quarantine):,} rows can be used: {', '.join(parts)}",
        where=str(quarantine["file"].iloc[0]),
        hint=Reason(pairs[0][0][0]).sentence,
    )
