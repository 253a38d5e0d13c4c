"""Small runs for tests of the report."""

from datetime import date

from analysis import Run, Settings, analyze
from data_generation import generate
from data_ingestion import intake_of_frame
from retention.policy.policy import Policy
from run_store import load_policy

WEEK_END = date(2025, 9, 14)


def synthetic_run(policy: str | Policy = "five-segments", size: int = 3000) -> Run:
    """Return a run of synthetic customers."""
    made = generate(size, seed=7, end=WEEK_END)
    intake = intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)
    return analyze(intake, load_policy(policy) if isinstance(policy, str) else policy, Settings())
