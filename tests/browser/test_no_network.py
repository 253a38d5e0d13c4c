"""No page asks another host for anything: every page is opened, with a run and without, and the fixture watches."""

import tomllib

import pytest
from playwright.sync_api import Page, Route

from tests.browser.steps import go, run_synthetic, visit_all
from tests.browser.watch import Watch
from tests.servers.dashboard import ROOT, Server

pytestmark = pytest.mark.browser_all


def test_no_page_calls_another_host(page: Page, watch: Watch) -> None:
    empty = visit_all(page)
    go(page, "New Analysis Period")
    run_synthetic(page)
    assert visit_all(page) == empty
    assert len(empty) == len(set(empty)) >= 2
    assert not watch.faults


def test_the_pages_work_where_there_is_no_network_at_all(page: Page, server: Server) -> None:
    def only_ours(route: Route) -> None:
        if route.request.url.startswith((server.url, "data:", "blob:")):
            route.continue_()
        else:
            route.abort()

    page.context.route("**/*", only_ours)
    page.reload()
    run_synthetic(page)
    visit_all(page)


def test_usage_statistics_are_off_by_the_settings_that_everyone_starts_with() -> None:
    settings = tomllib.loads((ROOT / "frontend" / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["browser"]["gatherUsageStats"] is False
