from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from data_generation import generate, write_csv
from data_ingestion import ReadOptions, read_customers
from retention.customers.contracts import CONTRACT

DERIVED_SCORES = ("engagement_score", "profitability_score")
GOLDEN = "d35abe73b389f0c4c9373a86dfe086f967256b06a8521f47b0d79f27d2b42175"


def read_back(path: Path, timezone: str) -> pd.DataFrame:
    """Return the customers of a file, read as text and cast column by column."""
    text = pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])
    times = {
        name: pd.to_datetime(text[name]).dt.as_unit("us").dt.tz_localize(timezone, nonexistent="shift_forward")
        for name in ("cart_abandoned_date", "first_order_date", "last_order_date")
    }
    numbers = {column.name: text[column.name].astype("float64") for column in CONTRACT if column.kind == "number"}
    consent = text["email_consent"].map({"yes": True, "no": False}).astype("boolean")
    return text.assign(**times, **numbers, email_consent=consent)


def test_a_small_file_has_its_known_bytes(tmp_path: Path) -> None:
    write_csv(generate(200, seed=7), tmp_path / "customers.csv")
    assert sha256((tmp_path / "customers.csv").read_bytes()).hexdigest() == GOLDEN


@pytest.mark.parametrize("timezone", ["UTC", "Europe/Berlin", "America/Santiago"])
def test_a_file_read_back_gives_the_same_customers(tmp_path: Path, timezone: str) -> None:
    synthetic = generate(3_000, timezone=timezone, days=365)
    write_csv(synthetic, tmp_path / "customers.csv")
    pd.testing.assert_frame_equal(read_back(tmp_path / "customers.csv", timezone), synthetic.customers)


@pytest.mark.parametrize("timezone", ["UTC", "Europe/Berlin"])
def test_the_ingestion_accepts_every_customer_unchanged(tmp_path: Path, timezone: str) -> None:
    customers = generate(3_000, timezone=timezone, days=365).customers
    write_csv(generate(3_000, timezone=timezone, days=365), tmp_path / "customers.csv")
    intake = read_customers([tmp_path / "customers.csv"], options=ReadOptions(timezone=timezone))
    assert (intake.read, len(intake.rows), len(intake.quarantine)) == (3_000, 3_000, 0)
    # The ingestion derives missing scores, and only those.
    accepted = intake.rows[customers.columns.tolist()]
    known = {name: accepted[name].where(customers[name].notna()) for name in DERIVED_SCORES}
    pd.testing.assert_frame_equal(accepted.assign(**known), customers)


def test_cells_look_like_a_shops_export(tmp_path: Path) -> None:
    write_csv(generate(2_000), tmp_path / "customers.csv")
    text = pd.read_csv(tmp_path / "customers.csv", dtype="str", keep_default_na=False)
    assert text["cart_abandoned_date"].str.fullmatch(r"2025-09-\d\d \d\d:\d\d:\d\d").all()
    assert text["first_order_date"].equals(
        text["last_order_date"].where(text["order_count"] == "1", text["first_order_date"])
    )
    assert text["last_order_date"].str.fullmatch(r"(\d{4}-\d\d-\d\d)?").all()
    assert text["sessions_last_30d"].str.fullmatch(r"\d*").all()
    assert text["avg_order_value"].str.fullmatch(r"(\d+(\.\d\d?)?)?").all()
    assert set(text["email_consent"]) == {"yes", "no", ""}


def test_a_write_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("old")
    write_csv(generate(3), str(path))
    assert len(path.read_text(encoding="utf-8").splitlines()) == 4
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_previous_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="disk full"):
        write_csv(generate(3), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
