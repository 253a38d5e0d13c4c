from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data_ingestion import Intake, read_customers
from tests.soak.fuzz_rows import Written, difference, soak, write


def test_fuzzed_rows_are_accepted_or_set_aside_exactly_once(tmp_path: Path) -> None:
    done = list(soak(6_000, 7, tmp_path, size=500))
    assert (done[-1].files, done[-1].rows) == (12, 6_000)
    assert 90 < done[-1].quarantined < 270


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[Written, Intake]:
    written = write(1_000, np.random.default_rng(3))
    path = tmp_path_factory.mktemp("soak") / "rows"
    path.write_bytes(written.content)
    return written, read_customers([path])


@pytest.mark.parametrize("field", ["ids", "seconds", "cents", "sessions", "lines", "reasons"])
def test_a_row_that_was_read_wrongly_is_noticed(field: str, rows: tuple[Written, Intake]) -> None:
    written, intake = rows
    assert difference(written, intake) == ""
    changed: Any
    if field == "ids":
        changed = [*written.ids[:-1], "other"]
    else:
        held = getattr(written, field).copy()
        held[-1] = "infinite" if field == "reasons" else held[-1] + 1
        changed = held
    assert written.reasons[-1] == ""
    assert difference(replace(written, **{field: changed}), intake) != ""
