"""The summary: readable off a terminal, and without anyone's data."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from analysis import Accounting, Run, Settings, analyze
from cli.shown.summary import account, print_summary
from data_generation import generate
from data_ingestion import intake_of_frame
from outputs import Written, write_outputs
from retention.policy.policy import Sizes
from run_store import load_policy


@pytest.fixture(scope="module")
def run() -> Run:
    made = generate(1_500)
    intake = intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)
    return analyze(intake, load_policy("five-segments"), Settings(sizes=Sizes(min_size=60, max_size=70)))


@pytest.fixture(scope="module")
def written(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write_outputs(run, tmp_path_factory.mktemp("summary") / "out")


def printed(run: Run, written: Written, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    print_summary(run, written, stream)
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_it_names_every_segment_with_size_score_and_offer(run: Run, written: Written) -> None:
    text = printed(run, written)
    for row in run.scores.table.to_dict("records"):
        line = next(line for line in text.splitlines() if str(row["Segment"]) in line)
        assert f"{row['Size']:,}" in line
        assert f"{row['Overall_Score']:.2f}" in line
        assert "$" in line


def test_it_is_plain_text_off_a_terminal(run: Run, written: Written) -> None:
    text = printed(run, written)
    assert "\x1b" not in text
    assert all(len(line) <= 400 for line in text.splitlines())


def test_it_accounts_for_rows_sizing_and_files(run: Run, written: Written) -> None:
    text = printed(run, written)
    assert "1,500 rows read = 1,500 accepted + 0 quarantined" in text
    assert "each once" in text
    assert "deliver in waves" in text
    assert str(written.folder) in text
    assert "assumed" in text


def test_it_shows_no_customer(run: Run, written: Written) -> None:
    text = printed(run, written)
    customers = run.segmentation.customers
    for column in ("user_id", "email", "phone"):
        assert not [value for value in customers[column].dropna() if value in text]


def test_an_old_terminal_gets_plain_lines(run: Run, written: Written) -> None:
    assert printed(run, written, "ascii").isascii()


def test_names_with_brackets_are_not_taken_for_styles(run: Run, written: Written) -> None:
    scores = run.scores.table.assign(Flags="[bold]odd[/bold]")
    text = printed(replace(run, scores=replace(run.scores, table=scores)), written)
    assert "[bold]odd[/bold]: " in text


def test_an_unknown_score_or_profit_is_said_to_be_so(run: Run, written: Written) -> None:
    table = run.scores.table.assign(Overall_Score=float("nan"), Incremental_Profit=float("nan"))
    assert printed(replace(run, scores=replace(run.scores, table=table)), written).count("not known") == 2 * len(table)


def test_reasons_stand_beside_the_rows_they_cost() -> None:
    text = account(Accounting(10, 7, 3, 2, 5, {"not_a_date": 2, "duplicate": 1}))
    assert text == "10 rows read = 7 accepted + 3 quarantined (2 not_a_date, 1 duplicate); 5 in the window, 2 outside."


def test_the_folder_is_shown_as_it_was_given(run: Run, written: Written) -> None:
    assert "Files are in out: " in printed(run, replace(written, folder=Path("out")))
