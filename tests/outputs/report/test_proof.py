"""The proof and the account in words."""

from dataclasses import replace

import pytest

from outputs.report.proof import BROKEN, SOUND, account_rows, proof_words, sizing_words, threshold_rows
from tests.outputs.report.runs import synthetic_run

RUN = synthetic_run()


def test_a_sound_run_says_so_with_its_numbers() -> None:
    verdict, cells, asked, counts = proof_words(RUN)
    assert verdict == SOUND
    assert f"{RUN.proof.cells} cells" in cells
    assert "0 cells belong to no leaf, 0 belong to two or more" in asked
    assert f"{RUN.accounting.universe:,} are in a segment" in counts


@pytest.mark.parametrize("fault", ["gaps", "overlaps", "disagreements"])
def test_a_broken_proof_never_reads_as_sound(fault: str) -> None:
    broken = replace(RUN, proof=replace(RUN.proof, **{fault: 3}))
    words = proof_words(broken)
    assert words[0] == BROKEN
    assert "3 " in words[2]


def test_cuts_have_what_was_asked_for_and_their_unit() -> None:
    rows = threshold_rows(RUN)
    assert rows[0][:2] == ("Average order value", "20\u00a0% of customers at or below")
    assert rows[0][2].startswith("$")
    assert rows[-1][0] == "Engagement"
    assert not rows[-1][2].startswith("$")


def test_a_cut_beyond_every_value_is_said_in_words() -> None:
    tree = RUN.segmentation.tree
    cuts = (replace(tree.thresholds[0], cut=1.7e308, note="all values are equal"),)
    run = replace(RUN, segmentation=replace(RUN.segmentation, tree=replace(tree, thresholds=cuts)))
    assert threshold_rows(run) == [
        (
            "Average order value",
            "20\u00a0% of customers at or below",
            "beyond every value",
            "All values are equal.",
        )
    ]


def test_limits_and_steps_of_sizing_are_listed() -> None:
    assert sizing_words(RUN)[0].endswith("at most 20,000 customers to a segment or wave.")
    assert "nothing was merged" in sizing_words(RUN)[1]


def test_erased_customers_are_part_of_the_account() -> None:
    account = RUN.accounting
    erased = replace(RUN, accounting=replace(account, universe=account.universe - 1, erased=1))
    assert dict(account_rows(erased))["Erased on request"] == "1"
    assert "Erased on request" not in dict(account_rows(RUN))
