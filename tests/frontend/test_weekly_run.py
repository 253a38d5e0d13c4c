"""The page Weekly run: shop.yaml out of fields, shown, and written beside the workspace."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.frontend.opening import dashboard
from tests.frontend.test_pages import texts
from weekly.config import read_shop, shop_of, write_shop

PAGE = "views/weekly_run.py"


@pytest.fixture
def page(root: Path) -> AppTest:
    return dashboard(root).switch_page(PAGE).run()


@pytest.fixture
def path(workspace: Path) -> Path:
    return workspace.parent / "shop.yaml"


def test_fields_make_a_file_that_is_shown_and_written(page: AppTest, path: Path) -> None:
    page = page.text_area(key="shop-files").set_value("exports/*.csv\nmore").run()
    page.text_input(key="shop-experiment").set_value("autumn")
    page.number_input(key="shop-share").set_value(25.0)
    page = page.text_area(key="shop-to").set_value("env:SHOP_MAIL").run()
    assert "experiment: autumn" in page.code[0].value
    assert not path.exists()
    page = page.button(key="shop-write").click().run()
    shop = read_shop(path)
    assert not page.exception
    assert page.button(key="shop-write").disabled
    assert shop.source.files == ("exports/*.csv", "more")
    assert shop.holdout is not None
    assert (shop.holdout.experiment, shop.holdout.share) == ("autumn", 0.25)
    assert shop.messages.to == ("env:SHOP_MAIL",)
    assert shop.at(shop.workspace) == path.parent / "workspace"


def test_what_has_no_field_stays_as_the_file_says(root: Path, path: Path) -> None:
    data = {"source": {"files": ["a.csv"]}, "reading": {"date_order": "dmy"}, "keep_weeks": 9, "policy": "mine.yaml"}
    write_shop(path, shop_of(data, path))
    page = dashboard(root).switch_page(PAGE).run()
    assert page.selectbox(key="shop-policy").value == "mine.yaml"
    page = page.selectbox(key="shop-platform").set_value("klaviyo").run().button(key="shop-write").click().run()
    shop = read_shop(path)
    assert (shop.audiences.platform, shop.reading.date_order, shop.keep_weeks) == ("klaviyo", "dmy", 9)


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("shop-files", "", "give files, or a database with its query"),
        ("shop-to", "mailtos://me:secret@example.com", "messages.to"),
    ],
)
def test_what_cannot_be_is_said_with_its_path_and_not_written(
    key: str, typed: str, said: str, page: AppTest, path: Path
) -> None:
    page = page.text_area(key=key).set_value(typed).run()
    assert said.lower() in texts(page.error).lower()
    assert "secret" not in texts(page.error)
    assert not path.exists()


@pytest.mark.parametrize("leaves", ["/etc/*.csv", "../others", "~/exports", "exports/../../x"])
def test_a_path_out_of_the_folder_is_not_written_from_here(leaves: str, page: AppTest, path: Path) -> None:
    page = page.text_area(key="shop-files").set_value(leaves).run().button(key="shop-write").click().run()
    assert "leads out of the folder" in texts(page.error)
    assert not path.exists()


def test_a_file_that_cannot_be_read_is_told(root: Path, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("version: [", encoding="utf-8")
    page = dashboard(root).switch_page(PAGE).run()
    assert not page.exception
    assert "The fields start empty" in texts(page.warning)
