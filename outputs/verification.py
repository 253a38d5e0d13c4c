"""The written files read back: every customer of the universe once, in the right segment's file."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv, parquet

from analysis import Run
from outputs.cells import TEXT, bytes_of, neutral
from outputs.names import Profile
from retention.customers.normalise import ascending, text_column
from retention.errors import InvariantError, ensure
from retention.partition.fitted import PartedSegmentation
from retention.partition.proof import partition_faults

_WANTED = ["user_id", "Segment"]
_PIECE = 1 << 18
"""Bytes that are looked at together, few enough for the processor's own memory."""
_CONVERT = csv.ConvertOptions(
    include_columns=_WANTED, column_types=dict.fromkeys(_WANTED, TEXT), strings_can_be_null=False
)


def verify(folder: Path, files: Mapping[str, str], assignments: str, run: Run, profile: Profile) -> dict[str, int]:
    """Read the assignments and the segment files back and hold them against the universe; return the rows of each.

    Raises:
        InvariantError: A customer is missing, twice, foreign, or in a wrong place; says how many.
    """
    if isinstance(run.segmentation, PartedSegmentation):
        return _verify_parts(
            folder, {assignments: None, **dict(zip(files.values(), count(), strict=False))}, run, profile
        )
    check = _Check(run, profile)
    rows = {assignments: check.whole(folder / assignments)}
    parts = []
    for code, path in enumerate(files.values()):
        parts.append(check.part(folder / path, code))
        rows[path] = len(parts[-1])
    check.together(parts)
    return rows


class _Check:
    """The universe as it must be found again."""

    def __init__(self, run: Run, profile: Profile) -> None:
        segmentation = run.segmentation
        raw = text_column(segmentation.customers, "user_id")
        ensure(ascending(raw) or pc.count_distinct(raw).as_py() == len(raw), "the universe holds every user_id once")
        # The files hold what was written, apostrophes included, so the universe is held against them in the same form.
        self.ids, self.names = _written(raw, profile), _names(run, profile)
        self.codes, self.sizes = pa.array(segmentation.codes), segmentation.sizes

    def whole(self, path: Path) -> int:
        """Check the assignments; return their rows."""
        ids, names = read_assignments(path, len(self.ids))
        # The files keep the order of the universe. Equal columns prove more than counting would, and at once; what is
        # wrong is counted only where they differ.
        if not ids.equals(self.ids):
            raise self._broken([ids], path)
        ensure(names.equals(self.names.take(self.codes)), f"{path.name}: every row names its segment")
        return len(ids)

    def part(self, path: Path, code: int) -> pa.Array:
        """Check that a segment's file names no other segment; return its identifiers."""
        ids, names = read_assignments(path, self.sizes[code])
        ensure(pc.all(pc.equal(names, self.names[code]), min_count=0).as_py(), f"{path.name}: one segment a file")
        return ids

    def together(self, parts: list[pa.Array]) -> None:
        """Check that the segment files hold the universe, each customer in the file of the segment."""
        for code, ids in enumerate(parts):
            if not ids.equals(self.ids.filter(pc.equal(self.codes, code))):
                raise self._broken(parts, Path("segments"))

    def _broken(self, parts: list[pa.Array], path: Path) -> InvariantError:
        faults = partition_faults(_series(self.ids), [_series(part) for part in parts])
        words = ", ".join(map(str, faults)) or "customers are not where they belong"
        return InvariantError(f"broken identity: {path.name} read back holds the universe once: {words}")


class PassedText:
    """A column of text that goes by in pieces; two are equal where their rows and hashes are, whatever the pieces."""

    def __init__(self) -> None:
        self.rows, self._lengths, self._letters = 0, sha256(), sha256()

    def add(self, texts: pa.Array) -> None:
        """Take a piece."""
        self.rows += len(texts)
        self._lengths.update(pc.binary_length(texts).cast(pa.uint32()).to_numpy())
        self._letters.update(bytes_of(texts)[0])

    @property
    def told(self) -> tuple[int, str, str]:
        """What differs where a text differs, or where one ends."""
        return self.rows, self._lengths.hexdigest(), self._letters.hexdigest()


def _verify_parts(folder: Path, files: Mapping[str, int | None], run: Run, profile: Profile) -> dict[str, int]:
    """Read files back piece by piece; arguments as `verify`, with the segment of each file, and None for all."""
    names = _names(run, profile)
    own, wanted = _places(names, names), {path: (PassedText(), sha256()) for path in files}
    for part in run.segmentation.in_parts(waves=False):
        ids = _written(text_column(part.customers, "user_id"), profile)
        for path, code in files.items():
            inside = np.full(len(ids), True) if code is None else part.codes == code
            wanted[path][0].add(ids if code is None else ids.filter(pa.array(inside)))
            wanted[path][1].update(own[part.codes[inside]].data)
    for path, (known, places) in wanted.items():
        back, texts_read = PassedText(), sha256()
        for ids, segments in _pieces(folder / path, known.rows):
            back.add(ids)
            texts_read.update(_places(segments, names).data)
        same = (back.told, texts_read.digest()) == (known.told, places.digest())
        ensure(same, f"{path} read back holds its customers")
    rows = {path: known.rows for path, (known, _) in wanted.items()}
    whole, *parts = rows.values()
    ensure(whole == sum(parts) == run.accounting.universe, "rows of all segments = rows of assignments = universe")
    return rows


def _places(segments: pa.Array, names: pa.Array) -> NDArray[np.int32]:
    """Return the place of each segment's name among all names; -1: it is none of them."""
    own = segments if pa.types.is_dictionary(segments.type) else segments.dictionary_encode()
    known = pc.index_in(own.dictionary.cast(TEXT), value_set=names).fill_null(-1).to_numpy()
    at = own.indices.fill_null(len(known)).to_numpy()
    return np.asarray(np.append(known, -1)[at], dtype=np.int32)


def _written(texts: pa.Array, profile: Profile) -> pa.Array:
    return neutral(texts) if profile == "spreadsheet" else texts


def _names(run: Run, profile: Profile) -> pa.Array:
    """Return the names of the segments as they are written."""
    return _written(pa.array(run.segmentation.tree.names, TEXT), profile)


def _parse(path: Path, rows: int) -> csv.ParseOptions:
    """Return how a file is read: a quoted cell may hold a line break, and to expect it costs as much as all the rest.

    A file that has a line for each row and its header holds none.
    """
    lines, piece = 0, bytearray(_PIECE)
    letters = np.frombuffer(piece, dtype=np.uint8)
    with path.open("rb", buffering=0) as stream:
        while size := stream.readinto(piece):
            lines += int(np.count_nonzero(letters[:size] == ord("\n")))
    return csv.ParseOptions(newlines_in_values=lines != rows + 1)


def _pieces(path: Path, rows: int) -> Iterator[tuple[pa.Array, pa.Array]]:
    """Yield `user_id` and `Segment` of a written file, which should have so many rows, piece by piece."""
    if path.suffix == ".parquet":
        with parquet.ParquetFile(path, pre_buffer=False) as file:
            for batch in file.iter_batches(columns=_WANTED):
                yield batch.column(0).cast(TEXT), batch.column(1)
        return
    with csv.open_csv(path, parse_options=_parse(path, rows), convert_options=_CONVERT) as reader:
        yield from ((batch.column(0), batch.column(1)) for batch in reader)


def _series(ids: pa.Array) -> pd.Series:
    return pd.Series(ids.to_pandas(), dtype="str")


def read_assignments(path: Path, rows: int = -1) -> tuple[pa.Array, pa.Array]:
    """Return `user_id` and `Segment` of a written file, which should have so many rows; -1: that is not known."""
    if path.suffix == ".parquet":
        table = parquet.read_table(path, columns=_WANTED)
    else:
        table = csv.read_csv(path, parse_options=_parse(path, rows), convert_options=_CONVERT)
    ids, names = (table.column(name).cast(TEXT).combine_chunks() for name in _WANTED)
    return ids, names
