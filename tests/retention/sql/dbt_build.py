"""Build and test a written model with dbt itself, and hold its rows against the engine.

    python -m tests.retention.sql.dbt_build DBT    DBT: the program, of an environment that has dbt-duckdb

dbt is no dependency of this project; docs/sql.md says with which versions this was done.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pandas as pd
from sqlglot import exp

from retention.experiment.arms import Experiment, assign as to_arms
from retention.sql.dbt import dbt_files
from retention.sql.engines import ENGINES
from retention.sql.statements import Warehouse
from segmentation_engine import assign, fit
from tests.strategies import cut, policy_of

PROJECT = {
    "dbt_project.yml": "{name: shop, version: '1.0', profile: shop, flags: {send_anonymous_usage_stats: false}}",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}",
    "models/customers.sql": "select * from read_parquet('customers.parquet')",
}
LEAVES = {"low": "it's low", "middle": 'the "rest" \\ of \u00fcs', "high": "{more} & 100 %"}
WORST = "--warn-error-options", '{"error": "all"}'
"""Deprecations are errors, too."""


def main(dbt: str) -> None:
    """Do what the module's docstring says.

    Raises:
        CalledProcessError: dbt did not build it, or a test of it failed.
        AssertionError: Its rows are others than the engine's.
    """
    rng = np.random.default_rng(1)
    values = rng.choice([0.1, 5.0, np.nextafter(5.0, 6.0), 90.0, np.nan], 3_000)
    frame = pd.DataFrame({"user_id": [f"u'{i}" for i in range(len(values))], "avg_order_value": values})
    tree = fit(frame, policy_of(cut("avg_order_value", [5.0, 50.0], LEAVES, "high"), sizes={"min_size": 1}, name="p"))
    trial = Experiment("it's on", {"con'trol": 0.3, "mail": 0.7})
    shop = Warehouse(tree, ENGINES["duckdb"], exp.to_table("customers"), frozenset(map(str, frame)), trial)
    with TemporaryDirectory() as place:
        folder = Path(place)
        for name, text in (PROJECT | dbt_files(shop)).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        frame.to_parquet(folder / "customers.parquet")
        subprocess.run([dbt, *WORST, "build", "--profiles-dir", "."], cwd=folder, check=True)
        with duckdb.connect(str(folder / "shop.duckdb")) as built:
            built.execute(f"SET file_search_path = '{folder}'")
            rows = built.execute("SELECT user_id, segment, arm FROM p").fetchall()
    labels = assign(frame, tree).labels()
    wanted = zip(frame["user_id"], labels, to_arms(frame["user_id"], trial, labels), strict=True)
    assert sorted(rows) == sorted(wanted)
    sys.stdout.write(f"{len(rows):,} rows of dbt are those of the engine\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
