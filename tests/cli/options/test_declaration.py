"""A dataclass becomes the options of a command, and its values come back as the dataclass."""

import re
from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from cli.options.declaration import Without, declare, option


@dataclass(frozen=True, kw_only=True)
class Inner:
    names: Annotated[list[str], typer.Option("--name")] = field(default_factory=list)
    depth: Annotated[int | None, typer.Option()] = None


@dataclass(frozen=True, kw_only=True)
class Outer:
    file: Annotated[Path, typer.Argument()]
    size: Annotated[float, typer.Option()] = 1.5
    inner: Inner = field(default_factory=Inner)


@dataclass(frozen=True, kw_only=True)
class Less:
    inner: Annotated[Inner, Without({"depth"})]


@dataclass(frozen=True, kw_only=True)
class Fields:
    where: str = option("TEXT", "A place.", default=MISSING)
    names: list[str] = option("NAME...", "Some names.", "--name", default=list)
    query: str | None = option("SQL", "What nobody reads.", secret=True)


def outer(options: Outer) -> None:
    """Show options."""
    typer.echo(options)


def fields(options: Fields) -> None:
    """Show options."""
    typer.echo(options)


def less(options: Less) -> None:
    """Show options."""
    typer.echo(options)


def told(command: object, *arguments: str) -> str:
    app = typer.Typer(rich_markup_mode=None)
    app.command()(command)  # type: ignore[type-var]
    result = CliRunner().invoke(app, arguments)
    return f"{result.exit_code}: {result.output}"


def test_options_of_all_groups_are_taken() -> None:
    shown = Outer(file=Path("a"), size=2.0, inner=Inner(names=["x", "y"], depth=3))
    assert told(declare(outer), "a", "--size", "2", "--name", "x", "--name", "y", "--depth", "3") == f"0: {shown}\n"


def test_what_is_not_typed_keeps_the_default() -> None:
    assert told(declare(outer), "a") == f"0: {Outer(file=Path('a'))}\n"


def test_a_field_without_a_default_must_be_typed() -> None:
    assert told(declare(outer)).startswith("2: ")


def test_a_field_that_a_command_does_without_is_no_option() -> None:
    assert told(declare(less), "--name", "x") == f"0: {Less(inner=Inner(names=['x']))}\n"
    assert "No such option: --depth" in told(declare(less), "--depth", "3")


def test_a_field_tells_its_option() -> None:
    shown = "Fields(where='x', names=['a', 'b'])"
    assert told(declare(fields), "--where", "x", "--name", "a", "--name", "b", "--query", "q") == f"0: {shown}\n"
    assert told(declare(fields)).startswith("2: ")
    assert re.search(r"--name NAME\.\.\. +Some names\.", told(declare(fields), "--help"))


def test_the_help_lists_options_in_the_order_that_is_asked_for() -> None:
    helped = told(declare(outer, order=("depth", "size")), "--help")
    places = [helped.index(name) for name in ("--depth", "--size", "--name", "--debug")]
    assert places == sorted(places)
    assert "Show options." in helped


@pytest.mark.parametrize("flags", [(), ("--debug",)])
def test_an_error_on_our_side_is_told_without_its_text(flags: tuple[str, ...]) -> None:
    def broken(options: Less) -> None:
        raise RuntimeError(f"the value of {options}")

    shown = told(declare(broken), *flags)
    assert shown.startswith("1: ")
    assert ("the value of" in shown) == bool(flags)
