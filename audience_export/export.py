"""An export written: files per segment, read back, put in place whole or packed into one archive."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from analysis import Run
from audience_export.layout import CSV, JSON, SPREADSHEET, AudienceFile, Cells, FileSeries, Layout
from audience_export.manifest import AUDIENCES, MANIFEST, Audience, audience_names, file_name, manifest_json
from audience_export.people import People
from audience_export.plan import SPILL, AudiencePlan, AudienceRequest, PlannedPart, plan_audiences
from audience_export.platforms import platform_named
from audience_export.reasons import REASONS, LeftOut
from audience_export.verification import Certificate, Recount, SentRecords
from data_ingestion import Spool
from outputs.archive import zipped
from outputs.cells import neutral
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
    with TemporaryDirectory() as name:
        exported = _fill(plan, Path(name), silent)
        return zipped(Path(name)), exported


def audience_zip_name(run: Run, wanted: AudienceRequest) -> str:
    """Return the archive's file name: policy, last day of the window, platform."""
    return f"{run.policy.name}_{run.window.end}.audiences.{platform_named(wanted.platform).name}.zip"


def _fill(plan: AudiencePlan, folder: Path, tell: Progress) -> Exported:
    """Write every file into an empty folder, and read all of them back."""
    audiences, groups = list[Audience](), list(_groups(plan, folder))
    done, universe = 0, int(plan.counts.sum())
    with TemporaryDirectory(prefix="audiences-") as place, Spool(Path(place), SPILL).engine(universe) as engine:
        proof = Recount(engine, plan.platform.identifiers)
        for part in plan.parts():
            tell("Writing audiences", 0.4 + 0.4 * done / universe)
            _write_part(plan, part, groups, proof)
            done += len(part.reasons)
        for group in groups:
            files = _named(plan, group, folder)
            for cells in group.written.check([folder / file.file for file in files]):
                proof.add(cells)
            ensure(sum(file.rows for file in files) == group.rows, "every customer of an audience is in its files")
            audiences.append(Audience(group.segment, group.arm, group.rows, files))
        tell("Checking the files together", 0.8)
        certificate = proof.certificate()
    ensure(certificate.rows == int(plan.counts[:, 0].sum()), "audiences read back + left out = universe")
    manifest = manifest_json(plan, audiences, certificate)
    (folder / MANIFEST).write_bytes(manifest)
    return Exported(plan, tuple(audiences), certificate, sha256(manifest).hexdigest())


@dataclass(frozen=True, eq=False)
class _Group:
    """One audience: who is in it, in how many rows, and its files while they are written."""

    segment: str
    arm: str
    rows: int
    stem: str
    headers: list[str]
    series: FileSeries
    written: SentRecords


def _groups(plan: AudiencePlan, folder: Path) -> Iterator[_Group]:
    """Yield the audiences in the order of the tree, in each segment in that of the arms."""
    several, platform, filled = len(plan.treatments) > 1, plan.platform, plan.told[plan.told["reason"] == 0]
    for code, (segment, path) in enumerate(files_of(plan.run, "csv").items()):
        for number, arm in enumerate(plan.treatments if several else ("",), start=1):
            # Two labels may become the same words in a file's name; the number keeps their files apart.
            stem = Path(path).stem + (f"_{number}-{slug(arm)}" if several else "")
            inside = filled[filled["segment"] == code]
            inside = inside[inside["arm"] == plan.arms.index(arm)] if several else inside
            known = {header for name, header in {**platform.keys, **platform.lesser}.items() if inside[name].any()}
            headers = platform.headers(plan.optional, known)
            series = FileSeries(folder / stem, _layout(plan), headers, plan.wanted.limit or platform.limit)
            rows = int(inside["count"].sum())
            yield _Group(segment, arm, rows, stem, headers, series, SentRecords(headers))


def _write_part(plan: AudiencePlan, part: PlannedPart, groups: list[_Group], proof: Recount) -> None:
    """Write the customers of a part into the files of their audiences."""
    numbers = part.run.segmentation.codes.astype(np.intp)
    if len(plan.treatments) > 1 and part.run.arms is not None:
        # Nobody of the control is in an audience.
        order = [plan.treatments.index(arm) if arm in plan.treatments else 0 for arm in plan.arms]
        numbers = numbers * len(plan.treatments) + np.array(order)[part.run.arms.codes]
    rows = np.flatnonzero(part.reasons == 0)
    rows = rows[np.argsort(numbers[rows], kind="stable")]
    cells, start = _cells(plan, part.people.take(rows)), 0
    for number, count in enumerate(np.bincount(numbers[rows], minlength=len(groups)).tolist()):
        group = groups[number]
        some = {header: cells[header].slice(start, count) for header in group.headers}
        group.written.add(some)
        group.series.add(_layout(plan).records(some))
        start += count
    control = np.flatnonzero(part.reasons == REASONS.index(LeftOut.CONTROL) + 1)
    proof.add(_cells(plan, part.people.take(control)), held_out=True)


def _layout(plan: AudiencePlan) -> Layout:
    if plan.platform.layout == "json":
        return JSON
    return SPREADSHEET if _for_people(plan) else CSV


def _for_people(plan: AudiencePlan) -> bool:
    return plan.platform.for_people and plan.wanted.profile == "spreadsheet"


def _cells(plan: AudiencePlan, people: People) -> Cells:
    cells = plan.platform.cells(people, plan.platform.headers(plan.optional, set()))
    # For people, with an apostrophe before text that a spreadsheet would run.
    return {header: neutral(column) for header, column in cells.items()} if _for_people(plan) else cells


def _named(plan: AudiencePlan, group: _Group, folder: Path) -> tuple[AudienceFile, ...]:
    """Give the files of an audience their names, which tell how many there are."""
    files = group.series.ended()
    for number, file in enumerate(files):
        name = file_name(group.stem, plan.platform.name, number + 1, len(files), _layout(plan).suffix)
        (folder / file.file).rename(folder / name)
        files[number] = replace(file, file=name)
    return tuple(files)
