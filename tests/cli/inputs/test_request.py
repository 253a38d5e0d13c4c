"""Options as typed become a request, or one clear message."""

from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from analysis import analyze
from cli.inputs.intake import read_input
from cli.inputs.request import Request, files_of, option_texts, segment_request
from cli.options.analyses import SegmentOptions
from cli.options.shared import Reading, Source
from cli.shown.progress import silent
from retention.errors import InputError
from retention.period import Window
from retention.policy.policy import Weights
from run_store import Preferences


def options(**given: Any) -> SegmentOptions:
    """Return options by their names, in whichever group they are; synthetic customers unless told otherwise."""
    values = {"synthetic": True, **given}
    source, reading = (
        {name: values.pop(name) for name in list(values) if name in names(kind)} for kind in (Source, Reading)
    )
    return SegmentOptions(source=Source(**source, reading=Reading(**reading)), **values)


def names(kind: type[Any]) -> set[str]:
    return {each.name for each in fields(kind)}


def request(**given: Any) -> Request:
    return segment_request(options(**given), datetime(2025, 10, 1, tzinfo=UTC))


def test_synthetic_customers_end_on_the_last_day_of_their_month() -> None:
    assert request().settings.window == Window(date(2025, 9, 24), date(2025, 9, 30), "UTC")


@pytest.mark.parametrize(
    "days", [{"start": "2025-12-20"}, {"end": "2025-12-26"}, {"start": "2025-12-20", "end": "2025-12-26"}]
)
def test_synthetic_customers_end_on_the_window_that_is_asked_for(days: dict[str, str]) -> None:
    asked = request(**days, timezone="Europe/Berlin", synthetic_size=300)
    window = Window(date(2025, 12, 20), date(2025, 12, 26), "Europe/Berlin")
    assert asked.settings.window == window
    run = analyze(read_input(asked, silent), asked.policy, asked.settings)
    assert run.window == window
    assert run.accounting.read == 300


def test_the_window_of_a_file_is_left_to_its_dates(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    assert request(synthetic=False, inputs=[str(tmp_path / "a.csv")]).settings.window is None


def test_sizes_replace_those_of_the_policy_one_by_one() -> None:
    assert request().settings.sizes is None
    sizes = request(min_size=7).settings.sizes
    assert sizes is not None
    assert (sizes.min_size, sizes.max_size, sizes.split_oversize) == (7, 20_000, False)
    split = request(split_oversize=True).settings.sizes
    assert split is not None
    assert (split.min_size, split.split_oversize) == (None, True)


@pytest.mark.parametrize(
    "text",
    [
        "conv_pot=1,lift=0,size=0.5",
        "Conv_Pot=1, Lift_vs_Control=0, Size_norm=.5",
        "conv=1,lift=0,size-norm=0.5,",
    ],
)
def test_weights_take_the_names_of_the_scores(text: str) -> None:
    assert request(weights=text).settings.weights == Weights(conv_pot=1, lift=0, size=0.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"synthetic": False}, "no customers to segment.*--input FILE.*--mock"),
        ({"inputs": ["a.csv"]}, "--input and --mock exclude each other"),
        ({"synthetic": False, "inputs": ["nope.csv"]}, "--input nope.csv: there is no such file"),
        ({"synthetic": False, "inputs": ["pyproject.toml"], "seed": 1}, "--seed .* needs --mock"),
        ({"synthetic": False, "inputs": ["pyproject.toml"], "synthetic_size": 1}, "--mock_size .* needs --mock"),
        ({"start": "24.09.2025"}, "--start: '24.09.2025' is not a date.*YYYY-MM-DD"),
        ({"end": "2025-02-30"}, "--end: '2025-02-30' is not a date"),
        ({"end": "20250910"}, "--end: '20250910' is not a date"),
        ({"end": "2025-W38-1"}, "--end: '2025-W38-1' is not a date"),
        ({"start": "2025-09-01", "end": "2025-09-08"}, "has 8 days, not 7"),
        ({"timezone": "Mars/Base"}, "time zone: time zone 'Mars/Base' is not known"),
        ({"policy": "five-segment"}, "Did you mean 'five-segments'"),
        ({"min_size": 0}, "--min_size or --max_size: min_size"),
        ({"min_size": 9, "max_size": 8}, "min_size 9 is above max_size 8"),
        ({"weights": "speed=1"}, "--weights: 'speed' is not a measure"),
        ({"weights": "lift"}, "the weight of lift is not a number"),
        ({"weights": "lift=x"}, "the weight of lift is not a number"),
        ({"weights": "lift=-1"}, "--weights: lift: .*greater than or equal to 0"),
        ({"weights": "lift=nan"}, "--weights: lift: .*finite"),
        ({"weights": "conv_pot=0,lift=0,size=0,profitability=0,strategic_fit=0"}, "at least one weight"),
        ({"currency": "euro"}, "'euro' is not a currency"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(
    options: dict[str, object], message: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    with pytest.raises(InputError, match=message):
        request(**options)


def test_a_currency_is_written_in_capitals() -> None:
    assert request(currency="eur").settings.currency == "EUR"


def test_the_record_of_options_names_files_and_not_where_they_lie() -> None:
    texts = option_texts(options(synthetic=False, inputs=["/home/ann/shop.csv"]), Preferences(currency="EUR"))
    assert texts["inputs"] == ["shop.csv"]
    assert {"query", "mapping", "experiment", "weights", "save"} <= set(texts)
    assert (texts["policy"], texts["timezone"], texts["currency"]) == ("five-segments", "UTC", "EUR")
    assert not {"source", "reading", "trial", "rules"} & set(texts)


def test_a_pattern_names_the_files_that_fit_it_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("carts/b.csv", "carts/a.csv", "carts/c.txt", "carts/deep/d.csv", "[1].csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("user_id,cart_abandoned_date\n", encoding="utf-8")
    near = [Path("carts/a.csv"), Path("carts/b.csv")]
    assert list(files_of(["carts/*.csv"])) == near
    assert list(files_of([str(tmp_path / "carts/*.csv")])) == [tmp_path / each for each in near]
    assert list(files_of(["[1].csv", "carts/**/d.csv"])) == [Path("[1].csv"), Path("carts/deep/d.csv")]
    with pytest.raises(InputError, match="no file fits the pattern"):
        list(files_of(["carts/*.parquet"]))
