"""Logs in a real browser: one of a known layout, and one whose columns a person has to explain."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.activity_logs import habits
from tests.browser.steps import download, go, metric, number, settle
from tests.browser.test_contrast import faint
from tests.browser.test_upload import PIXEL, run, upload
from tests.cli.commands.test_backtest import event_log

pytestmark = pytest.mark.browser_all

Picture = Callable[[str], None]
PICTURE = "![x](http://127.0.0.1:9/pixel.gif)"
WORDS = {"in den korb": "put into the cart", "gekauft": "bought"}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return event_log(habits(1500), tmp_path_factory.mktemp("logs") / "log.csv").read_bytes()


@pytest.fixture(scope="module")
def clicks(log: bytes) -> bytes:
    """The same log as a shop of its own layout writes it."""
    lines = ["who,stamp,doing,worth"]
    for line in log.decode().splitlines()[1:]:
        time, event, _, _, _, _, price, who, _ = line.split(",")
        lines.append(f"{who},{time.removesuffix(' UTC')},{'in den korb' if event == 'cart' else 'gekauft'},{price}")
    return "\n".join(lines).encode()


def choose(page: Page, label: str, option: str) -> None:
    """Type an option into a choice, as a keyboard user does."""
    box = page.get_by_role("combobox", name=label, exact=True)
    box.click()
    box.fill(option)
    page.keyboard.press("Enter")
    settle(page)


def test_a_log_is_run_looked_into_and_looked_back_on(page: Page, log: bytes, picture: Picture) -> None:
    upload(page, ("log.csv", log))
    expect(page.get_by_text("1,500 customers, 1,500 cart items")).to_be_visible()
    run(page)
    assert 0 < number(metric(page, "Abandoners")) < 1500
    expect(page.get_by_test_id("stMain").get_by_text("modelled", exact=True).first).to_be_visible()
    go(page, "Data quality")
    expect(page.get_by_role("heading", name="Conversion potential")).to_be_visible()
    expect(page.get_by_test_id("stTable").get_by_text("REES46 event log")).to_be_visible()
    settle(page)
    picture("log-quality")
    go(page, "Backtest")
    expect(page.get_by_role("heading", name="Are the probabilities right?")).to_be_visible()
    assert number(metric(page, "Learned from")) > 200
    settle(page)
    picture("backtest")


def test_a_layout_of_its_own_is_explained_once_and_run(page: Page, clicks: bytes) -> None:
    upload(page, ("clicks.csv", clicks))
    choose(page, "One row is", "an event")
    for label, header in (("Customer", "who"), ("Time", "stamp"), ("What happened", "doing"), ("Total", "worth")):
        choose(page, label, header)
    for word, meaning in WORDS.items():
        choose(page, word, meaning)
    page.get_by_role("button", name="Use this mapping").click()
    expect(page.get_by_text("1,500 customers, 1,500 cart items")).to_be_visible()
    name, content = download(page, "Download mapping")
    assert name == "column_mapping.yaml"
    assert b"in den korb: cart" in content
    run(page)
    assert 0 < number(metric(page, "Abandoners")) < 1500


def test_hostile_names_and_words_stay_text_in_the_questions(page: Page) -> None:
    lines = [f'{PICTURE},when,"<script>alert(1)</script>"']
    lines += [f'c{n},2025-09-0{1 + n % 9},"{PIXEL if n % 2 else "=1+1"}"' for n in range(40)]
    upload(page, ("clicks.csv", "\n".join(lines).encode()))
    choose(page, "One row is", "an event")
    choose(page, "What happened", "<script>")
    expect(page.get_by_text("=1+1", exact=True)).to_be_visible()
    expect(page.get_by_text("<img src=x onerror=alert(1)>").last).to_be_visible()
    assert page.locator("img[src*='pixel'], img[onerror]").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_questions_and_the_look_back_can_be_read(page: Page, log: bytes, clicks: bytes) -> None:
    upload(page, ("clicks.csv", clicks))
    choose(page, "One row is", "an event")
    choose(page, "What happened", "doing")
    faults = faint(page, 20)
    page.reload()
    upload(page, ("log.csv", log))
    expect(page.get_by_text("1,500 customers")).to_be_visible()
    go(page, "Backtest")
    expect(page.get_by_role("heading", name="Are the probabilities right?")).to_be_visible()
    # The walk takes what clips a chart for something painted behind its texts.
    faults += [fault for fault in faint(page, 40) if not fault.startswith("stPlotlyChart")]
    assert not faults
