"""A typed frame, such as a synthetic one, -> an `Intake`, checked by the same rules as files."""

from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data_ingestion.cells.casts import Faults, Floats, Values, cast_cells, number_faults
from data_ingestion.cells.dates import DateCells
from data_ingestion.cells.faulty import CellFaults
from data_ingestion.cells.numbers import NumberCells
from data_ingestion.cells.typed_blocks import TypedBlock, date_faults, settled_column
from data_ingestion.files.blocks import LineMap, Table
from data_ingestion.formats import CUSTOMERS
from data_ingestion.formats.header import recognise
from data_ingestion.options import ReadLimits, ReadOptions
from data_ingestion.rows.account import make_intake
from data_ingestion.rows.intake import Intake
from data_ingestion.rows.judged_file import judge
from retention.customers.contracts import Column

# Else pandas makes floats of whole numbers in which some are missing, and 7 as a user id would read 7.0.
_WHOLE = {getattr(pa, name.lower())(): getattr(pd, f"{name}Dtype")() for name in ("Int8", "Int16", "Int32", "Int64")}


class ArrowFrame(Protocol):
    """What gives its columns in Arrow's form: a table of Arrow, a frame of Polars."""

    def __arrow_c_stream__(self, requested_schema: object | None = None, /) -> object:
        """Return the columns as a stream."""


def intake_of_frame(frame: pd.DataFrame | ArrowFrame, *, name: str, fingerprint: str, timezone: str = "UTC") -> Intake:
    """Return the intake of a frame; `line` counts its rows from 1.

    Args:
        frame: Contract columns, typed or as text, of pandas, Polars or Arrow; others are ignored. It is not changed.
        name: What to call it in the quarantine.
        fingerprint: Stands for the hash of a file: equal frames must have equal ones.
        timezone: The shop's zone: naive times are in it, others are converted to it.

    Raises:
        SourceError: It has no rows, or none that can be used.
        ContractError: Required columns are missing.
    """
    options, frame = ReadOptions(timezone=timezone), _in_pandas(frame)
    header = recognise([str(column) for column in frame.columns], name, CUSTOMERS)
    values, faults, texts = dict[str, Values](), list[CellFaults](), dict[str, pa.Array]()
    for place, column in header.found:
        cells = frame.iloc[:, place]
        cast, bad = _cast(column, cells, options.limits)
        values[column.name] = cast
        if isinstance(cast, DateCells | NumberCells) and not cast.settled:
            texts[column.name] = _text(cells)
        elif len(bad):
            faults.append(CellFaults(column.name, bad, _text(cells.iloc[bad.positions])))
    block = TypedBlock(values, texts, faults, len(frame), LineMap(1), ())
    table = Table(name, "frame", header, iter(()), lambda: fingerprint)
    return make_intake([judge(table, [block] if len(frame) else [], options)], options)


def _in_pandas(frame: pd.DataFrame | ArrowFrame) -> pd.DataFrame:
    if isinstance(frame, pd.DataFrame):
        return frame
    table: pd.DataFrame = pa.table(frame).to_pandas(types_mapper=_WHOLE.get)
    return table


def _cast(column: Column, cells: "pd.Series[Any]", limits: ReadLimits) -> tuple[Values, Faults]:
    if column.kind == "number" and pd.api.types.is_numeric_dtype(cells.dtype):
        values: Floats = np.asarray(cells.to_numpy(dtype=np.float64, na_value=np.nan)) + np.float64(0)
        return values, number_faults(column, values)
    if column.kind == "time" and isinstance(cells.dtype, pd.DatetimeTZDtype | np.dtype) and cells.dtype.kind == "M":
        dates = _typed_dates(cells)
        return dates, date_faults(column, dates.micros)
    text = _text(cells)
    cast, faults = cast_cells(column, text, limits.field_length)
    if isinstance(cast, DateCells | NumberCells) and cast.settled:
        cast, faults, _ = settled_column(column, cast, text)
    return cast, faults


def _typed_dates(cells: "pd.Series[Any]") -> DateCells:
    aware = isinstance(cells.dtype, pd.DatetimeTZDtype)
    plain = cells.dt.tz_convert("UTC").dt.tz_localize(None) if aware else cells
    micros: NDArray[np.int64] = plain.to_numpy().astype("datetime64[us]").view(np.int64)
    return DateCells(micros, np.ones(len(micros), dtype=np.bool_) if aware else None, None)


def _text(cells: "pd.Series[Any]") -> pa.Array:
    return pa.array(cells, from_pandas=True).cast(pa.large_string()).fill_null("")
