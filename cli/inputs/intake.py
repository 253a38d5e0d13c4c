"""The input of a command."""

from analysis import Run, analyze
from cli.inputs import database
from cli.inputs.places import workspace_at
from cli.inputs.request import Request
from cli.shown.progress import Advance, part
from data_ingestion import (
    Intake,
    PartedActivity,
    PartedIntake,
    Spool,
    intake_of_frame,
    read_customers,
    read_parts,
)


def read_input(request: Request, advance: Advance) -> Intake:
    """Return what a request names: files, the rows of a database, or synthetic customers."""
    options = request.reading
    if request.database is not None:
        return database.read(request.database, options, over_files(1, advance))
    if request.inputs:
        shares = over_files(len(request.inputs), advance)
        return read_customers(request.inputs, options=options, progress=shares)
    advance("Generating customers", 0.0)
    return _synthetic(request)


def analysed_in_memory(request: Request, advance: Advance) -> Run:
    """Return the analysis of a request, of which the audit trail tells."""
    intake = read_input(request, part(advance, 0.0, 0.7))
    run = analyze(intake, request.policy, request.settings, progress=part(advance, 0.7, 1.0))
    workspace_at(request.source.workspace).note("analysed", run.accounting.universe)
    return run


def read_input_parts(request: Request, spool: Spool, advance: Advance) -> PartedIntake | PartedActivity | Intake:
    """Return the customers of files or of a database in parts, or whole where they cannot come in parts."""
    if request.database is not None:
        return database.read_in_parts(request.database, spool, request.reading, over_files(1, advance))
    return read_parts(request.inputs, spool, options=request.reading, progress=over_files(len(request.inputs), advance))


def _synthetic(request: Request) -> Intake:
    from data_generation import DEFAULT_END, DEFAULT_SEED, DEFAULT_SIZE, generate  # noqa: PLC0415 - slow to import

    source, window = request.source, request.settings.window
    synthetic = generate(
        DEFAULT_SIZE if source.synthetic_size is None else source.synthetic_size,
        seed=DEFAULT_SEED if source.seed is None else source.seed,
        end=DEFAULT_END if window is None else window.end,
        timezone=request.reading.timezone,
    )
    zone = request.reading.timezone
    return intake_of_frame(synthetic.customers, name="synthetic", fingerprint=synthetic.fingerprint, timezone=zone)


def over_files(count: int, advance: Advance) -> Advance:
    """Return a function that turns the share of each file into the share of all, in order."""
    seen: list[str] = []

    def tell(name: str, share: float) -> None:
        if name not in seen:
            seen.append(name)
        advance(f"Reading {name}", (seen.index(name) + share) / count)

    return tell
