from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data_ingestion import Intake, ReadOptions, read_customers

Read = Callable[..., Intake]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write text or bytes to a file and read it as customers; keyword arguments are `ReadOptions`."""

    def read_content(content: str | bytes, *, name: str = "customers.csv", **options: Any) -> Intake:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_customers([path], options=ReadOptions(**options))

    return read_content
