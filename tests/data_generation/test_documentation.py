"""The page about synthetic data tells what the code does."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from data_generation import archetypes as law, generate, outcomes, people, seasonality
from data_generation.archetypes import ARCHETYPES
from data_generation.copula import CORRELATION, LATENTS, TABLE_CELLS, TABLE_REACH, Beta, Gamma, LogNormal
from data_generation.generator import (
    DEFAULT_DAYS,
    DEFAULT_END,
    DEFAULT_SEED,
    DEFAULT_SIZE,
    MAX_DAYS,
    MAX_SIZE,
    VARIATES_PER_CUSTOMER,
)


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "synthetic-data.md").read_text(encoding="utf-8")


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def shown(value: object) -> str:
    match value:
        case LogNormal(median, sigma):
            return f"LogNormal({median:g}, {sigma:g})"
        case Beta(mean, concentration):
            return f"Beta({mean:g}, {concentration:g})"
        case Gamma(mean, shape):
            return f"Gamma({mean:g}, {shape:g})"
        case float():
            return f"{value:.0%}"
    raise TypeError(type(value))


def archetype_rows() -> list[str]:
    fields = ("share", *LATENTS, "never_ordered", "one_order", "more_orders", "between_orders", "consent")
    return [row(f"`{field}`", *(shown(getattr(kind, field)) for kind in ARCHETYPES)) for field in fields]


def correlation_rows() -> list[str]:
    return [row(f"`{name}`", *(f"{r:.2f}" for r in line)) for name, line in zip(LATENTS, CORRELATION, strict=True)]


def truth_rows() -> list[str]:
    return [
        row(kind.name, f"{kind.recovery.mean:.1%}", f"{kind.lift:.0%}", f"{kind.recovery.mean * (1 + kind.lift):.2%}")
        for kind in ARCHETYPES
    ]


def weekday_rows() -> list[str]:
    return [row(*(f"{weight:.2f}" for weight in seasonality.WEEKDAY_WEIGHTS))]


def hour_rows() -> list[str]:
    weights = [f"{weight:.2f}" for weight in seasonality.HOUR_WEIGHTS]
    return [row(f"{start} to {start + 5}", *weights[start : start + 6]) for start in range(0, 24, 6)]


def market_rows() -> list[str]:
    return [
        row(market.country, f"{market.share:.0%}", ", ".join(market.regions), ", ".join(market.phones))
        for market in people.MARKETS
    ]


@pytest.mark.parametrize(
    "rows",
    [archetype_rows, correlation_rows, truth_rows, weekday_rows, hour_rows, market_rows],
    ids=lambda f: f.__name__,
)
def test_every_constant_of_a_table_is_on_the_page(rows: Callable[[], list[str]], page: str) -> None:
    assert [line for line in rows() if line not in page.splitlines()] == []


def test_every_season_is_on_the_page_with_its_weight(page: str) -> None:
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    for season in seasonality.seasons(2025):
        assert [line for line in lines if line.startswith(f"| {season.name} |") and f"| {season.weight:.2f} |" in line]


def test_every_column_is_on_the_page_in_order(page: str) -> None:
    section = page.split("## Columns")[1].split("## Archetypes", maxsplit=1)[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(generate(1).customers)


def test_every_column_of_the_truth_is_on_the_page(page: str) -> None:
    assert f"`{', '.join(generate(1).truth.columns.tolist())}`" in page


@pytest.mark.parametrize(
    "sentence",
    [
        row("`size`", f"{DEFAULT_SIZE:,} customers", f"1 to {MAX_SIZE:,}"),
        row("`seed`", DEFAULT_SEED, "0 or more"),
        row("`end`", DEFAULT_END, "1991 to 2099"),
        row("`days`", DEFAULT_DAYS, f"1 to {MAX_DAYS:,}"),
        f"{law.UNTRACKED:.0%} of those who\nagreed to e-mail, {law.UNTRACKED_WITHOUT_CONSENT:.0%} of the others",
        f"multiple of {law.PRICE_STEP:.2f} less {law.PRICE_END:.2f}",
        f"{law.BOT_SHARE:.1%} of the",
        f"{law.BOT_SESSIONS[0]} to {law.BOT_SESSIONS[1] - 1} sessions",
        f"{law.WHOLESALE_SHARE:.1%} buy wholesale",
        f"exponent {law.WHOLESALE_TAIL}, at most {law.WHOLESALE_CAP:.0f}",
        f"uniform between {1 - law.LIFT_SPREAD} and {1 + law.LIFT_SPREAD}",
        f"{TABLE_CELLS + 1:,} normals from -{TABLE_REACH} to {TABLE_REACH}",
        f"{outcomes.KEPT_WHOLE:.0%} of the recovered carts",
        f"between {outcomes.KEPT_LOW:.0%} and",
        f"takes {VARIATES_PER_CUSTOMER} random variates",
        f"always {law.CURRENCY}",
        f"at most {people.POOL_DRAWS} names",
    ],
)
def test_every_other_constant_is_on_the_page(sentence: str, page: str) -> None:
    assert sentence in page


@pytest.mark.parametrize(
    ("column", "rate"),
    [
        ("profitability_score", law.PROFITABILITY_MISSING),
        *law.TEXTS_MISSING.items(),
        ("email_consent", law.CONSENT_UNKNOWN),
    ],
)
def test_every_missing_rate_is_on_the_page(column: str, rate: float, page: str) -> None:
    assert re.search(rf"^\| `{column}` \| .* \| {rate:.0%} \|$", page, re.MULTILINE)


def test_the_year_bounds_on_the_page_are_those_of_the_code() -> None:
    assert generate(1, end=date(1991, 1, 1)).size == generate(1, end=date(2099, 12, 31)).size == 1
