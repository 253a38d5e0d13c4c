"""The proof and the account in words."""

from dataclasses import replace

import pytest

from analysis import Run
from outputs.report.proof import BROKEN, SOUND, account_rows, proof_words, sizing_words, threshold_rows
from tests.outputs.report.runs import synthetic_run


@pytest.fixture(scope="module", name="run")
def made() -> Run:
    return synthetic_run()


def test_a_sound_run_says_so_with_its_numbers(run: Run) -> None:
    verdict, cells, asked, counts = proof_words(run)
    assert verdict == SOUND
    assert f"{run.proof.cells} cells" in cells
    assert "0 cells belong to no leaf, 0 belong to two or more" in asked
    assert f"{run.accounting.universe:,} are in a segment" in counts


@pytest.mark.parametrize("fault", ["gaps", "overlaps", "disagreements"])
def test_a_broken_proof_never_reads_as_sound(fault: str, run: Run) -> None:
    broken = replace(run, proof=replace(run.proof, **{fault: 3}))
    words = proof_words(broken)
    assert words[0] == BROKEN
    assert "3 " in words[2]


def test_cuts_have_what_was_asked_for_and_their_unit(run: Run) -> None:
    rows = threshold_rows(run)
    assert rows[0][:2] == ("Average order value", "20\u00a0% of customers at or below")
    assert rows[0][2].startswith("$")
    assert rows[-1][0] == "Engagement"
    assert not rows[-1][2].startswith("$")


def test_a_cut_beyond_every_value_is_said_in_words(run: Run) -> None:
    tree = run.segmentation.tree
    cuts = (replace(tree.thresholds[0], cut=1.7e308, note="all values are equal"),)
    beyond = replace(run, segmentation=replace(run.segmentation, tree=replace(tree, thresholds=cuts)))
    assert threshold_rows(beyond) == [
        (
            "Average order value",
            "20\u00a0% of customers at or below",
            "beyond every value",
            "All values are equal.",
        )
    ]


def test_limits_and_steps_of_sizing_are_listed(run: Run) -> None:
    assert sizing_words(run)[0].endswith("at most 20,000 customers to a segment or wave.")
    assert "nothing was merged" in sizing_words(run)[1]


def test_erased_customers_are_part_of_the_account(run: Run) -> None:
    account = run.accounting
    erased = replace(run, accounting=replace(account, universe=account.universe - 1, erased=1))
    assert dict(account_rows(erased))["Erased on request"] == "1"
    assert "Erased on request" not in dict(account_rows(run))
