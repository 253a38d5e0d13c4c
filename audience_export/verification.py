"""The written files read back: each customer once, nobody of the control group, nobody lost."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import csv

from outputs.cells import TEXT
from outputs.verification import PassedText
from retention.errors import ensure

if TYPE_CHECKING:
    import duckdb

LINES = 65_536
Cells = Mapping[str, pa.Array]


@dataclass(frozen=True)
class Certificate:
    """What reading the files back proved.

    Args:
        rows: Records read back from all files.
        disjoint: Headers of which no value is in two records, in one file or in two.
        control_absent: No identifier of the control group is in a file.
    """

    rows: int
    disjoint: tuple[str, ...]
    control_absent: bool


def read_back(path: Path) -> Iterator[dict[str, pa.Array]]:
    """Yield the columns of a written file as text, piece by piece; an empty cell is empty text."""
    if path.suffix == ".json":
        with path.open(encoding="utf-8", newline="\n") as text:
            # Each record has a line.
            records = (json.loads(line.rstrip(",\n")) for line in text if line.startswith("{"))
            while some := list(islice(records, LINES)):
                yield {header: pa.array([record[header] or "" for record in some], TEXT) for header in some[0]}
        return
    with path.open("rb") as stream:
        headers = stream.readline().decode("utf-8-sig").rstrip("\n").split(",")
    with csv.open_csv(
        path,
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(headers, TEXT), strings_can_be_null=False),
    ) as reader:
        yield from (dict(zip(headers, batch.columns, strict=True)) for batch in reader)


class SentRecords:
    """The records of one audience as they were written, to be found again."""

    def __init__(self, headers: Sequence[str]) -> None:
        self.columns = {header: PassedText() for header in headers}

    def add(self, cells: Cells) -> None:
        """Take some records."""
        for header, column in self.columns.items():
            column.add(cells[header].fill_null(""))

    def check(self, paths: Sequence[Path]) -> Iterator[Cells]:
        """Yield the records of its files, which are held against those that were written.

        Raises:
            InvariantError: They are not the same, record by record.
        """
        back = SentRecords(list(self.columns))
        for piece in (piece for path in paths for piece in read_back(path)):
            back.add(piece)
            yield piece
        for header, column in self.columns.items():
            ensure(column.told == back.columns[header].told, f"the files read back hold what was written: {header}")


class Recount:
    """What all files prove together, counted by the engine.

    Args:
        engine: Where it counts.
        identifiers: Headers of what people are known by.
    """

    def __init__(self, engine: "duckdb.DuckDBPyConnection", identifiers: Sequence[str]) -> None:
        self._engine, self._identifiers, self._rows, self._waiting = engine, tuple(identifiers), 0, list[pa.Table]()
        # Of each identifier 128 bits, by which no two are taken for one.
        engine.execute("CREATE TEMP TABLE found (header UTINYINT, value UHUGEINT, held_out BOOLEAN)")

    def add(self, cells: Cells, *, held_out: bool = False) -> None:
        """Take records that were read back, or those of the control group."""
        self._rows += 0 if held_out else len(next(iter(cells.values())))
        for number, header in enumerate(self._identifiers):
            told = (pa.repeat(value, len(cells[header])) for value in (number, held_out))
            self._waiting.append(pa.table([*told, cells[header]], names=["header", "held_out", "text"]))
        if sum(map(len, self._waiting)) > LINES:
            self._take()

    def _take(self) -> None:
        self._engine.register("texts", pa.concat_tables(self._waiting))
        self._engine.execute("INSERT INTO found SELECT header, md5_number(text), held_out FROM texts WHERE text <> ''")
        self._waiting.clear()

    def certificate(self) -> Certificate:
        """Return what was proved.

        Raises:
            InvariantError: An identifier is there twice, or one of the control group is.
        """
        if self._waiting:
            self._take()
        counted = (
            "SELECT header, count(*) FILTER (NOT held_out) AS rows, bool_or(held_out) AS held_out FROM found "
            "GROUP BY header, value"
        )
        query = f"SELECT min(header) FILTER (rows > 1), count(*) FILTER (held_out AND rows > 0) FROM ({counted})"
        twice, held_out = self._engine.execute(query).fetchall()[0]
        ensure(twice is None, f"no {self._identifiers[twice or 0]} is in two records")
        ensure(not held_out, "no control in a file")
        return Certificate(self._rows, self._identifiers, control_absent=True)
