"""Values of a database -> columns of text, so that one set of rules holds for files and databases."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from retention.customers.contracts import Column
from retention.errors import ContractError

EXACT_INTEGER = 2.0**53
"""From here on a float64 no longer tells neighbouring whole numbers apart."""


def as_cells(values: Sequence[object], column: Column, name: str) -> pa.Array:
    """Return values as large text, NULL as `""`; times keep microseconds and their offset.

    Raises:
        ContractError: A value is nested, of a type that has no plain text, or has lost digits.
    """
    kinds = {type(value) for value in values}
    writers = {kind: _writer(kind, column, name) for kind in kinds}
    if kinds - {str, type(None)}:
        values = [writers[type(value)](value) for value in values]
    try:
        return pa.array(values, pa.large_string()).fill_null("")
    except (pa.ArrowInvalid, UnicodeError):
        raise _not_text(column, name) from None


def which_numbers(values: Sequence[object]) -> NDArray[np.bool_]:
    """Return which values the database holds as numbers, so that a point in their text is a decimal point."""
    kinds = {type(value) for value in values}
    numbers = {kind for kind in kinds if issubclass(kind, int | float | Decimal) and kind is not bool}
    if not numbers or kinds <= {*numbers, type(None)}:
        return np.full(len(values), bool(numbers))
    return np.array([type(value) in numbers for value in values], dtype=np.bool_)


def _writer(kind: type, column: Column, name: str) -> Callable[[Any], str]:
    if issubclass(kind, float) and column.kind == "id":
        return lambda value: _whole(value, column, name)
    if issubclass(kind, bytes | bytearray | memoryview):
        return lambda value: _decoded(value, column, name)
    for known, write in _WRITERS:
        if issubclass(kind, known):
            return write
    raise ContractError(
        f"the column '{column.name}' holds values of the type {kind.__name__}, which is not a single value",
        where=name,
        hint="Select text, numbers, dates or yes/no, one value per row",
    )


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (type(None), lambda _: ""),
    (str, str),
    # Before int: True is an integer, too.
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    # The shortest text that is read back as the same number.
    (float, repr),
    (Decimal, lambda value: format(value, "f") if value.is_finite() else str(value)),
    (date, lambda value: value.isoformat()),
    (UUID, str),
)


def _whole(value: object, column: Column, name: str) -> str:
    """Return an identifier that is stored as a floating-point number."""
    number = float(str(value))
    if abs(number) >= EXACT_INTEGER:
        raise ContractError(
            f"{column.name} is stored as a floating-point number above 2^53, so its last digits are lost",
            where=name,
            hint="Store it as text or as a whole number",
        )
    if number != number:  # noqa: PLR0124 - only NaN differs from itself
        return ""
    return str(int(number)) if number.is_integer() else repr(number)


def _decoded(value: bytes | bytearray | memoryview, column: Column, name: str) -> str:
    try:
        return bytes(value).decode()
    except UnicodeError:
        raise _not_text(column, name) from None


def _not_text(column: Column, name: str) -> ContractError:
    return ContractError(f"the column '{column.name}' holds bytes that are not UTF-8 text", where=name)


class _Digest(Protocol):
    def update(self, data: bytes | memoryview, /) -> None: ...
    def hexdigest(self) -> str: ...


class RowsHash:
    """A SHA-256 of rows that depends on their cells and order, not on how they were cut into chunks."""

    def __init__(self) -> None:
        self._columns: dict[str, tuple[_Digest, _Digest]] = {}

    def add(self, column: str, cells: pa.Array) -> None:
        """Take in the next cells of a column, large text without nulls."""
        # The lengths have a hash of their own: the cells "ab", "c" and "a", "bc" are the same text when put together.
        lengths, data = self._columns.setdefault(column, (hashlib.sha256(), hashlib.sha256()))
        lengths.update(pc.binary_length(cells).to_numpy(zero_copy_only=False).astype("<i8").tobytes())
        _, offsets, text = cells.buffers()
        ends = np.frombuffer(offsets, dtype=np.int64)[cells.offset : cells.offset + len(cells) + 1]
        if text is not None:
            data.update(memoryview(text)[int(ends[0]) : int(ends[-1])])

    def hexdigest(self) -> str:
        """Return the hash of all columns, each with its name."""
        parts = [f"{name}:{lengths.hexdigest()}:{data.hexdigest()}" for name, (lengths, data) in self._columns.items()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
