"""Saved periods, links and settings without a browser."""

import io
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import frontend.utils.runs
from frontend.utils.workspace import titles
from retention.errors import WorkspaceError
from run_store import Workspace
from run_store.catalog import FILE, Catalog
from tests.frontend.opening import SUMMARY, WEEK, address, analyse, at_address, dashboard, form

NEXT = date(2025, 9, 8)


def fresh(root: Path, run: str = "") -> AppTest:
    return at_address(root, run).run()


def summary(page: AppTest) -> AppTest:
    return page.switch_page(SUMMARY).run()


def analysed(page: AppTest, first: date = WEEK, size: int = 3000) -> AppTest:
    page = form(page)
    page.date_input(key="period-first-day").set_value(first)
    page.number_input(key="synthetic-size").set_value(size)
    return analyse(page)


def named(page: AppTest, name: str) -> AppTest:
    page.text_input(key="save-name").set_value(name)
    return next(button for button in page.button if button.label == "Save").click().run()


@pytest.fixture
def opened(root: Path) -> AppTest:
    return form(dashboard(root))


@pytest.fixture
def own(opened: AppTest) -> AppTest:
    return analysed(opened)


def texts(elements: Iterable[Any]) -> str:
    said = (f"{getattr(element.proto, 'title', '')} {element.value}" for element in elements)
    return "\n".join(said).replace("\\", "")


def numbers(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def periods_page(page: AppTest) -> AppTest:
    return page.switch_page("views/periods.py").run()


def settings_page(page: AppTest) -> AppTest:
    return page.switch_page("views/settings.py").run()


def submit(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def runs(folder: Path) -> list[str]:
    return [summary.id for summary in Catalog(folder).summaries()]


def test_an_analysis_is_kept_under_its_address_without_being_listed(own: AppTest, workspace: Path) -> None:
    assert runs(workspace) == [address(own)]
    assert Workspace(workspace).periods() == ()


def test_a_link_opens_the_analysis_in_another_session(finished: AppTest, root: Path) -> None:
    other = fresh(root, address(finished))
    assert not other.exception
    other = summary(other)
    assert numbers(other) == numbers(finished)
    assert address(other) == address(finished)
    assert numbers(other.switch_page("views/tree.py").run().switch_page("views/segments.py").run()) == numbers(finished)


@pytest.mark.parametrize("run_id", ["0123456789abcdef", "../../etc/passwd", "<b>"])
def test_a_link_to_no_analysis_says_so_and_shows_the_way(root: Path, run_id: str) -> None:
    page = fresh(root, run_id)
    assert not page.exception
    assert "There is no such saved analysis" in texts(page.error)
    assert "No analysis yet" in texts(page.header)


def test_a_new_analysis_after_a_dead_link_clears_the_message(root: Path) -> None:
    page = form(fresh(root, "0123456789abcdef"))
    page = analysed(page)
    assert not page.error
    assert re.fullmatch("[0-9a-f]{16}", address(page))


def test_the_same_analysis_is_kept_once(own: AppTest, workspace: Path) -> None:
    again = analyse(form(own))
    assert runs(workspace) == [address(again)]


def test_a_disk_that_takes_nothing_leaves_the_result_on_screen(
    opened: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> str:
        raise WorkspaceError("cannot be written (no space left on device)", hint="Free some space")

    monkeypatch.setattr(Workspace, "save", full)
    page = analysed(opened)
    assert not page.exception
    assert "This analysis is not saved" in texts(page.warning)
    assert "Free some space" in texts(page.warning)
    assert numbers(page)["Assigned"] == "100\u00a0%"
    assert address(page) == ""
    still = page.switch_page("views/tree.py").run()
    assert "No analysis yet" not in texts(still.header)


def test_a_name_lists_the_analysis(finished: AppTest, workspace: Path) -> None:
    page = named(finished, "Week 36")
    assert [summary.name for summary in Workspace(workspace).periods()] == ["Week 36"]
    assert "Saved as Week 36." in texts(page.success)
    assert "Week 36" in page.selectbox(key="week").options[0]
    assert not [each for each in page.text_input if each.key == "save-name"]


def test_a_name_left_empty_is_the_week(finished: AppTest, workspace: Path) -> None:
    named(finished, "")
    assert [summary.name for summary in Workspace(workspace).periods()] == ["Week of 1 Sep 2025"]


def test_no_periods_says_what_to_do(opened: AppTest) -> None:
    page = periods_page(opened)
    assert not page.exception
    assert "No saved weeks yet" in texts(page.header)


def test_a_damaged_catalog_is_said_and_breaks_no_page(finished: AppTest, workspace: Path) -> None:
    (workspace / FILE).write_bytes(b"not a catalog")
    page = periods_page(finished)
    assert not page.exception
    assert "catalog cannot be used" in texts(page.error)


def test_the_list_has_each_period_with_its_numbers(finished: AppTest) -> None:
    before = numbers(finished)
    table = periods_page(named(finished, "Week 36")).dataframe[0].value
    assert table["Name"].tolist() == ["Week 36"]
    assert f"{table['Customers'][0]:,}" == before["Abandoners"]
    assert table["Value at stake"][0] == before["Value at stake"]
    assert table["Expected profit"][0] == before["Expected profit"]


def test_opening_a_period_shows_it_on_the_summary(finished: AppTest, root: Path) -> None:
    run_id, before = address(finished), numbers(finished)
    named(finished, "Week 36")
    other = periods_page(fresh(root)).button(key="open-period").click().run()
    assert not other.exception
    assert address(other) == run_id
    assert numbers(other) == before


def test_renaming_shows_at_once(finished: AppTest, workspace: Path) -> None:
    page = periods_page(named(finished, "Week 36"))
    page.text_input(key=f"rename-{address(page)}").set_value("First week")
    page = submit(page, "Rename")
    assert page.dataframe[0].value["Name"].tolist() == ["First week"]
    assert "First week" in page.selectbox(key="week").options[0]
    page.text_input(key=f"rename-{address(page)}").set_value(" ")
    assert "needs a name" in texts(submit(page, "Rename").error)
    assert [summary.name for summary in Workspace(workspace).periods()] == ["First week"]


def test_deleting_asks_first_and_takes_the_result_off_the_screen(finished: AppTest, workspace: Path) -> None:
    page = periods_page(named(finished, "Week 36"))
    page = page.button(key="delete-period").click().run()
    assert "removed from the disk for good" in texts(page.markdown)
    assert len(Workspace(workspace).periods()) == 1
    page = page.button(key="delete-yes").click().run()
    assert not page.exception
    assert Workspace(workspace).periods() == ()
    assert "Deleted Week 36." in texts(page.success)
    assert address(page) == ""
    assert "No analysis yet" in texts(page.switch_page("views/segments.py").run().header)


def test_a_period_deleted_elsewhere_leaves_the_screen_with_a_message(finished: AppTest, workspace: Path) -> None:
    page = named(finished, "Week 36")
    Workspace(workspace).delete(address(page))
    page = page.run()
    assert "The saved week was deleted" in texts(page.error)
    assert "No analysis yet" in texts(page.header)


def test_an_unlisted_run_that_was_pruned_stays_on_screen(finished: AppTest, workspace: Path) -> None:
    before = numbers(finished)
    Workspace(workspace).delete(address(finished))
    assert numbers(finished.run()) == before


def test_an_exported_period_comes_back(finished: AppTest, workspace: Path) -> None:
    page = periods_page(named(finished, "Week 36"))
    content = Workspace(workspace).exported(address(page))
    Workspace(workspace).delete(address(page))
    page = page.run()
    page.file_uploader(key="import-file").upload("week.period.zip", content)
    page = submit(page, "Import")
    assert not page.exception
    assert "Imported" in texts(page.success)
    assert [summary.name for summary in Workspace(workspace).periods()] == ["Week 36"]


def test_a_file_that_is_no_export_is_refused(opened: AppTest, workspace: Path) -> None:
    page = periods_page(opened)
    page.file_uploader(key="import-file").upload("week.zip", b"PK, but not really")
    page = submit(page, "Import")
    assert "not an exported week" in texts(page.error)
    assert Workspace(workspace).periods() == ()
    assert "No file was chosen" in texts(submit(page, "Import").error)


def test_erasing_needs_the_id_twice_and_reaches_runs_without_a_name(own: AppTest, workspace: Path) -> None:
    run_id = address(own)
    user_id = str(Workspace(workspace).open(run_id).rows([0]).customers["user_id"].iloc[0])
    page = periods_page(own)
    page = page.text_input(key="erase-id").set_value(user_id).run()
    assert "1 saved analysis" in texts(page.markdown)
    assert page.button(key="erase").disabled
    page = page.text_input(key="erase-again").set_value(user_id).run()
    page = page.button(key="erase").click().run()
    assert "Erased one customer from 1 saved analysis." in texts(page.success)
    assert Workspace(workspace).open(run_id).customer(user_id).empty
    assert page.text_input(key="erase-id").value == ""
    (shown,) = page.session_state["app"].result.run.segmentation.in_parts()
    assert user_id not in set(shown.customers["user_id"])


def test_an_id_that_nobody_has_cannot_be_erased(finished: AppTest) -> None:
    page = periods_page(finished).text_input(key="erase-id").set_value("nobody").run()
    assert "No saved analysis holds" in texts(page.markdown)
    assert not [button for button in page.button if button.key == "erase"]


@pytest.mark.slow
def test_a_customer_erased_elsewhere_leaves_the_screen_too(own: AppTest, workspace: Path) -> None:
    user_id = str(Workspace(workspace).open(address(own)).rows([0]).customers["user_id"].iloc[0])
    Workspace(workspace).erase(user_id)
    run = own.run().session_state["app"].result.run
    (shown,) = run.segmentation.in_parts()
    assert user_id not in set(shown.customers["user_id"])
    assert run.accounting.erased == 1


def test_a_saved_period_is_analysed_again_under_another_policy(finished: AppTest) -> None:
    before = numbers(finished)["Abandoners"]
    page = form(named(finished, "Week 36"))
    page.radio(key="source").set_value("Saved").run()
    page.selectbox(key="option-policy").set_value("aov-buckets")
    page.date_input(key="period-first-day").set_value(NEXT)
    page = analyse(page)
    assert not page.exception
    assert not page.error
    assert numbers(page)["Abandoners"] == before
    assert "customers of 'Week 36'" in texts(page.caption)


def test_without_periods_there_is_nothing_to_analyse_again(opened: AppTest) -> None:
    page = opened.radio(key="source").set_value("Saved").run()
    assert "Nothing is saved yet" in texts(page.caption)
    assert page.button(key="analyse").disabled


def test_settings_are_remembered_and_used(opened: AppTest, workspace: Path) -> None:
    page = settings_page(opened)
    assert not page.exception
    page.text_input(key="setting-currency").set_value("eur")
    page.selectbox(key="setting-policy").set_value("aov-buckets")
    page.number_input(key="setting-margin").set_value(40.0)
    page.number_input(key="setting-contact_cost").set_value(0.5)
    page.number_input(key="setting-weight-lift").set_value(0.0)
    page = submit(page, "Save settings")
    assert "Settings saved" in texts(page.success)
    settings = Workspace(workspace).preferences()
    assert (settings.currency, settings.policy, settings.margin, settings.contact_cost) == (
        "EUR",
        "aov-buckets",
        0.4,
        0.5,
    )
    assert page.number_input(key="setting-margin").value == 40
    page = form(page)
    assert page.selectbox(key="option-policy").value == "aov-buckets"
    assert "contact cost 0.5" in texts(page.caption)
    run = analysed(page).session_state["app"].result.run
    assert (run.currency, run.policy.name) == ("EUR", "aov-buckets")
    assert (run.scores.assumptions.margin, run.scores.assumptions.contact_cost) == (0.4, 0.5)
    assert (run.weights.lift, run.weights.conv_pot) == (0.0, run.policy.weights.conv_pot)


def test_the_settings_show_what_was_done_with_customers(finished: AppTest, workspace: Path) -> None:
    (entry,) = Workspace(workspace).trail()
    page = settings_page(finished)
    assert not page.exception
    shown = next(table.value for table in page.dataframe if "Who" in table.value)
    assert shown.to_dict("records")[0] | {"When": ""} == {
        "When": "",
        "Who": entry.who,
        "What": "Analysed",
        "How many": f"{entry.count:,} customers".replace(",", "\u202f"),
        "Run": address(finished),
    }


def test_an_analysis_of_before_an_erasure_is_not_saved(own: AppTest, workspace: Path) -> None:
    customer = Workspace(workspace).open(address(own)).run().segmentation.customers["user_id"].iloc[0]
    true = frontend.utils.runs.analysed

    def slow(*given: Any) -> Any:
        result = true(*given)
        Workspace(workspace).erase(customer)
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("frontend.utils.runs.analysed", slow)
        page = analysed(own, NEXT)
    assert "not saved" in texts(page.warning)
    assert "A customer was erased" in texts(page.warning)


def test_settings_go_back_to_their_defaults(opened: AppTest, workspace: Path) -> None:
    page = settings_page(opened)
    page.text_input(key="setting-currency").set_value("GBP")
    page = submit(page, "Save settings")
    page = submit(page, "Reset to defaults")
    assert page.text_input(key="setting-currency").value == ""
    assert form(page).text_input(key="option-currency").value == ""
    assert Workspace(workspace).preferences().currency == ""


def test_a_setting_that_cannot_be_is_refused_and_changes_nothing(opened: AppTest, workspace: Path) -> None:
    page = settings_page(opened)
    page.text_input(key="setting-currency").set_value("E1")
    page = submit(page, "Save settings")
    assert "Currency" in texts(page.error)
    assert Workspace(workspace).preferences().currency == ""


def test_damaged_settings_are_said_and_can_be_reset(opened: AppTest, workspace: Path) -> None:
    workspace.mkdir(exist_ok=True)
    (workspace / "settings.json").write_text("{", encoding="utf-8")
    page = settings_page(opened)
    assert not page.exception
    assert "not as they were saved" in texts(page.warning)
    assert not submit(page, "Reset to defaults").warning


def test_the_summary_says_how_the_week_before_was(finished: AppTest, root: Path) -> None:
    named(finished, "Week 36")
    page = analysed(fresh(root), NEXT)
    abandoners = next(metric for metric in page.metric if metric.label == "Abandoners")
    before, after = (int(value.replace(",", "")) for value in (numbers(finished)["Abandoners"], abandoners.value))
    assert abandoners.proto.delta_description.startswith(f"{after - before:+,} (")
    assert {metric.label for metric in page.metric if metric.proto.delta_description} == {
        "Abandoners",
        "Value at stake",
        "Expected profit",
    }
    assert "Changes are against 1" in texts(page.caption)
    assert "Week 36" in texts(page.caption)
    assert not any(metric.proto.delta_description for metric in finished.run().metric)


def test_the_home_says_the_change_to_last_week_where_there_is_one(finished: AppTest, root: Path) -> None:
    home = "views/this_week.py"
    assert list(numbers(finished.switch_page(home).run())) == ["Abandoners", "Value at stake", "Expected profit"]
    before = int(numbers(finished)["Abandoners"].replace(",", ""))
    named(finished, "Week 36")
    page = analysed(fresh(root), NEXT).switch_page(home).run()
    now = int(numbers(page)["Abandoners"].replace(",", ""))
    assert numbers(page)["Change to last week"].startswith(f"{now - before:+,} (")
    assert not any(metric.proto.delta_description for metric in page.metric)


def test_another_policy_is_not_compared(finished: AppTest, root: Path) -> None:
    named(finished, "Week 36")
    page = form(fresh(root))
    page.selectbox(key="option-policy").set_value("aov-buckets")
    assert "Changes are against" not in texts(analysed(page, NEXT).caption)


def test_titles_are_told_apart(finished: AppTest, workspace: Path) -> None:
    named(finished, "Week 36")
    content = io.BytesIO(Workspace(workspace).exported(address(finished)))
    other = Workspace(workspace).take_in(content)
    names = titles(Workspace(workspace).periods())
    assert len(set(names.values())) == 2
    Workspace(workspace).rename(other, "Copy")
    assert names != titles(Workspace(workspace).periods())
    assert all(period.saved_at <= datetime.now(UTC) for period in Workspace(workspace).periods())
