"""Local times that do not exist or exist twice, also where clocks change by half an hour."""

import numpy as np
import pytest

from data_ingestion.cells.local_time import in_zone


@pytest.mark.parametrize(
    ("timezone", "naive", "read"),
    [
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:30:00+11:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:00", "2026-10-04T02:30:00+11:00"),
        ("Asia/Pyongyang", "2018-05-04T23:45", "2018-05-05T00:00:00+09:00"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-31T00:00:00+14:00"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T03:00:00+02:00"),
    ],
)
def test_a_time_that_the_clock_jumps_over_is_moved_to_the_jump(timezone: str, naive: str, read: str) -> None:
    micros = np.array([naive, "2026-01-01T00:00", "NaT"], dtype="datetime64[us]").view(np.int64)
    times, skipped, repeated = in_zone(micros, None, timezone)
    assert (times[0].isoformat(), skipped, repeated) == (read, 1, 0)
    assert (times[1].tz_localize(None).isoformat(), times.isna().tolist()) == (
        "2026-01-01T00:00:00",
        [False, False, True],
    )


def test_the_half_hour_that_exists_twice_is_read_as_the_first() -> None:
    texts = ["2026-04-05T01:29", "2026-04-05T01:30", "2026-04-05T01:59", "2026-04-05T02:00"]
    times, skipped, repeated = in_zone(
        np.array(texts, dtype="datetime64[us]").view(np.int64), None, "Australia/Lord_Howe"
    )
    assert (skipped, repeated) == (0, 2)
    assert [time.isoformat()[-6:] for time in times] == ["+11:00", "+11:00", "+11:00", "+10:30"]
