"""shop.yaml: checked with paths in errors, written and read back, made by init with and without a terminal."""

import json
import os
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from cli.options.arguments import arguments
from main import app
from retention.errors import OptionError
from weekly.config import Shop, read_shop, shop_of, shop_schema, shop_to_yaml, write_shop

SOURCE = {"files": ["exports"]}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"source": SOURCE, "sauce": 1}, "sauce: unknown key"),
        ({}, "source: is missing"),
        ({"source": {}}, "source: give files, or a database with its query"),
        ({"source": {"database": "env:X"}}, "source: give files, or a database with its query"),
        (
            {"source": {"database": "postgresql://me:secret@db/x", "query": "SELECT 1"}},
            "a password belongs in the environment",
        ),
        (
            {"source": SOURCE, "audiences": {"platform": "klavio"}},
            "audiences: 'klavio' is not a platform. Did you mean 'klaviyo'?",
        ),
        ({"source": SOURCE, "holdout": {"experiment": "x", "share": 1}}, "holdout.share: Input should be less than 1"),
        ({"source": SOURCE, "timezone": "Europe/Nowhere"}, "time zone 'Europe/Nowhere' is not known"),
        ({"source": SOURCE, "currency": "EURO"}, "currency"),
        ({"source": SOURCE, "orders": {"guardrails": ["refunds=much"]}}, "'much' is not a number"),
        ({"source": SOURCE, "messages": {"to": ["mailto://a:b@c"]}}, "messages.to.0: String should match pattern"),
        ({"source": SOURCE, "alerts": {"weeks": 4}}, "alerts.weeks: Input should be greater than or equal to 8"),
        ([], "the file describes no shop"),
    ],
)
def test_what_cannot_be_is_named_with_its_path(tmp_path: Path, data: object, told: str) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(OptionError) as error:
        read_shop(path)
    assert "shop.yaml" in str(error.value)
    assert told in str(error.value)
    assert "secret" not in str(error.value)


def test_yaml_that_reads_differently_from_how_it_looks_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text("source: {files: [a]}\nsource: {files: [b]}\n")
    with pytest.raises(OptionError, match="line 2: key 'source' is used twice"):
        read_shop(path)


def test_a_written_file_reads_back_equal_and_says_only_what_is_not_usual(tmp_path: Path) -> None:
    shop = shop_of({"source": SOURCE, "keep_weeks": 4, "first_week": "2025-09-01"}, tmp_path / "shop.yaml")
    write_shop(tmp_path / "shop.yaml", shop)
    assert read_shop(tmp_path / "shop.yaml") == shop
    assert yaml.safe_load(shop_to_yaml(shop)).keys() == {"version", "source", "keep_weeks", "first_week"}


def test_the_schema_of_the_file_is_the_one_that_editors_use(root: Path) -> None:
    text = (root / "policies" / "shop.schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == shop_schema()


def test_init_writes_a_file_from_options(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    given = ["init", "--config", str(path), "--input", "a/*.csv", "b", "--platform", "klaviyo", "--country", "DE"]
    given += ["--experiment", "recovery", "--holdout", "0.2", "--timezone", "Europe/Berlin", "--message", "env:MAIL"]
    result = CliRunner().invoke(app, arguments(given))
    assert result.exit_code == 0, result.output
    shop = read_shop(path)
    assert (shop.source.files, shop.audiences.platform, shop.messages.to) == (
        ("a/*.csv", "b"),
        "klaviyo",
        ("env:MAIL",),
    )
    assert shop.experiment is not None
    assert (shop.timezone, shop.experiment.shares["control"]) == ("Europe/Berlin", 0.2)
    again = CliRunner().invoke(app, arguments(given))
    assert (again.exit_code, "there already" in again.output) == (2, True)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((), "there is nobody to ask where the customers come from"),
        (("--input", "a", "--platform", "klavio"), "Did you mean 'klaviyo'?"),
        (("--input", "a", "--holdout", "0.2"), "a holdout needs the name of its experiment"),
        (("--input", "env:SHOP"), "a database with its query"),
    ],
)
def test_init_never_waits_where_nobody_is_there(tmp_path: Path, given: tuple[str, ...], told: str) -> None:
    result = CliRunner().invoke(app, arguments(["init", "--config", str(tmp_path / "shop.yaml"), *given]))
    assert (result.exit_code, told in result.output, (tmp_path / "shop.yaml").exists()) == (2, True, False)


def test_init_asks_on_a_terminal_and_takes_what_is_usual_for_an_empty_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pty = pytest.importorskip("pty", reason="terminals of this kind are Unix's")
    ours, theirs = pty.openpty()
    path = tmp_path / "shop.yaml"
    # All at once: a terminal keeps what is typed before somebody asks.
    os.write(ours, b"a/*.csv b\n\nDE\nklaviyo\n\n")
    with os.fdopen(theirs, encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        with pytest.raises(SystemExit) as ended:
            app(arguments(["init", "--config", str(path)]))
    os.close(ours)
    said, asked = capsys.readouterr()
    assert not ended.value.code, asked
    assert "is written. Try it with" in said
    assert [part.rpartition("[")[2] for part in asked.split("]: ")[:-1]] == ["exports", "UTC", "", "csv", ""]
    shop = read_shop(path)
    found = (shop.source.files, shop.timezone, shop.country, shop.audiences.platform, shop.experiment)
    assert found == (("a/*.csv", "b"), "UTC", "DE", "klaviyo", None)


def test_usual_values_are_the_programs() -> None:
    shop = Shop.model_validate({"source": SOURCE})
    assert (shop.alerts.weeks, shop.alerts.set_aside, shop.messages.to, shop.keep_weeks) == (8, 0.02, (), None)
