"""Customers as they were read: synthetic ones, uploaded files, and those of a saved period."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from streamlit.runtime.uploaded_file_manager import UploadedFile

from data_generation import generate
from data_ingestion import Intake, ReadOptions, Spool, intake_of_frame, read_customers
from frontend.components.new_period import upload_intake
from frontend.utils import files, runs
from frontend.utils.runs import Progress
from frontend.utils.store import MOST_CUSTOMERS, Store, key_of
from frontend.utils.workspace import SYNTHETIC
from run_store import RunSummary
from workers import job

INTAKES = Store[Intake](entries=8, size=MOST_CUSTOMERS, size_of=lambda intake: intake.accepted, personal=True)


def synthetic(size: int, seed: int, end: date, timezone: str) -> Intake:
    """Return synthetic customers of the 30 days up to a day, read and checked like any others."""

    def make() -> Intake:
        generated = generate(size, seed=seed, end=end, timezone=timezone)
        return intake_of_frame(generated.customers, name=SYNTHETIC, fingerprint=generated.fingerprint)

    return INTAKES.get(key_of("synthetic", size, seed, end, timezone), make)


def uploaded(sent: Sequence[UploadedFile], options: ReadOptions, progress: Progress) -> Intake:
    """Return the rows of uploaded files."""

    def prepare(folder: Path) -> Callable[..., Intake]:
        spooled = replace(options, keep=Spool(folder))
        return partial(read_customers, files.write_all(sent, folder), options=spooled)

    # Names count as well as bytes: the run quotes them as its sources, so a copy under another name is another intake.
    names = [file.name for file in sent]
    key = key_of(*files.digests(sent), *names, *upload_intake.reading_key(options))
    return INTAKES.get(key, lambda: job.done(key, prepare, progress))


def saved(source: RunSummary) -> Intake:
    """Return the customers of a saved period, to analyse them in another way."""
    # Somebody may have been erased since it was listed.
    summary = runs.summary_of(source.id)

    def make() -> Intake:
        run, zone = runs.saved_run(summary), summary.window.timezone
        fingerprint = f"{summary.input_hash}-{summary.erased}"
        return intake_of_frame(run.segmentation.customers, name="saved period", fingerprint=fingerprint, timezone=zone)

    return INTAKES.get(key_of("saved", summary.id, summary.erased), make)
