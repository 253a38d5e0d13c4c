"""The whole Monday on a phone: nothing is wider than its 390 pixels, and it takes no more taps."""

import pytest
from playwright.sync_api import Page

from tests.browser.monday import first_week, results_of_last_week
from tests.servers.dashboard import Server

pytestmark = pytest.mark.browser_all


@pytest.mark.parametrize("viewport", [(390, 844)])
def test_a_phone_takes_the_same_way(page: Page, server: Server) -> None:
    assert first_week(page)[0].clicks <= 8
    assert results_of_last_week(page, server.workspace).clicks <= 3
