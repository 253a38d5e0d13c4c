"""The whole Monday with a mouse: in how few clicks it is done; `pytest -s` prints the table of clicks and seconds."""

import io
import sys
import zipfile

import pytest
from playwright.sync_api import Page

from tests.browser.monday import first_week, results_of_last_week
from tests.servers.dashboard import Server

pytestmark = pytest.mark.browser_all


def test_from_an_empty_app_to_files_and_from_orders_to_the_lift(page: Page, server: Server) -> None:
    first, content = first_week(page)
    assert first.clicks <= 8
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        assert sum(name.endswith(".csv") for name in files.namelist()) == 5
    second = results_of_last_week(page, server.workspace)
    assert second.clicks <= 3
    sys.stdout.write(f"{first.table}\n{second.table}\n")
