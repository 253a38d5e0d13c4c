"""An export written: files per segment, read back, put in place whole or packed into one archive."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analysis import Run
from audience_export.layout import CSV, JSON, SPREADSHEET, Cells, Layout, Part, made_harmless, parts_of
from audience_export.manifest import (
    AUDIENCES,
    MANIFEST,
    Audience,
    AudienceFile,
    audience_names,
    file_name,
    manifest_json,
)
from audience_export.people import People
from audience_export.plan import REASONS, AudiencePlan, AudienceRequest, plan_audiences
from audience_export.platforms import platform_named
from audience_export.reasons import LeftOut
from audience_export.verification import Certificate, certify, check_files
from outputs.archive import zipped
from outputs.durable import HashingWriter
from outputs.names import slug
from outputs.ownership import Destination
from outputs.publishing import check_place, publish
from outputs.run_folder import files_of, silent
from retention.errors import ensure

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Exported:
    """What was written: the files in the order of the tree, and the SHA-256 of their manifest."""

    plan: AudiencePlan
    audiences: tuple[Audience, ...]
    certificate: Certificate
    manifest: str


def write_audiences(
    run: Run,
    directory: Path | Destination,
    wanted: AudienceRequest,
    *,
    progress: Progress | None = None,
    note: Callable[[int], None] = lambda _: None,
) -> Exported:
    """Write the audience files of a run and their manifest; the folder holds all of them or is as it was.

    Args:
        run: The analysis.
        directory: The output folder; files in it that are not of an earlier export are kept.
        wanted: The platform, and who is to be left out.
        progress: Called with a step's name and the share of the work that is done.
        note: Called with the number of customers in audiences before they are written.

    Raises:
        InputError: Nothing says who agreed, a list cannot be used, codes are too few, or the folder cannot be
            written or would lose a file. It is as it was.
        InvariantError: The files read back are not what was to be written.
    """
    needed = audience_names(run.policy.segments, wanted.platform)
    check_place(directory, kind=AUDIENCES, needed=needed)
    tell = progress or silent
    tell("Choosing customers", 0.0)
    plan = plan_audiences(run, wanted)
    note(int(plan.counts[:, 0].sum()))

    def fill(folder: Path) -> Exported:
        return _fill(plan, folder, tell)

    return publish(directory, fill, AUDIENCES)


def audience_zip(run: Run, wanted: AudienceRequest) -> bytes:
    """Return a zip of the files that `write_audiences` writes, verified in the same way; equal calls, equal bytes."""
    return zip_of(plan_audiences(run, wanted))[0]


def zip_of(plan: AudiencePlan) -> tuple[bytes, Exported]:
    """Return the zip of a plan that is made already, as `audience_zip` does, and what is in it."""
    with tempfile.TemporaryDirectory() as name:
        exported = _fill(plan, Path(name), silent)
        return zipped(Path(name)), exported


def audience_zip_name(run: Run, wanted: AudienceRequest) -> str:
    """Return the archive's file name: policy, last day of the window, platform."""
    return f"{run.policy.name}_{run.window.end}.audiences.{platform_named(wanted.platform).name}.zip"


def _fill(plan: AudiencePlan, folder: Path, tell: Progress) -> Exported:
    """Write every file into an empty folder, and read all of them back."""
    layout, audiences, read = _layout(plan), [], []
    groups = list(_groups(plan))
    for done, (segment, arm, stem, rows) in enumerate(groups):
        tell("Writing audiences", 0.4 + 0.4 * done / len(groups))
        cells = _cells(plan, plan.people.take(rows))
        files = _write_parts(
            folder, stem, plan, list(parts_of(cells, layout, plan.wanted.limit or plan.platform.limit))
        )
        columns = check_files([folder / file.file for file in files], cells)
        # The check of all files together needs identifiers alone; the other columns are let go, file by file.
        read.append({header: columns[header] for header in plan.platform.identifiers})
        ensure(sum(file.rows for file in files) == len(rows), "every customer of an audience is in its files")
        audiences.append(Audience(segment, arm, len(rows), files))
    tell("Checking the files together", 0.8)
    certificate = _certify(plan, read)
    manifest = manifest_json(plan, audiences, certificate)
    _write(folder / MANIFEST, (manifest,))
    return Exported(plan, tuple(audiences), certificate, sha256(manifest).hexdigest())


def _layout(plan: AudiencePlan) -> Layout:
    if plan.platform.layout == "json":
        return JSON
    return SPREADSHEET if _for_people(plan) else CSV


def _for_people(plan: AudiencePlan) -> bool:
    return plan.platform.for_people and plan.wanted.profile == "spreadsheet"


def _groups(plan: AudiencePlan) -> Iterator[tuple[str, str, str, npt.NDArray[np.intp]]]:
    """Yield segment, arm, beginning of the files' names and rows of each audience, in the order of the tree."""
    codes, arms = plan.run.segmentation.codes, plan.run.arms
    several = plan.treatments if len(plan.treatments) > 1 else ()
    for code, (segment, path) in enumerate(files_of(plan.run, "csv").items()):
        stem = Path(path).stem
        inside = plan.kept & np.equal(codes, code)
        if not several or arms is None:
            yield segment, "", stem, np.flatnonzero(inside)
            continue
        for number, arm in enumerate(several, start=1):
            rows = np.flatnonzero(inside & np.asarray(arms == arm, dtype=np.bool_))
            # Two labels may become the same words in a file's name; the number keeps their files apart.
            yield segment, arm, f"{stem}_{number}-{slug(arm)}", rows


def _cells(plan: AudiencePlan, people: People) -> Cells:
    cells = plan.platform.cells(people, plan.optional)
    return made_harmless(cells) if _for_people(plan) else cells


def _write_parts(folder: Path, stem: str, plan: AudiencePlan, parts: list[Part]) -> tuple[AudienceFile, ...]:
    suffix = _layout(plan).suffix
    files = []
    for number, part in enumerate(parts, start=1):
        name = file_name(stem, plan.platform.name, number, len(parts), suffix)
        size, digest = _write(folder / name, part.pieces)
        files.append(AudienceFile(name, part.rows, size, digest))
    return tuple(files)


def _write(path: Path, pieces: tuple[bytes | memoryview, ...]) -> tuple[int, str]:
    with path.open("wb") as stream:
        writer = HashingWriter(stream)
        for piece in pieces:
            writer.write(piece)
    return writer.count, writer.sha256


def _certify(plan: AudiencePlan, read: list[dict[str, pa.Array]]) -> Certificate:
    """Hold all files together against the universe and the control group."""
    control = np.flatnonzero(plan.reasons == REASONS.index(LeftOut.CONTROL) + 1)
    cells = _cells(plan, plan.people.take(control))
    certificate = certify(read, {header: cells[header] for header in plan.platform.identifiers})
    left_out = int(np.count_nonzero(plan.reasons))
    ensure(certificate.rows + left_out == len(plan.people), "audiences read back + left out = universe")
    return certificate
