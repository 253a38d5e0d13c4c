"""Customers found and explained, on tables that are shown."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import Run, Settings, analyze
from analysis.headline import headline_of
from data_ingestion import intake_of_frame
from frontend.components.help.documentation import Document, Picture, documents, in_theme, parts_of
from frontend.components.segments import people, profile
from frontend.components.segments.people import CustomerFilter
from frontend.components.trust import quality
from frontend.components.trust.mece import mece_report
from frontend.state import Result
from frontend.utils import runs
from frontend.utils.store import forget_customers
from outputs import customers_file
from retention.errors import ErasedError
from retention.partition.explanation import Change
from retention.policy.policy import Sizes
from run_store import Workspace, load_policy

HOSTILE = "=1+1"


@pytest.fixture(scope="module")
def run() -> Run:
    rows = 60
    frame = pd.DataFrame(
        {
            "user_id": [f"{i:05}" if i else "00059-old" for i in range(rows)],
            "cart_abandoned_date": pd.date_range("2025-09-08", periods=rows, freq="2h", tz="UTC"),
            "avg_order_value": [float("nan") if i == 3 else float(i) for i in range(rows)],
            "engagement_score": [i % 10 / 10 for i in range(rows)],
            "profitability_score": [float("nan") if i in (3, 4) else i / rows for i in range(rows)],
            "email": [None if i == 5 else f"User.{i}@Example.com" for i in range(rows)],
            "first_name": [HOSTILE] * rows,
            "region": ["North" if i % 2 else "South" for i in range(rows)],
        }
    )
    intake = intake_of_frame(frame, name="table", fingerprint="0" * 64)
    return analyze(intake, load_policy("five-segments"), Settings(sizes=Sizes(min_size=1, max_size=10)))


def result_of(run: Run) -> Result:
    return Result("people", run, "table")


def page_of(result: Result, wanted: CustomerFilter) -> pd.DataFrame:
    return people.page(result, people.rows(result, people.positions(result, wanted)))


def why_of(result: Result, position: int) -> people.Why:
    return people.why(result, people.rows(result, np.array([position], dtype=np.int32)))


def ids(run: Run, wanted: CustomerFilter) -> list[str]:
    return run.segmentation.customers["user_id"].iloc[people.positions(result_of(run), wanted)].tolist()


def test_nothing_wanted_is_everyone_in_order(run: Run) -> None:
    assert ids(run, CustomerFilter()) == ["00059-old", *(f"{i:05}" for i in range(1, 60))]


def test_part_of_an_address_finds_whatever_the_case(run: Run) -> None:
    assert ids(run, CustomerFilter(search="uSer.1@")) == ["00001"]
    assert len(ids(run, CustomerFilter(search="EXAMPLE.COM"))) == 59


def test_an_exact_identifier_comes_first(run: Run) -> None:
    assert ids(run, CustomerFilter(search="00059")) == ["00059", "00059-old"]


@pytest.mark.parametrize("text", [".", "%", "_", "(", "[a", "\\", "'; drop table", "*"])
def test_signs_of_patterns_are_plain_text_in_a_search(run: Run, text: str) -> None:
    found = ids(run, CustomerFilter(search=text))
    emails = run.segmentation.customers.set_index("user_id")["email"]
    assert found == [user for user, email in emails.items() if isinstance(email, str) and text in email]


def test_filters_narrow_together(run: Run) -> None:
    segmentation = run.segmentation
    found = ids(run, CustomerFilter(segment="VIP Active", wave=2, groups=(("region", "North"),)))
    table = segmentation.customers.assign(Segment=segmentation.labels(), Wave=segmentation.waves)
    right = table[(table["Segment"] == "VIP Active") & (table["Wave"] == 2) & (table["region"] == "North")]
    assert found == right["user_id"].tolist()
    assert 0 < len(found) < 60


def test_an_unknown_term_comes_last(run: Run) -> None:
    found = ids(run, CustomerFilter(order="Profitability"))
    assert found[0] == "00059"
    assert found[-1] == "00003"


def test_a_page_has_a_path_that_leads_to_the_segment(run: Run) -> None:
    page = page_of(result_of(run), CustomerFilter(segment="VIP Active"))
    rule = next(s.words for s in run.segmentation.tree.segments if s.name == "VIP Active")
    assert set(page["Path"].str.rstrip(".").str.lower()) == {rule.lower()}
    assert set(page["Segment"]) == {"VIP Active"}
    assert page["Wave"].max() == 2


def test_the_mean_of_the_terms_is_the_segment_s_measure(run: Run) -> None:
    page = page_of(result_of(run), CustomerFilter(segment="Core Engaged"))
    row = run.scores.table.set_index("Segment").loc["Core Engaged"]
    assert page["Conversion index"].mean() == pytest.approx(row["Conv_Pot"])
    assert page["Strategic fit"].mean() == pytest.approx(row["Strategic_Fit"])


def test_the_smallest_change_really_moves_the_customer(run: Run) -> None:
    facts = people.facts_of(run)
    why = why_of(result_of(run), 59)
    assert why.segment == "VIP Active"
    assert why.change is not None
    assert why.change.feature == "avg_order_value"
    assert why.change.segment != why.segment
    assert facts.spread["avg_order_value"] == pytest.approx(run.segmentation.customers["avg_order_value"].std(ddof=0))
    assert why.person["E-mail"] == "User.59@Example.com"


def test_choices_are_the_values_that_are_there(run: Run) -> None:
    facts = people.facts_of(run)
    assert facts.choices == {"region": ("North", "South")}
    assert facts.waves == 2


@pytest.mark.parametrize(
    ("distance", "words"),
    [(0.0, "They are right at the edge."), (1.25, "That is 1.2 standard deviations of all abandoners away.")],
)
def test_distances_are_told_in_words(distance: float, words: str) -> None:
    assert people.distance_words(Change("avg_order_value", 5.0, "over 7", "B", distance)) == words
    assert people.distance_words(Change("region", "North", "'South'", "B", 1.0)) == ""


def test_a_download_holds_the_found_customers_in_their_order(run: Run) -> None:
    positions = people.positions(result_of(run), CustomerFilter(order="Profitability", segment="VIP Active"))
    lines = customers_file(run, positions, "spreadsheet").decode("utf-8-sig").splitlines()
    assert lines[0].startswith("user_id,Segment,Wave,")
    assert [line.split(",")[0].lstrip("'") for line in lines[1:]] == ids(
        run, CustomerFilter(order="Profitability", segment="VIP Active")
    )
    assert all("'=1+1" in line for line in lines[1:])
    assert all(",=1+1" in line for line in customers_file(run, positions, "machine").decode().splitlines()[1:])


def test_the_report_for_programs_is_the_verified_one(run: Run) -> None:
    text = mece_report(run).decode()
    assert '"exclusive": true' in text
    assert '"segment_assignments.csv": 60' in text


def test_columns_count_what_is_missing(run: Run) -> None:
    found = {column.name: column for column in quality.columns_of(run)}
    assert (found["email"].missing, found["profitability_score"].missing) == (1, 1)
    assert (found["profitability_score"].derived, found["user_id"].missing) == (1, 0)
    assert not found["phone"].present


@pytest.mark.parametrize("column", ["user_id", "email", "phone", "first_name", "last_name", "zip", "", "unknown"])
def test_values_that_may_identify_somebody_are_masked(column: str) -> None:
    assert quality.masked(column, "ann@example.com") == "15 characters, not shown"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "docs" / "pictures").mkdir(parents=True)
    (tmp_path / "docs" / "pictures" / "a-light.png").write_bytes(b"")
    (tmp_path / "docs" / "pictures" / "a-dark.png").write_bytes(b"")
    (tmp_path / "README.md").write_text(
        "# Title\n\nSee [data](docs/data.md#rows), [law](LICENSE), [web](https://example.org).\n\n"
        "![A](docs/pictures/a-light.png)\n\nIt costs $5, not `$6`.\n\n```\n![B](docs/pictures/a-light.png) $7\n```\n"
    )
    (tmp_path / "docs" / "data.md").write_text(
        "# Data\n\nBack to [start](../README.md); out to [x](../../etc/passwd).\n"
    )
    return tmp_path


def parts(book: Path, name: str) -> list[str | Picture]:
    pages = documents(book)
    return list(parts_of(pages[name], pages, book))


def test_links_between_pages_stay_inside(book: Path) -> None:
    first, picture, last = parts(book, "readme")
    assert isinstance(first, str)
    assert "[data](readme?doc=Data), law, [web](https://example.org)" in first
    assert picture == Picture(book / "docs" / "pictures" / "a-light.png", "A")
    assert isinstance(last, str)
    assert r"It costs \$5, not `$6`." in last
    assert "![B](docs/pictures/a-light.png) $7" in last
    (data,) = parts(book, "data")
    assert isinstance(data, str)
    assert "[start](readme?doc=Title); out to x." in data


def test_a_picture_has_a_dark_twin(book: Path) -> None:
    light = book / "docs" / "pictures" / "a-light.png"
    assert in_theme(light, dark=True).name == "a-dark.png"
    assert in_theme(light, dark=False) == light
    assert in_theme(book / "missing-light.png", dark=True).name == "missing-light.png"


def test_a_picture_that_is_not_there_is_no_picture(book: Path) -> None:
    page = Document("docs/x.md", "X", "![gone](pictures/gone.png)")
    assert [type(part) for part in parts_of(page, {}, book)] == [str]


def test_every_page_of_the_repository_has_a_title_and_its_pictures(root: Path) -> None:
    pages = documents()
    assert next(iter(pages)) == "readme"
    assert {path.stem.lower() for path in (root / "docs").glob("*.md")} <= pages.keys()
    assert len({page.title for page in pages.values()}) == len(pages)
    for page in pages.values():
        assert page.title
        assert not [part for part in parts_of(page, pages) if isinstance(part, str) and "\n![" in f"\n{part}"]


def test_a_saved_period_answers_from_its_file_as_the_run_in_memory_does(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = Workspace(workspace).save(run, name="Week 37", saved_at=datetime(2025, 9, 15, tzinfo=UTC))
    saved = runs.opened(run_id)
    assert saved.run.segmentation.customers.empty

    # Which would load all customers.
    monkeypatch.setattr("run_store.SavedRun.run", None)
    for wanted in (
        CustomerFilter(search="user.1"),
        CustomerFilter(search="00059"),
        CustomerFilter(search="EXAMPLE", segment="VIP Active", order="Profitability"),
        CustomerFilter(),
        CustomerFilter(wave=2, groups=(("region", "North"),)),
        CustomerFilter(segment="VIP Active", wave=1),
        CustomerFilter(groups=(("region", "South"),), order="Profitability"),
    ):
        found = people.positions(saved, wanted)
        assert found.tolist() == people.positions(result_of(run), wanted).tolist()
        pd.testing.assert_frame_equal(page_of(saved, wanted), page_of(result_of(run), wanted))
    assert why_of(saved, 59) == why_of(result_of(run), 59)
    assert quality.columns_of(saved.run) == quality.columns_of(run)
    assert headline_of(saved.run) == headline_of(run)
    for column, table in profile.breakdowns(run).items():
        pd.testing.assert_frame_equal(profile.breakdown(saved.run, column), table)


def test_a_page_is_read_once_and_is_forgotten_when_somebody_is_erased(run: Run, workspace: Path) -> None:
    saved = runs.opened(Workspace(workspace).save(run, name="Week 37", saved_at=datetime(2025, 9, 15, tzinfo=UTC)))
    places = np.arange(3, dtype=np.int32)
    found = people.rows(saved, places)
    assert people.rows(saved, places) is found
    Workspace(workspace).erase("00003")
    forget_customers()
    with pytest.raises(ErasedError):
        people.rows(saved, places)


def test_places_from_before_another_session_erased_somebody_are_refused(run: Run, workspace: Path) -> None:
    run_id = Workspace(workspace).save(run, name="Week 37", saved_at=datetime(2025, 9, 15, tzinfo=UTC))
    saved = runs.opened(run_id)
    found = people.positions(saved, CustomerFilter(search="user.1"))
    Workspace(workspace).erase("00003")
    for ask in (
        lambda: people.rows(saved, found),
        lambda: why_of(saved, 59),
        lambda: people.positions(saved, CustomerFilter(segment="VIP Active")),
    ):
        with pytest.raises(ErasedError, match="a customer was erased meanwhile"):
            ask()
    assert len(people.positions(runs.opened(run_id), CustomerFilter())) == 59
