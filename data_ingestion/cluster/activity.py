"""What customers did, on a cluster: the rows of files come to the parts of their customers, and are joined there."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from data_ingestion.cells.typed_blocks import FinishedBlock
from data_ingestion.cluster.blobs import Blob, Cluster, S, answer, answers, folded, over_parts, value_of
from data_ingestion.cluster.sources import IN_MEMORY, SpreadSource
from data_ingestion.options import ReadOptions
from data_ingestion.recognition.choice import check_content
from data_ingestion.rows.account import check_distinct
from data_ingestion.rows.by_customer import JoinFacts, RecordRoute, route_of, without_rows
from data_ingestion.rows.intake import Intake
from data_ingestion.rows.judged_file import JudgedFile
from retention.activity.activity import Activity
from retention.errors import SourceError
from retention.partition.parts import added

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ACTIVITY, ANSWERS = 0, 1


@dataclass(frozen=True)
class SpreadActivity:
    """What customers did, read and checked, on a cluster; a part has all of some customers.

    Args:
        cluster: Where it is.
        whole: As `PartedActivity` has it.
        nobody: As `PartedActivity` has it.
        blobs: The activity of each part that has some.
        files: The files without their rows, by name.
        source: Where they are.
        options: How they were read.
    """

    cluster: Cluster
    whole: Intake
    nobody: Activity = field(repr=False)
    blobs: "DataFrame" = field(repr=False)
    files: Mapping[str, JudgedFile] = field(repr=False)
    source: SpreadSource
    options: ReadOptions

    def fold(self, of: Callable[[Activity], S], add: Callable[[S, S], S]) -> S:
        """Return what a function makes of all parts, added up."""
        return folded(self.cluster, self.blobs, partial(activity_of, self.nobody), partial(added, of, add), add)


def activity_of(nobody: Activity, blob: Blob) -> Activity:
    """Return the activity of a part, with the span of all."""
    activity: Activity = value_of(blob)
    return replace(activity, of_all=nobody.span)


def routed(parts: int, options: ReadOptions, read: JudgedFile, known: JudgedFile) -> Iterator[tuple[int, Any]]:
    """Yield what rows of a file go to each part, and then, for the driver, how to judge them there.

    Args:
        parts: How many there are.
        options: How the file was read.
        read: The file.
        known: What the driver has to know of it.
    """
    route, first = route_of(read, options), list[Any]()
    if not route.put(parts):
        raise _unsure(read.source.name)
    for part, piece in enumerate(route.pieces):
        first = first or [_some(each, 0) for each in piece]
        sizes = [each.rows if isinstance(each, FinishedBlock) else len(each) for each in piece]
        if any(sizes):
            # Copied, as what a slice leaves out would be sent as well.
            yield part, list(map(_some, piece, sizes))
    records = known.normalised
    yield parts, route.of(replace(known, normalised=records and without_rows(records)), first)


def _some(each: Any, rows: int) -> Any:
    """Return so many rows of a block or a frame."""
    return each.take(np.arange(rows)) if isinstance(each, FinishedBlock) else each[:rows]


def _unsure(name: str) -> SourceError:
    what = "ids alone do not say whose rows are whose: some have only an e-mail or a phone, or ids were rounded"
    what, hint = f"{what}, and a cluster finds people by their ids", "Give each row an id that no program rounded"
    return SourceError(what, where=name, hint=hint, remedies=(IN_MEMORY,))


def spread_activity(
    cluster: Cluster, rows: "DataFrame", routes: Sequence[RecordRoute], source: SpreadSource, options: ReadOptions
) -> SpreadActivity:
    """Return event logs, orders and what goes with them as activity on a cluster.

    Args:
        cluster: It.
        rows: What `routed` yields of each file, by part and file.
        routes: How each file is judged.
        source: The files.
        options: How they were read.

    Raises:
        InputError: As `by_customer`; or ids alone don't say whose rows are.
    """
    files = [route.file for route in routes]
    check_distinct(files)
    # What the driver alone needs, such as rows that are set aside, does not go to every task.
    slim = [
        route.of(replace(file, rejected=file.rejected[:0], blocks=()), *route.pieces)
        for route, file in zip(routes, files, strict=True)
    ]
    kept_parts = cluster.kept(over_parts(rows, partial(_activity, slim, options)))
    facts = JoinFacts.of(len(routes))
    some = facts.joined(routes, _told(routes), options)
    for verdicts_of, other in answers(kept_parts.where(f"place = {ANSWERS}")):
        facts.add(other)
        for route, verdicts in zip(routes, verdicts_of, strict=True):
            route.said.add(verdicts)
    if facts.rounded:
        raise _unsure(files[0].source.name)
    whole, nobody = facts.whole(routes, some, partial(check_content, options))
    by_name = {file.source.name: file for file in files}
    return SpreadActivity(cluster, whole, nobody, kept_parts.where(f"place = {ACTIVITY}"), by_name, source, options)


def _told(routes: Iterable[RecordRoute]) -> tuple[Any, ...]:
    return next(zip(*(route.told() for route in routes), strict=True))


def _activity(routes: Sequence[RecordRoute], options: ReadOptions, part: int, blobs: list[Blob]) -> Iterator[Blob]:
    """Yield what the customers of a part did, and what became of the rows."""
    pieces = {blob.place: value_of(blob) for blob in blobs}
    own = [route.of(route.file, pieces.get(number, *route.pieces)) for number, route in enumerate(routes)]
    facts = JoinFacts.of(len(own))
    activity = facts.joined(own, _told(own), options)
    if len(activity.people):
        yield answer(part, ACTIVITY, activity)
    yield answer(part, ANSWERS, ([route.said for route in own], facts))
