"""A sample of the corpus of bad files through the command line: exit codes, one message, and no output touched."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.options.arguments import arguments
from main import app
from tests.data_ingestion.corpus.case import Accounted, Case, Refused
from tests.data_ingestion.test_corpus import CASES

REFUSED = [case for case in CASES if isinstance(case.outcome, Refused) and not case.options][::6]
ACCOUNTED = [case for case in CASES if isinstance(case.outcome, Accounted) and not case.options][::40]
Run = Callable[[Case], tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_case(case: Case) -> tuple[int, str]:
        (tmp_path / "customers.csv").write_bytes(case.build())
        words = [
            "--input",
            str(tmp_path / "customers.csv"),
            "--output_dir",
            str(tmp_path / "out"),
            "--workspace",
            str(tmp_path),
        ]
        with pytest.raises(SystemExit) as ended:
            app(arguments(words))
        return int(ended.value.code or 0), capsys.readouterr().err

    return run_case


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_a_file_that_is_refused_ends_with_2_one_message_and_no_output(case: Case, run: Run, tmp_path: Path) -> None:
    code, message = run(case)
    assert isinstance(case.outcome, Refused)
    assert code == 2
    assert message.startswith("Error: ")
    assert case.outcome.phrase in " ".join(message.split())
    assert "Traceback" not in message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("case", ACCOUNTED, ids=lambda case: case.name)
def test_a_file_that_is_read_ends_with_0_and_an_account_that_adds_up(case: Case, run: Run, tmp_path: Path) -> None:
    code, _ = run(case)
    assert isinstance(case.outcome, Accounted)
    account = json.loads((tmp_path / "out" / "mece_report.json").read_text(encoding="utf-8"))["accounting"]
    assert code == 0
    assert account["quarantined"] >= len(case.outcome.reasons)
    assert account["read"] == account["accepted"] + account["quarantined"]
    assert account["accepted"] == account["universe"] + account["outside_window"]
