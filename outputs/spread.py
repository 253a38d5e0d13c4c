"""Files of customers on a cluster: each part is written where it is, read back there, and counted by the driver."""

import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from functools import partial
from operator import and_
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis import Run
from data_ingestion.cluster.blobs import Cluster, SpreadRows
from data_ingestion.rows.by_customer import SALT
from outputs.assignments import Assignments
from outputs.durable import hash_of, sync_file
from outputs.names import SEGMENTS, Profile, numbered
from outputs.verification import verify
from retention.errors import ensure
from retention.hashing import hash_ids
from retention.partition.fitted import PartedSegmentation, Segmentation

Write = Callable[[Assignments, Iterable[Assignments], list[Path], Callable[[int], None]], None]
UNFINISHED = ".unfinished-"


class Piece(NamedTuple):
    """A file that holds the customers of one part, of one segment or of all."""

    name: str
    part: int
    number: int
    rows: int
    sha256: str


@dataclass(frozen=True)
class PartWriter:
    """Writes the files of a part; is sent to the workers, and may be called twice for a part when one is lost.

    Args:
        run: The analysis without its customers.
        folder: Where the files go, under the same path on every worker.
        names: The names of the files, the assignments first, then the segments in the order of the tree.
        parts: How many parts there are.
        profile: How text is written.
        plain: As `Assignments.all_plain`.
        write: Writes a table.
    """

    run: Run
    folder: Path
    names: tuple[str, ...]
    parts: int
    profile: Profile
    plain: frozenset[str]
    write: Write

    def __call__(self, part: Segmentation) -> list[Piece]:
        """Return the files of a part, each read back and in its place."""
        run = replace(self.run, segmentation=part)
        numbers = np.unique(hash_ids(part.customers["user_id"], SALT) % self.parts)
        ensure(len(numbers) == 1, "no customer is in two parts")
        table, number = Assignments(run, self.profile, self.plain), int(numbers[0])
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=self.folder) as place:
            (Path(place) / SEGMENTS).mkdir()
            whole, *segments = self.names
            self.write(table, [table], [Path(place) / name for name in self.names], lambda _: None)
            rows = verify(Path(place), dict(zip(segments, segments, strict=True)), whole, run, self.profile)
            return [self._placed(Path(place), name, number, rows[name]) for name in self.names if rows[name]]

    def _placed(self, place: Path, name: str, number: int, rows: int) -> Piece:
        path, goal = place / name, numbered(name, number)
        sync_file(path)
        digest = hash_of(path)
        # In one step, so that what a lost worker left of it is never seen.
        path.replace(self.folder / goal)
        return Piece(goal, self.names.index(name), number, rows, digest)


def cluster_of(run: Run) -> Cluster | None:
    """Return the cluster that the customers of a run are on; None: they are here."""
    rows = run.segmentation.rows if isinstance(run.segmentation, PartedSegmentation) else None
    return rows.cluster if isinstance(rows, SpreadRows) else None


def write_spread(
    run: Run, folder: Path, names: tuple[str, ...], profile: Profile, write: Write
) -> tuple[dict[str, int], dict[str, str]]:
    """Return the rows and the hash of each file that the workers wrote; the files hold the universe once.

    Args:
        run: The analysis.
        folder: An empty folder but for the one of the segments.
        names: As `PartWriter`.
        profile: How text is written.
        write: Writes a table.
    """
    segmentation, cluster = run.segmentation, cluster_of(run)
    parts = 0 if cluster is None else cluster.parts
    bare = {each.name: getattr(segmentation, each.name) for each in fields(Segmentation)}
    known = replace(run, quarantine=run.quarantine[:0], cells=run.cells[:0], segmentation=Segmentation(**bare))
    plain = segmentation.summed(partial(_plain, known, profile), and_)
    writer = PartWriter(known, folder, names, parts, profile, plain, write)
    pieces = segmentation.summed(writer, waves=True)
    for left in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)
    _count(run, pieces)
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    ensure(written == {piece.name for piece in pieces}, "the files are those that were counted")
    return {piece.name: piece.rows for piece in pieces}, {piece.name: piece.sha256 for piece in pieces}


def _count(run: Run, pieces: list[Piece]) -> None:
    """Check that the files of all parts hold the universe, each segment its customers, and no part twice."""
    counts = np.zeros(1 + len(run.segmentation.sizes), dtype=np.int64)
    for piece in pieces:
        counts[piece.part] += piece.rows
    ensure(len({piece.name for piece in pieces}) == len(pieces), "no file is written twice")
    ensure(counts.tolist() == [run.accounting.universe, *run.segmentation.sizes], "rows of all files = universe")


def _plain(run: Run, profile: Profile, part: Segmentation) -> frozenset[str]:
    return Assignments(replace(run, segmentation=part), profile).plain
