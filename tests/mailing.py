"""An experiment in the form of Hillstrom's: three arms, no identifier, and rows that repeat and are distinct people."""

from pathlib import Path

import numpy as np
import pandas as pd

ARMS = ("No E-Mail", "Mens E-Mail", "Womens E-Mail")
VISITED, BOUGHT = np.array([0.10, 0.18, 0.15]), np.array([0.02, 0.05, 0.03])


def mailing(size: int = 9_000, seed: int = 3) -> pd.DataFrame:
    """Return customers in arms of equal size; `recency` to `channel` are coarse, so many rows repeat."""
    rng = np.random.default_rng(seed)
    arm = np.arange(size) % 3
    visit = rng.random(size) < VISITED[arm]
    bought = visit & (rng.random(size) < (BOUGHT / VISITED)[arm])
    history = np.where(rng.random(size) < 0.4, 29.99, np.round(30 + 400 * rng.random(size) ** 2, 2))
    spent = np.where(rng.random(size) < 0.3, 29.99, np.round(120 * rng.random(size), 2))
    return pd.DataFrame(
        {
            "recency": rng.integers(1, 13, size),
            "history": history,
            "zip_code": rng.choice(["Urban", "Surburban", "Rural"], size),
            "channel": rng.choice(["Phone", "Web", "Multichannel"], size),
            "segment": np.array(ARMS)[arm],
            "visit": visit.astype(int),
            "conversion": bought.astype(int),
            "spend": np.where(bought, spent, 0.0),
        }
    )


def mailing_file(folder: Path, table: pd.DataFrame) -> Path:
    """Write the experiment as a file."""
    path = folder / "mailing.csv"
    table.to_csv(path, index=False)
    return path
