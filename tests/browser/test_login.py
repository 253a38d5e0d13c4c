"""Login in a real browser, through a provider on this machine: nothing is shown before, and all of it after."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import looks, run_synthetic
from tests.browser.watch import Watch
from tests.servers.dashboard import Server, running
from tests.servers.provider import Provider, auth_section, serving

pytestmark = pytest.mark.browser_all

PEOPLE = {
    "Ada": {"sub": "1", "name": "Ada *Lovelace*", "email": "ada@shop.example", "email_verified": True},
    "Eve": {"sub": "2", "name": "Eve", "email": "eve@elsewhere.example", "email_verified": True},
    "Bob": {"sub": "3", "name": "Bob", "email": "bob@shop.example", "email_verified": False},
}
ACCESS = '[access]\ndomains = ["shop.example"]\n'


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with serving(PEOPLE) as started:
        yield started


@pytest.fixture(scope="module")
def server(provider: Provider, script: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    workspace = tmp_path_factory.mktemp("workspace")
    (workspace / ".streamlit").mkdir()
    (workspace / ".streamlit" / "secrets.toml").write_text(auth_section(provider) + ACCESS, encoding="utf-8")
    with running(script, workspace) as started:
        yield started


@pytest.fixture
def watch(server: Server, provider: Provider) -> Watch:
    return Watch(urlsplit(server.url).netloc, (provider.netloc,))


def log_in(page: Page, name: str) -> None:
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_url(lambda url: "/authorize" not in url)


def is_inside(page: Page) -> None:
    expect(page.get_by_role("heading", name="No analysis yet")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/tree"])
def test_before_the_login_no_page_is_shown(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    expect(page.get_by_test_id("stTopNav")).to_have_count(0)
    assert page.get_by_text("New Analysis Period").count() == 0
    assert page.get_by_role("dialog").count() == 0


def test_a_person_logs_in_works_and_logs_out(page: Page, provider: Provider) -> None:
    log_in(page, "Ada")
    is_inside(page)
    expect(page.get_by_test_id("stMain").get_by_text("Ada *Lovelace*")).to_be_visible()
    page.reload()
    is_inside(page)
    before = len(provider.ended)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert len(provider.ended) == before + 1
    page.reload()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


@pytest.mark.parametrize("name", ["Eve", "Bob"])
def test_a_person_without_access_is_told_so_and_sees_nothing(page: Page, name: str) -> None:
    log_in(page, name)
    expect(page.get_by_test_id("stAlert")).to_contain_text(f"{name.lower()}@")
    assert page.get_by_text("New Analysis Period").count() == 0
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_another_browser_is_not_logged_in(page: Page, server: Server, watch: Watch) -> None:
    log_in(page, "Ada")
    is_inside(page)
    assert page.context.browser is not None
    other = watch.context(page.context.browser)
    fresh = other.new_page()
    fresh.goto(server.url)
    expect(fresh.get_by_role("button", name="Log in")).to_be_visible()
    other.close()


def test_a_forged_cookie_opens_nothing(page: Page, server: Server) -> None:
    forged = '{"is_logged_in": true, "email": "ada@shop.example", "name": "Ada"}'
    page.context.add_cookies([{"name": "_streamlit_user", "value": forged, "url": server.url}])
    page.reload()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


@looks(desk=(1440, 1080))
def test_the_login_page_looks_like_the_dashboard(
    page: Page, theme: str, viewport: tuple[int, int], picture: Callable[[str], None]
) -> None:
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    picture(f"login-{theme}" if viewport[0] > 600 else f"login-phone-{theme}")
    wide = page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth")
    assert wide <= 1


def test_a_link_leads_back_to_its_analysis_after_the_login(page: Page, server: Server, watch: Watch) -> None:
    log_in(page, "Ada")
    run_synthetic(page)
    page.wait_for_url("**/segments?run=*")
    link = page.url
    assert page.context.browser is not None
    other = watch.context(page.context.browser, base_url=server.url)
    fresh = other.new_page()
    fresh.goto(link)
    log_in(fresh, "Ada")
    expect(fresh.get_by_role("heading", name="Whom to contact")).to_be_visible()
    fresh.wait_for_url(f"{server.url}/?{urlsplit(link).query}")
    other.close()
