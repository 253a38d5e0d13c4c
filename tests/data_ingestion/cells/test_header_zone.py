"""Zones that headers name go before the shop's."""

import pytest

from data_ingestion.cells.header_zone import header_zone
from data_ingestion.formats.column_mapping import ColumnMapping
from tests.data_ingestion.conftest import Read

HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("header", "name", "hours"),
    [
        ("Created (UTC)", "UTC", 0),
        ("Created date (UTC)", "UTC", 0),
        ("created_at_utc", "UTC", 0),
        ("createdAtUtc", "UTC", 0),
        ("order_date_gmt", "UTC", 0),
        ("Datum (GMT+2)", "UTC+02:00", 2),
        ("Time (UTC-05:30)", "UTC-05:30", -5.5),
        ("When (+0900)", "UTC+09:00", 9),
        ("Outcome", "", 0),
        ("Created at", "", 0),
        ("Butchered", "", 0),
        ("Created (local time)", "", 0),
        ("Abandoned Date UTC+02:00", "UTC+02:00", 2),
        ("Created at GMT+1", "UTC+01:00", 1),
        ("Date UTC\u221205:00", "UTC-05:00", -5),
        ("created (UTC+2h)", "UTC+02:00", 2),
        ("Date +0200", "UTC+02:00", 2),
        ("Time (Etc/GMT+1)", "Etc/GMT+1", 0),
        ("Time (Central European Time)", "Europe/Berlin", 0),
        ("Pacific Time", "America/Los_Angeles", 0),
        ("Created New York Time", "America/New_York", 0),
        ("Fecha (Madrid)", "Europe/Madrid", 0),
        ("Time europe/berlin", "Europe/Berlin", 0),
        ("Date JST", "Asia/Tokyo", 0),
        ("Date CET", "CET", 0),
        ("Created UTC+5.5", "UTC+5.5", 0),
        ("DATE LAST", "", 0),
        ("Date/Time (dd/mm/yyyy)", "", 0),
        ("Order date time", "", 0),
    ],
)
def test_a_header_names_its_offset(header: str, name: str, hours: float) -> None:
    stated = header_zone(header)
    assert (stated.name, stated.offset / HOUR) == (name, hours)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Created date (UTC)", "2025-09-01 19:38:54-07:00"),
        ("Created (GMT+2)", "2025-09-01 17:38:54-07:00"),
        ("Created (Europe/Berlin)", "2025-09-01 17:38:54-07:00"),
        ("Created", "2025-09-02 02:38:54-07:00"),
        ("Created (PST)", "2025-09-02 02:38:54-07:00"),
        ("Created CET", "2025-09-02 02:38:54-07:00"),
        ("Created UTC+5.5", "2025-09-02 02:38:54-07:00"),
        ("Created UTC+02:00", "2025-09-01 17:38:54-07:00"),
        ("Created Central European Time", "2025-09-01 17:38:54-07:00"),
        ("Created (Pacific Standard Time)", "2025-09-02 02:38:54-07:00"),
        ("Created (Eastern Time (US & Canada))", "2025-09-01 23:38:54-07:00"),
        ("Created (Japan Standard Time)", "2025-09-01 10:38:54-07:00"),
    ],
)
def test_times_are_in_the_zone_of_their_header(header: str, expected: str, read: Read) -> None:
    mapping = ColumnMapping("customers", {"user_id": "id", "cart_abandoned_date": header})
    text = f"id,{header}\nk1,2025-09-02 02:38:54\n"
    intake = read(text, mappings=(mapping,), timezone="America/Los_Angeles")
    assert str(intake.rows["cart_abandoned_date"].iloc[0]) == expected
    assert bool(intake.warnings) == (header != "Created")


def test_a_zone_behind_a_name_that_is_known_leaves_it_known_and_a_time_of_day_may_name_it(read: Read) -> None:
    for header in ("Abandoned Date UTC+02:00", "Abandoned Date,Time (GMT+2)"):
        cells = "2025-09-02 02:38:54".replace(" ", " " if "Time" not in header else ",")
        intake = read(f"Email,Cart Total,{header}\na@example.com,5,{cells}\n")
        assert intake.activity is not None
        assert intake.activity.time.tolist() == [1756773534000000]
        assert any("are read in UTC+02:00, as the header says" in warning for warning in intake.warnings)


def test_a_column_of_zones_is_told(read: Read) -> None:
    text = "user_id,cart_abandoned_date,{}\na,2025-09-02 02:00:00,PDT\n"
    assert any("time zones of rows in 'TimeZone'" in each for each in read(text.format("TimeZone")).warnings)
    assert not read(text.format("Zone of delivery")).warnings


def test_an_offset_in_the_cell_goes_before_the_header(read: Read) -> None:
    mapping = ColumnMapping("customers", {"user_id": "id", "cart_abandoned_date": "at (UTC)"})
    text = "id,at (UTC)\na,2025-09-02 02:00:00+02:00\nb,2025-09-02 02:00:00\n"
    intake = read(text, mappings=(mapping,), timezone="Europe/Berlin")
    assert intake.rows["cart_abandoned_date"].dt.hour.tolist() == [2, 4]


def test_a_day_is_the_same_day_in_any_zone(read: Read) -> None:
    mapping = ColumnMapping("customers", {"user_id": "id", "cart_abandoned_date": "day (UTC)"})
    intake = read("id,day (UTC)\na,2025-09-02\n", mappings=(mapping,), timezone="America/Los_Angeles")
    assert str(intake.rows["cart_abandoned_date"].iloc[0]) == "2025-09-02 00:00:00-07:00"


def test_a_checkout_of_stripe_is_in_utc(read: Read) -> None:
    columns = {"email": "Customer Email", "time": "Created date (UTC)", "order": "id", "total": "Amount"}
    text = "id,Created date (UTC),Customer Email,Amount\nk1,2025-09-02 02:38:54,a@example.com,15\n"
    intake = read(text, mappings=(ColumnMapping("checkouts", columns),), timezone="America/Los_Angeles")
    assert intake.activity is not None
    assert intake.activity.time.tolist() == [1756780734000000]
    assert "customers.csv: times of 'Created date (UTC)' are read in UTC, as the header says" in intake.warnings
