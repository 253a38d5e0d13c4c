from datetime import date

import numpy as np
import pandas as pd
import pytest

from data_generation import ARCHETYPES, DEFAULT_SIZE, Synthetic, archetypes as law, generate
from data_generation.generator import MAX_SIZE
from retention.customers.contracts import CONTRACT
from retention.errors import OptionError, PeriodError

DRAWN = tuple(column for column in CONTRACT if column.name != "recovered")
SIZE = 50_000
MIN_SHARE = 0.03


@pytest.fixture(scope="module")
def synthetic() -> Synthetic:
    return generate(SIZE, seed=5)


@pytest.fixture(scope="module")
def customers(synthetic: Synthetic) -> pd.DataFrame:
    return synthetic.customers


def test_the_columns_are_those_of_the_contract_but_the_outcome(customers: pd.DataFrame) -> None:
    assert customers.columns.tolist() == [column.name for column in DRAWN]


def test_every_column_has_the_type_of_its_kind(customers: pd.DataFrame) -> None:
    types = {"id": "str", "text": "str", "number": "float64", "flag": "boolean", "time": "datetime64[us, UTC]"}
    wanted = {column.name: types[column.kind] for column in DRAWN}
    assert {name: str(dtype) for name, dtype in customers.dtypes.items()} == wanted


def test_every_number_is_within_its_bounds(customers: pd.DataFrame) -> None:
    for column in CONTRACT:
        if column.kind == "number":
            values = customers[column.name].dropna()
            assert values.between(column.low or 0, np.inf if column.high is None else column.high).all()
            assert np.isfinite(values).all()


def test_counts_are_whole_and_money_and_scores_rounded(customers: pd.DataFrame) -> None:
    digits = {
        "sessions_last_30d": 0,
        "num_cart_items": 0,
        "avg_order_value": 2,
        "order_count": 0,
        "total_spent": 2,
        "cart_value": 2,
        "engagement_score": 4,
        "profitability_score": 4,
    }
    for name, places in digits.items():
        values = customers[name].dropna()
        assert (values == values.round(places)).all()


def test_archetypes_have_their_shares(customers: pd.DataFrame) -> None:
    shares = customers["archetype"].value_counts(normalize=True)
    assert {kind.name: kind.share for kind in ARCHETYPES} == pytest.approx(shares.to_dict(), abs=0.009)
    assert sum(kind.share for kind in ARCHETYPES) == pytest.approx(1)


@pytest.mark.parametrize("kind", ARCHETYPES, ids=lambda kind: kind.name)
def test_every_archetype_behaves_as_its_distributions_say(customers: pd.DataFrame, kind: law.Archetype) -> None:
    own = customers[customers["archetype"] == kind.name]
    several = own[own["avg_order_value"].mod(law.PRICE_STEP).round(2) != law.PRICE_STEP - law.PRICE_END]
    assert several["avg_order_value"].median() == pytest.approx(kind.order_value.median, rel=0.04)
    assert own["engagement_score"].mean() == pytest.approx(kind.engagement.mean, abs=0.012)
    assert own["profitability_score"].mean() == pytest.approx(kind.profitability.mean, abs=0.012)
    assert (own["avg_order_value"].isna()).mean() == pytest.approx(kind.never_ordered, abs=0.012)
    assert own["email_consent"].mean() == pytest.approx(kind.consent, abs=0.03)


@pytest.mark.parametrize(
    ("one", "other", "sign"),
    [
        ("avg_order_value", "engagement_score", 1),
        ("avg_order_value", "profitability_score", 1),
        ("avg_order_value", "sessions_last_30d", 1),
        ("avg_order_value", "cart_value", 1),
        ("engagement_score", "profitability_score", 1),
        ("engagement_score", "sessions_last_30d", 1),
        ("profitability_score", "sessions_last_30d", 1),
        ("num_cart_items", "cart_value", 1),
        ("days_ago", "engagement_score", -1),
        ("days_ago", "sessions_last_30d", -1),
    ],
)
def test_features_correlate_with_their_sign_overall_and_in_every_archetype(
    customers: pd.DataFrame, one: str, other: str, sign: int
) -> None:
    days_ago = (customers["cart_abandoned_date"] - customers["last_order_date"]).dt.days
    table = customers.assign(days_ago=days_ago)
    assert sign * table[one].corr(table[other], method="spearman") > 0.1
    for _, own in table.groupby("archetype"):
        assert sign * own[one].corr(own[other], method="spearman") > 0.05


@pytest.mark.parametrize(
    ("column", "rate"),
    [
        *law.TEXTS_MISSING.items(),
        ("profitability_score", law.PROFITABILITY_MISSING),
        ("email_consent", law.CONSENT_UNKNOWN),
        ("avg_order_value", sum(kind.share * kind.never_ordered for kind in ARCHETYPES)),
        ("cart_value", 0),
        ("user_id", 0),
    ],
)
def test_values_are_missing_as_often_as_documented(customers: pd.DataFrame, column: str, rate: float) -> None:
    four_errors = 4 * np.sqrt(rate * (1 - rate) / SIZE)
    assert abs(customers[column].isna().mean() - rate) <= four_errors


def test_untracked_customers_lack_sessions_and_engagement_together(customers: pd.DataFrame) -> None:
    untracked = customers["engagement_score"].isna()
    agreed = customers["email_consent"].fillna(value=False)
    assert untracked.equals(customers["sessions_last_30d"].isna())
    assert untracked[agreed].mean() == pytest.approx(law.UNTRACKED, abs=0.004)
    assert untracked[~agreed].mean() == pytest.approx(law.UNTRACKED_WITHOUT_CONSENT, abs=0.012)


def test_customers_without_an_order_lack_order_value_and_date_together(customers: pd.DataFrame) -> None:
    assert customers["avg_order_value"].isna().equals(customers["last_order_date"].isna())


def test_the_last_order_is_a_day_before_the_abandonment(customers: pd.DataFrame) -> None:
    ordered = customers[customers["last_order_date"].notna()]
    assert (ordered["last_order_date"] == ordered["last_order_date"].dt.normalize()).all()
    assert (ordered["last_order_date"] < ordered["cart_abandoned_date"].dt.normalize()).all()


def test_the_first_order_is_the_last_one_of_who_ordered_once_and_lies_before_it_elsewhere(
    customers: pd.DataFrame,
) -> None:
    apart = (customers["last_order_date"] - customers["first_order_date"]).dt.days
    assert apart.isna().equals(customers["order_count"] == 0)
    assert (apart[customers["order_count"] == 1] == 0).all()
    assert apart.min() == 0
    for kind in ARCHETYPES:
        own = customers[(customers["archetype"] == kind.name) & (customers["order_count"] > 1)]
        between = apart[own.index].sum() / (own["order_count"] - 1).sum()
        assert between == pytest.approx(kind.between_orders.mean, rel=0.05)


def test_prices_repeat(customers: pd.DataFrame) -> None:
    most = customers["avg_order_value"].value_counts()
    assert most.index[0] % 5 == pytest.approx(4.9)
    assert most.iloc[0] > 200
    single = customers.loc[customers["num_cart_items"] == 1, "cart_value"]
    assert (single.mod(5).round(2) == 4.9).all()


def test_a_few_customers_look_like_bots(customers: pd.DataFrame) -> None:
    low, high = law.BOT_SESSIONS
    bots = customers["sessions_last_30d"] >= low
    assert bots.mean() == pytest.approx(law.BOT_SHARE, rel=0.5)
    assert customers["sessions_last_30d"].max() < high


def test_the_default_window_holds_about_seven_days_of_thirty_in_five_groups() -> None:
    times = generate().customers
    window = times[times["cart_abandoned_date"] >= pd.Timestamp("2025-09-24", tz="UTC")]
    low, high = window["avg_order_value"].quantile([0.2, 0.8])
    middle = window["engagement_score"].quantile(0.5)
    engaged = (window["engagement_score"] > middle).astype(int)
    tier = (window["avg_order_value"] > low).astype(int) + (window["avg_order_value"] > high)
    groups = (tier * 2 + engaged).where(tier < 2, 4).value_counts(normalize=True)
    assert 2_200 < len(window) < 2_400
    assert len(groups) == 5
    assert groups.min() > 2 * MIN_SHARE


def test_the_same_options_give_the_same_customers() -> None:
    once, again = generate(500, seed=9), generate(500, seed=9)
    pd.testing.assert_frame_equal(once.customers, again.customers)
    pd.testing.assert_frame_equal(once.truth, again.truth)
    assert once.fingerprint == again.fingerprint


def test_each_option_changes_the_customers_and_the_fingerprint() -> None:
    first = generate(50)
    others = [
        generate(51),
        generate(50, seed=1),
        generate(50, end=date(2025, 10, 1)),
        generate(50, days=31),
        generate(50, timezone="Asia/Tokyo"),
    ]
    assert all(not other.customers.equals(first.customers) for other in others)
    assert len({first.fingerprint, *(other.fingerprint for other in others)}) == 6


def test_the_options_are_told_with_the_customers() -> None:
    synthetic = generate(7, seed=2, end=date(2024, 2, 29), timezone="Europe/Berlin")
    assert (synthetic.size, synthetic.seed, synthetic.end) == (7, 2, date(2024, 2, 29))
    assert synthetic.timezone == "Europe/Berlin"
    assert len(synthetic.customers) == len(synthetic.truth) == 7
    assert synthetic.customers["cart_abandoned_date"].dt.tz is not None


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("seed", [0, 10**40])
def test_small_tables_and_large_seeds_work(size: int, seed: int) -> None:
    assert len(generate(size, seed=seed, days=1).customers) == size


@pytest.mark.parametrize("size", [0, -5, MAX_SIZE + 1])
def test_a_size_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(OptionError, match=f"{size} customers cannot be generated"):
        generate(size)


def test_other_options_out_of_bounds_are_refused() -> None:
    with pytest.raises(OptionError, match="seed: the seed -1 is negative"):
        generate(1, seed=-1)
    with pytest.raises(OptionError, match="0 days cannot be generated"):
        generate(1, days=0)
    with pytest.raises(OptionError, match="the last day 1990-12-31 is out of range"):
        generate(1, end=date(1990, 12, 31))
    with pytest.raises(PeriodError, match="'Mars/Base' is not known"):
        generate(1, timezone="Mars/Base")


def test_the_default_size_is_the_documented_one() -> None:
    assert generate().size == DEFAULT_SIZE == 10_000
