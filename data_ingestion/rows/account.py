"""Judged files -> one `Intake`: customers as they are, or activity of several sources joined by customer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from data_ingestion.formats import Normalised
from data_ingestion.options import ReadOptions
from data_ingestion.rows.activity_join import join
from data_ingestion.rows.assembly import assemble, check_currency
from data_ingestion.rows.intake import Intake, combined_hash
from data_ingestion.rows.judged_file import JudgedFile, cells_of, quarantine_of
from data_ingestion.rows.links import customers_of, marked_words
from retention.customers.derive import Derivation, derive_scores
from retention.customers.keys import with_contacts
from retention.customers.reasons import Reason
from retention.errors import ContractError, Remedy, Setting, SourceError, ensure
from retention.wording import counted


def make_intake(files: Sequence[JudgedFile], options: ReadOptions) -> Intake:
    """Return the intake of judged files.

    Raises:
        SourceError: No row of any of them can be used.
        ContractError: Their money is in several currencies, or customers and activity are mixed.
    """
    intake = accounted(files)
    has_activity = files[0].normalised is not None
    return _with_activity(intake, files, options) if has_activity else _with_customers(intake, files, options)


def accounted(files: Sequence[JudgedFile]) -> Intake:
    """Return the account of judged files without their rows.

    Raises:
        SourceError: No row of any of them can be used.
        ContractError: Customers and activity are mixed.
    """
    sources, quarantine = tuple(file.source for file in files), quarantine_of(files)
    read = sum(source.rows_read for source in sources)
    if len(quarantine) == read:
        raise _nothing_accepted(quarantine)
    tables = [file for file in files if file.normalised is None]
    if tables and len(tables) < len(files):
        raise mixed(files)
    ensure(sum(source.rows_quarantined for source in sources) == len(quarantine), "quarantined = sum over files")
    return Intake(
        rows=pd.DataFrame(),
        quarantine=quarantine,
        sources=sources,
        read=read,
        derived=(),
        warnings=tuple(warning for file in files for warning in file.warnings),
        input_hash=combined_hash(sources),
        origins=(),
        folded=read - len(quarantine),
        cells=cells_of(files),
    )


def _with_customers(intake: Intake, files: Sequence[JudgedFile], options: ReadOptions) -> Intake:
    cells, time_warnings = assemble([block for file in files for block in file.blocks], options)
    check_currency(cells, signs_of(files))
    if all("user_id" in file.source.columns for file in files):
        marked = int(cells["user_id"].str.startswith("'").sum())
        notes = tuple([marked_words("user_id", marked)] if marked else [])
    else:
        cells, notes = _with_keys(cells, options.country)
    rows, derived = derive_scores(with_contacts(cells, "user_id"))
    warnings = (*intake.warnings, *time_warnings, *notes, *derived_warnings(derived))
    origins = tuple(origin for file in files for origin in file.origins)
    return replace(intake, rows=rows, derived=derived, warnings=warnings, origins=origins, folded=0)


def _with_keys(cells: pd.DataFrame, region: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return customers some of whom have no id, by what they are known by, and what a person should know."""
    names, (codes,), notes = customers_of([cells.rename(columns={"user_id": "customer"})], [], region)
    columns = ["user_id", *cells.columns.drop("user_id", errors="ignore")]
    return cells.assign(user_id=pd.array(names.take(codes), dtype="str"))[columns], notes


def signs_of(files: Sequence[JudgedFile]) -> frozenset[str]:
    """Return the currency signs beside the amounts of all files."""
    return frozenset(sign for file in files for block in file.blocks for sign in block.signs)


def _with_activity(intake: Intake, files: Sequence[JudgedFile], options: ReadOptions) -> Intake:
    check_distinct(files)
    records = [(file.source, file.normalised) for file in files if file.normalised is not None]
    activity, join_warnings = join(records, options)
    check_currency(pd.DataFrame({"currency": currencies([rows for _, rows in records])}), signs_of(files))
    return replace(intake, activity=activity, warnings=(*intake.warnings, *join_warnings))


def check_distinct(files: Sequence[JudgedFile]) -> None:
    """Check that no file is given twice: its orders would count twice, and exact repeats are real in some formats."""
    seen: dict[str, str] = {}
    for file in files:
        name = seen.setdefault(file.source.sha256, file.source.name)
        if name != file.source.name:
            raise SourceError(f"the file is the same as {name}", where=file.source.name, hint="Give each file once")


def currencies(files: Sequence[Normalised]) -> list[str]:
    """Return what rows name as currencies; a customer's latest alone would hide that there were others."""
    named = [file.people["currency"].dropna() for file in files if "currency" in file.people]
    return sorted({str(name) for each in named for name in each.unique()})


def mixed(files: Sequence[JudgedFile]) -> ContractError:
    """Return the error of files some of which are customers and others what customers did."""
    names = ", ".join(f"{file.source.name} ({file.source.layout})" for file in files)
    return ContractError(
        "customer tables and activity cannot be analysed together",
        where=names,
        hint="Give either tables with one row per customer, or event logs, checkouts and orders",
    )


def derived_warnings(derived: Sequence[Derivation]) -> tuple[str, ...]:
    """Return one warning for each score that was derived."""
    return tuple(
        f"{one.column} was missing in {counted(one.rows, 'row')} and derived as {one.formula}" for one in derived
    )


def _nothing_accepted(quarantine: pd.DataFrame) -> SourceError:
    """Return the error of an input whose every row was rejected, with the most frequent reasons."""
    pairs = Counter(zip(quarantine["reason"], quarantine["column"], strict=True)).most_common(3)
    parts = [
        f"{count:,} {reason.replace('_', ' ')}" + (f" in {column}" if column else "")
        for (reason, column), count in pairs
    ]
    most = pairs[0][0][0]
    rows = "the only row cannot" if len(quarantine) == 1 else f"none of the {len(quarantine):,} rows can"
    return SourceError(
        f"{rows} be used: {', '.join(parts)}",
        where=str(quarantine["file"].iloc[0]),
        hint=Reason(most).sentence,
        remedies=(Remedy(Setting.COUNTRY),) if most == Reason.NOT_A_PHONE else (),
    )
