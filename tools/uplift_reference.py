"""Write what causalml says of AUUC and Qini, as values that the tests compare with.

causalml pins too much for the environment of the project, so this runs in one of its own:

    python3 -m venv causal && causal/bin/pip install causalml==0.18.0
    causal/bin/python tools/uplift_reference.py hillstrom.csv.gz tests/data/uplift/causalml.json
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd


def cases(hillstrom: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield a name and `y` (outcome), `w` (treated) and `score` (no two alike) of each comparison."""
    table = pd.read_csv(hillstrom)
    for arm in ("Womens E-Mail", "Mens E-Mail"):
        part = table[table["segment"].isin(["No E-Mail", arm])].reset_index(drop=True)
        for column in ("history", "recency"):
            # Ties are broken by the place in the file.
            score = part[column].rank(method="first")
            for outcome in ("visit", "conversion", "spend"):
                frame = pd.DataFrame({"y": part[outcome], "w": (part["segment"] == arm).astype(int), "score": score})
                yield f"{arm}, {outcome} by {column}", frame.astype(np.float64)


def main(hillstrom: Path, target: Path) -> None:
    """Write the values of all comparisons: not normalised, as sums over customers."""
    from causalml.metrics import auuc_score, qini_score  # noqa: PLC0415 - only where causalml is installed

    found = {
        name: {
            "auuc": float(auuc_score(frame, normalize=False)["score"]),
            "qini": float(qini_score(frame, normalize=False)["score"]),
        }
        for name, frame in cases(hillstrom)
    }
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"causalml": "0.18.0", "values": found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
