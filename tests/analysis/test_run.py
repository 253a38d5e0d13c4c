"""The one use case: what a run holds and what it refuses."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import Accounting, Settings, analyze
from data_generation import generate
from data_ingestion import Intake, intake_of_frame, read_customers
from retention.errors import ContractError, InvariantError, OptionError, PeriodError
from retention.period import Window
from retention.policy.policy import Policy, Sizes, Weights
from retention.policy.yaml_text import policy_from_yaml

POLICIES = Path(__file__).parents[2] / "policies"


def policy(name: str = "five-segments") -> Policy:
    return policy_from_yaml((POLICIES / f"{name}.yaml").read_text(encoding="utf-8"), source=name)


@pytest.fixture(scope="module")
def synthetic() -> Intake:
    made = generate(3_000)
    return intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)


def read(tmp_path: Path, text: str) -> Intake:
    path = tmp_path / "shop.csv"
    path.write_text(text, encoding="utf-8")
    return read_customers([path])


def test_the_default_window_is_the_seven_days_that_end_on_the_last_abandonment(synthetic: Intake) -> None:
    run = analyze(synthetic, policy())
    assert (run.window.start, run.window.end) == (date(2025, 9, 24), date(2025, 9, 30))


def test_every_row_is_accounted_for_and_every_customer_in_one_segment(synthetic: Intake) -> None:
    run = analyze(synthetic, policy())
    account = run.accounting
    assert account.read == 3_000 == account.accepted + account.quarantined
    assert account.accepted == account.universe + account.outside_window
    assert (
        sum(run.segmentation.sizes) == account.universe == len(run.segmentation.codes) == run.scores.table["Size"].sum()
    )
    assert run.proof.exclusive
    assert run.proof.exhaustive


def test_cell_and_row_faults_share_one_quarantine_in_the_order_of_the_file(tmp_path: Path) -> None:
    run = analyze(
        read(
            tmp_path,
            "user_id,cart_abandoned_date,avg_order_value,engagement_score\n"
            "a,2025-09-30,10,0.5\n"
            "b,2025-09-29,abc,0.5\n"
            "a,2025-09-30,10,0.5\n"
            "c,2025-09-28,20,0.4\n"
            "c,2025-09-27,20,0.4\n"
            "d,2025-08-01,20,0.4\n",
        ),
        policy(),
    )
    assert run.quarantine[["line", "reason"]].to_numpy().tolist() == [
        [3, "not_a_number"],
        [4, "duplicate"],
        [6, "superseded"],
    ]
    assert run.accounting.reasons == {"not_a_number": 1, "duplicate": 1, "superseded": 1}
    assert (run.accounting.universe, run.accounting.outside_window) == (2, 1)


def test_settings_replace_what_the_policy_says(synthetic: Intake) -> None:
    weights = Weights(conv_pot=1, lift=0, size=0, profitability=0, strategic_fit=0)
    window = Window.ending(date(2025, 9, 14))
    run = analyze(
        synthetic, policy(), Settings(window=window, sizes=Sizes(min_size=200), weights=weights, currency="EUR")
    )
    assert run.window == window
    assert run.segmentation.tree.limits.minimum == 200
    assert run.scores.table["Overall_Score"].tolist() == run.scores.table["Conv_Pot"].tolist()
    assert run.currency == "EUR"
    assert "The input's money is in USD; it is shown as EUR and was not converted." in run.warnings


def test_the_currency_of_the_input_is_used_where_none_is_asked_for(synthetic: Intake) -> None:
    assert analyze(synthetic, policy()).currency == "USD"


@pytest.mark.parametrize("held", ["points", "\x1b[2J", "BTC"])
def test_what_is_no_currency_is_not_shown_beside_money(held: str, tmp_path: Path) -> None:
    rows = "user_id,cart_abandoned_date,avg_order_value,engagement_score,currency\na,2025-09-30,10,0.5,"
    run = analyze(read(tmp_path, f"{rows}{held}\n"), policy())
    assert run.currency == ""
    assert (
        "What the input's column 'currency' holds is not a code of ISO 4217, so money is shown without one."
        in run.warnings
    )
    assert analyze(read(tmp_path, f"{rows}eur\n"), policy()).currency == "EUR"


@pytest.mark.parametrize("asked", ["euro", "XXY", "$"])
def test_a_currency_is_one_of_iso_4217(asked: str) -> None:
    with pytest.raises(OptionError, match="is not a currency"):
        Settings(currency=asked)


def test_a_derived_score_makes_profitability_a_heuristic(tmp_path: Path) -> None:
    given = (
        "user_id,cart_abandoned_date,avg_order_value,engagement_score,profitability_score\na,2025-09-30,10,0.5,0.4\n"
    )
    missing = given.replace(",0.4\n", ",\n")
    sources = [
        analyze(read(tmp_path, text), policy()).scores.table["Profitability_source"].tolist()
        for text in (given, missing)
    ]
    assert sources == [["measured"], ["heuristic"]]


def test_a_column_that_the_policy_needs_and_the_file_lacks_is_named(tmp_path: Path) -> None:
    intake = read(tmp_path, "user_id,cart_abandoned_date,engagement_score\na,2025-09-30,0.5\n")
    with pytest.raises(
        ContractError, match=r"shop\.csv: .* splits on average order value, which no customer of the input has"
    ):
        analyze(intake, policy())


def test_a_misspelt_column_that_the_policy_needs_is_named_with_what_it_should_be(tmp_path: Path) -> None:
    intake = read(tmp_path, "user_id,cart_abandoned_date,avg_order_valu,engagement_score\na,2025-09-30,10,0.5\n")
    with pytest.raises(ContractError, match="Rename the column 'avg_order_valu' to 'avg_order_value'"):
        analyze(intake, policy())


def test_a_misspelt_column_that_the_policy_can_do_without_is_a_warning(tmp_path: Path) -> None:
    run = analyze(
        read(tmp_path, "user_id,cart_abandoned_date,avg_order_value,engagement,Cart_valeu\na,2025-09-30,10,0.5,3\n"),
        policy("aov-buckets"),
    )
    assert "shop.csv: the column 'Cart_valeu' was left out; did you mean 'cart_value'?" in run.warnings


def test_an_empty_window_names_the_dates_that_were_found(synthetic: Intake) -> None:
    with pytest.raises(PeriodError, match="1 \u2013 30\u00a0Sep\u00a02025"):
        analyze(synthetic, policy(), Settings(window=Window.ending(date(2024, 1, 7))))


def test_the_input_frame_is_not_changed(synthetic: Intake) -> None:
    before = synthetic.rows.copy(deep=True)
    analyze(synthetic, policy("value-recency"))
    pd.testing.assert_frame_equal(synthetic.rows, before)


def test_progress_names_the_steps_in_order(synthetic: Intake) -> None:
    steps: list[tuple[str, float]] = []
    analyze(synthetic, policy(), progress=lambda step, share: steps.append((step, share)))
    assert [step for step, _ in steps] == [
        "Selecting the window",
        "Fitting the tree",
        "Assigning customers",
        "Scoring segments",
    ]
    assert [share for _, share in steps] == sorted(share for _, share in steps)


@pytest.mark.parametrize(
    "numbers",
    [
        {"read": 3, "accepted": 1, "quarantined": 1, "outside_window": 0, "universe": 1, "reasons": {"duplicate": 1}},
        {"read": 2, "accepted": 1, "quarantined": 1, "outside_window": 1, "universe": 1, "reasons": {"duplicate": 1}},
        {"read": 2, "accepted": 1, "quarantined": 1, "outside_window": 0, "universe": 1, "reasons": {}},
    ],
)
def test_an_account_that_does_not_add_up_cannot_be_made(numbers: dict[str, Any]) -> None:
    with pytest.raises(InvariantError, match="broken identity"):
        Accounting(**numbers)


def test_assumptions_of_the_settings_replace_the_policys_in_the_scores(synthetic: Intake) -> None:
    own = policy().assumptions
    costly = own.model_copy(update={"contact_cost": 1.0})
    plain, changed = (analyze(synthetic, policy(), Settings(assumptions=asked)) for asked in (None, costly))
    assert plain.scores.assumptions == own
    assert changed.scores.assumptions == costly
    lost = plain.scores.table["Incremental_Profit"].sum() - changed.scores.table["Incremental_Profit"].sum()
    assert lost == pytest.approx(plain.reach.total * (1.0 - own.contact_cost))


def test_settings_for_logs_are_said_to_change_nothing_in_a_customer_table(synthetic: Intake) -> None:
    plain = analyze(synthetic, policy())
    asked = analyze(synthetic, policy(), Settings(cutoff=plain.window.end))
    (told,) = (each for each in asked.warnings if each not in plain.warnings)
    assert told.startswith("the cutoff and the times to recover")
    assert asked.accounting == plain.accounting
