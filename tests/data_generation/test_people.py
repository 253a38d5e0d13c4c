import re

import numpy as np
import pandas as pd
import pytest

from data_generation import generate
from data_generation.people import DOMAINS, MARKETS, ascii_fold, expand, load_pools, pick_by_share


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return generate(20_000, seed=3).customers


def test_every_address_is_at_a_domain_reserved_for_examples(customers: pd.DataFrame) -> None:
    addresses = customers["email"].dropna()
    assert addresses.str.fullmatch(r"[a-z0-9]+\.[a-z0-9]+\.[0-9]+@example\.(com|org|net)").all()
    assert set(addresses.str.split("@").str[1]) == set(DOMAINS)


def test_every_address_and_every_user_id_appears_once(customers: pd.DataFrame) -> None:
    assert customers["email"].dropna().is_unique
    assert customers["user_id"].is_unique
    assert customers["user_id"].notna().all()


def test_an_address_holds_the_names_of_its_customer(customers: pd.DataFrame) -> None:
    known = customers[customers["email"].notna()].head(200)
    for email, first, last in zip(known["email"], known["first_name"], known["last_name"], strict=True):
        assert email.startswith(f"{ascii_fold(first)}.{ascii_fold(last)}.")


@pytest.mark.parametrize(
    ("country", "pattern"),
    [
        ("US", r"\+1[2-9]\d\d55501\d\d"),
        ("GB", r"\+447700900\d{3}"),
        ("DE", r"\+493023125\d{3}"),
        ("FR", r"\+3363998\d{4}"),
    ],
)
def test_every_phone_number_is_reserved_for_fiction(customers: pd.DataFrame, country: str, pattern: str) -> None:
    phones = customers.loc[customers["country"] == country, "phone"].dropna()
    assert len(phones) > 100
    assert phones.str.fullmatch(pattern).all()


def test_regions_and_postal_codes_are_those_of_the_country(customers: pd.DataFrame) -> None:
    for market in MARKETS:
        here = customers[customers["country"] == market.country]
        assert set(here["region"]) == set(market.regions)
    american = customers.loc[customers["country"] == "US", "zip"].dropna()
    assert american.str.fullmatch(r"\d{5}").all()
    assert american.str.startswith("0").any()


def test_countries_have_their_shares(customers: pd.DataFrame) -> None:
    shares = customers["country"].value_counts(normalize=True)
    assert {market.country: market.share for market in MARKETS} == pytest.approx(shares.to_dict(), abs=0.012)
    assert sum(market.share for market in MARKETS) == pytest.approx(1)


def test_pools_are_large_and_without_repeats_within_a_country() -> None:
    pools, _ = load_pools()
    for pool in (pools["first_name"], pools["last_name"], pools["zip"]):
        assert pool.sizes.min() >= 100
        for start, size in zip(pool.starts, pool.sizes, strict=True):
            assert len(set(pool.texts[start : start + size].to_pylist())) == size


@pytest.mark.parametrize(
    ("name", "folded"), [("Zoë", "zoe"), ("O'Neill", "oneill"), ("Groß", "gross"), ("Le Goff", "legoff")]
)
def test_names_fold_to_ascii(name: str, folded: str) -> None:
    assert ascii_fold(name) == folded
    assert re.fullmatch("[a-z]+", folded)


def test_a_pattern_expands_to_each_of_its_numbers() -> None:
    assert expand("+4477009##") == [f"+4477009{number:02d}" for number in range(100)]


def test_the_largest_uniform_picks_the_last_of_everything() -> None:
    top = np.array([np.nextafter(1.0, 0.0)])
    shares = [market.share for market in MARKETS]
    assert pick_by_share(shares, top).tolist() == [len(MARKETS) - 1]
    pool = load_pools()[0]["region"]
    assert pool.texts[int(pool.pick(np.array([0], dtype=np.int32), top)[0])].as_py() == MARKETS[0].regions[-1]
