"""A file about outcomes -> typed rows, every one of them accounted for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.casts import Floats, Mask, cast_cells
from data_ingestion.cells.decimal_sign import SIGNS, leaning
from data_ingestion.cells.numbers import DecimalSign, NumberCells, parse_numbers
from data_ingestion.files.blocks import Table
from data_ingestion.files.byte_source import Meter
from data_ingestion.files.table import read_table
from data_ingestion.formats.record_columns import GUARDRAILS, SCHEMA
from data_ingestion.options import Decimal, ReadOptions
from data_ingestion.outcomes.columns import OutcomeColumns
from retention.errors import ContractError, SourceError
from retention.wording import counted

LABELS, NUMBERS = ("arm", "group"), ("revenue", "covariate", *GUARDRAILS)
LARGEST = 1e100
"""Beyond it squares of numbers, which every interval needs, are no numbers any more."""
_ANY_LENGTH = 1 << 20


@dataclass
class OutcomeRows:
    """The rows of files about outcomes, while it is decided which of them are customers.

    Args:
        frame: The typed cells by role: `outcome` 1, 0 or NaN for blank; `revenue` and `covariate` NaN for blank; texts
            missing where blank. The index is the line.
        left_out: Rows that are no customer, by reason.
    """

    frame: pd.DataFrame
    left_out: dict[str, int]

    def leave_out(self, reason: str, count: int) -> None:
        """Count rows that are no customer."""
        if count:
            self.left_out[reason] = self.left_out.get(reason, 0) + count

    def keep(self, good: "pd.Series[bool]", reason: str) -> None:
        """Keep the good rows, and count the others."""
        if not good.all():
            self.leave_out(reason, int((~good).sum()))
            self.frame = self.frame[good]

    def add_up(self) -> None:
        """Make one row of each customer's: converted if any says so, revenue as the sum of what is known."""
        rows = self.frame
        by = rows.groupby("customer", sort=False)
        sums = [role for role in ("revenue", *GUARDRAILS) if role in rows]
        roles = [role for role in rows.columns if role not in ("customer", *sums)]
        summed = by.agg({role: "max" if role in ("outcome", "unknown") else "first" for role in roles})
        for role in sums:
            # Whoever left, left once, in however many rows it stands.
            summed[role] = by[role].max() if rows[role].isin((0, 1)).all() else by[role].sum(min_count=1)
        self.frame = summed.reset_index()
        self.leave_out("added_to_customer", len(rows) - len(self.frame))


def read_rows(path: Path, name: str, columns: OutcomeColumns, meter: Meter, reading: ReadOptions) -> OutcomeRows:
    """Return the rows of a CSV (plain, gzip or xz), JSON lines, Parquet or Excel file.

    Raises:
        SourceError: The file is no table or holds no rows, or its decimal sign cannot be told.
        ContractError: A column is missing, or a cell cannot be used.
    """
    rows = partial(_rows, meter=meter, decimal=reading.decimal)
    return read_table(path, name, meter, rows, reading, as_format=columns.layout())


def _rows(table: Table, meter: Meter, decimal: Decimal) -> OutcomeRows:
    blocks, left_out = [], dict[str, int]()
    for make in table.parts:
        block = make()
        meter.add_rows(block.rows + len(block.broken), table.name)
        blocks.append(block)
        for row in block.broken:
            left_out[row.reason.value] = left_out.get(row.reason.value, 0) + 1
    if not any(block.rows for block in blocks):
        raise SourceError("the file has a header but no row that can be used", where=table.name)
    texts = {role: pa.concat_arrays([block.columns[role] for block in blocks]) for role in blocks[0].columns}
    typed = {
        role: np.concatenate([block.typed.get(role, np.zeros(block.rows, dtype=np.bool_)) for block in blocks])
        for role in texts
    }
    lines = np.concatenate([block.lines.at(np.arange(block.rows)) for block in blocks])
    cells: dict[str, object] = {role: _labels(texts[role]) for role in LABELS if role in texts}
    cells["outcome"], wrong = _outcomes(texts["outcome"])
    _check(table, lines, "outcome", wrong)
    for role, (values, wrong) in outcome_numbers(texts, typed, decimal, table.name).items():
        _check(table, lines, role, wrong)
        cells[role] = values
    if "customer" in texts:
        ids = texts["customer"]
        cells["customer"] = _texts(pc.if_else(pc.equal(pc.utf8_trim_whitespace(ids), ""), None, ids))
    return OutcomeRows(pd.DataFrame(cells).set_axis(pd.Index(lines)), left_out)


def _check(table: Table, lines: NDArray[np.int64], role: str, wrong: Mask) -> None:
    """Refuse cells that cannot be used, with their number and the line of the first."""
    if not wrong.any():
        return
    header = next(table.header.names[place] for place, column in table.header.found if column.name == role)
    what, hint = "cannot be read as a number", "Correct each, or leave it blank where nothing is known"
    if role == "outcome":
        what, hint = "must be 0 or 1", "The outcome is 0 or 1, or yes or no; blank cells are left out"
    count = int(wrong.sum())
    raise ContractError(
        f"{counted(count, 'cell')} of '{header.strip()}' {what}{', the first one here' if count > 1 else ''}",
        where=f"{table.name}, line {int(lines[wrong.argmax()])}",
        hint=hint,
    )


def _outcomes(text: pa.Array) -> tuple[Floats, Mask]:
    """Return 1, 0 and NaN for blank, and which cells are none of them."""
    flags, faults = cast_cells(SCHEMA["outcome"], text, _ANY_LENGTH)
    wrong = np.zeros(len(text), dtype=np.bool_)
    wrong[faults.positions] = True
    numbers = pc.cast(pc.cast(flags, pa.int8()), pa.float64())
    return np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.float64), wrong


def _labels(cells: pa.Array) -> pd.Series:
    """Return labels without outer blanks, missing where nothing is left."""
    encoded = pc.utf8_trim_whitespace(cells).dictionary_encode()
    labels = pc.if_else(pc.equal(encoded.dictionary, ""), None, encoded.dictionary)
    return _texts(labels.take(encoded.indices))


def _texts(cells: pa.Array) -> pd.Series:
    return pd.Series(cells.to_pandas(), dtype="str")


def outcome_numbers(
    columns: Mapping[str, pa.Array], typed: Mapping[str, Mask], decimal: Decimal, name: str
) -> dict[str, tuple[Floats, Mask]]:
    """Return the numbers of each column, NaN where a cell is blank, and which cells are no number, by role.

    One decimal sign holds for all columns of a file, and it is never guessed in silence.

    Args:
        columns: Role -> large text without nulls, shape (n,); roles that hold no numbers are passed over.
        typed: Role -> which cells the file itself holds as numbers, shape (n,).
        decimal: The sign, or `auto`: whatever cells that can be read one way only have.
        name: Base name of the file.

    Raises:
        SourceError: Cells such as `1,234` can be read both ways and nothing tells which.

    >>> text = {"revenue": pa.array(["12.50", "1,234", ""], pa.large_string())}
    >>> outcome_numbers(text, {}, "auto", "x.csv")["revenue"][0].tolist()
    [12.5, 1234.0, nan]
    """
    cells = {
        role: parse_numbers(columns[role], SCHEMA[role], typed=typed.get(role)) for role in NUMBERS if role in columns
    }
    sign = _sign(list(cells.values()), name) if decimal == "auto" else decimal
    return {role: _resolved(each, sign) for role, each in cells.items()}


def _sign(columns: Sequence[NumberCells], name: str) -> DecimalSign:
    if any(each.comma >= 0 for each in columns):
        return "comma"
    unsure = [each.open for each in columns if each.open is not None]
    if not unsure or any(each.point >= 0 for each in columns):
        return "point"
    sign = leaning(unsure)
    if sign is None:
        count = sum(int(cells.ambiguous.sum()) for cells in unsure)
        raise SourceError(
            f"{counted(count, 'number')} such as '1,234' can be read as thousands or as decimals, and none tells which",
            where=name,
            hint="Say which it is",
            remedies=(SIGNS,),
        )
    return sign


def _resolved(cells: NumberCells, sign: DecimalSign) -> tuple[Floats, Mask]:
    values, bad = cells.resolve(sign)
    wrong = np.abs(np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf)) > LARGEST
    return values, wrong if bad is None else wrong | bad
