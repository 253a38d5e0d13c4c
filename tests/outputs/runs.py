"""Small runs whose data is in sight."""

from pathlib import Path

import pandas as pd

from analysis import Run, Settings, analyze
from data_generation import generate
from data_ingestion import intake_of_frame, read_customers
from retention.policy.policy import Sizes
from run_store import load_policy

HEADER = "user_id,cart_abandoned_date,avg_order_value,engagement_score,first_name,email_consent\n"


def table(rows: int = 60) -> str:
    """Return a CSV of customers `00000`, ... of a week in September 2025; their names hold what breaks files."""
    names = ["Ann", '"Bo", the\nSecond', "=1+1", "", " -x", "Zoë", "a,b"]
    lines = []
    for i in range(rows):
        name = names[i % len(names)].replace('"', '""')
        consent = ("yes", "no", "")[i % 3]
        lines.append(f'{i:05},2025-09-{24 + i % 7},{i * 1.5:g},{i % 10 / 10},"{name}",{consent}\n')
    return HEADER + "".join(lines)


def run_of(folder: Path, text: str, policy: str = "five-segments", **settings: object) -> Run:
    """Return the run of a CSV text."""
    path = folder / "shop.csv"
    path.write_text(text, encoding="utf-8")
    return analyze(read_customers([path]), load_policy(policy), Settings(**settings))  # type: ignore[arg-type]


def run_of_frame(frame: pd.DataFrame, policy: str = "five-segments") -> Run:
    """Return the run of a typed frame, every segment as small as it likes."""
    intake = intake_of_frame(frame, name="frame", fingerprint="x", timezone="Europe/Berlin")
    settings = Settings(timezone="Europe/Berlin", sizes=Sizes(min_size=1))
    return analyze(intake, load_policy(policy), settings)


def synthetic_run(size: int = 2_000, policy: str = "five-segments", max_size: int = 20_000) -> Run:
    """Return the run of synthetic customers."""
    made = generate(size)
    intake = intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)
    return analyze(intake, load_policy(policy), Settings(sizes=Sizes(max_size=max_size)))
