"""The spellings of the command line."""

import pytest

from cli.options.arguments import arguments, fold


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ([], []),
        (["--mock"], ["--mock"]),
        (["segment", "--mock"], ["--mock"]),
        (["--input", "a", "b", "c", "--seed", "1"], ["--input", "a", "--input", "b", "--input", "c", "--seed", "1"]),
        (["--input", "a", "--input", "b"], ["--input", "a", "--input", "b"]),
        (["--input=a", "--mock"], ["--input=a", "--mock"]),
        (["--seed", "1", "2"], ["--seed", "1", "2"]),
        (["generate", "--output", "x"], ["generate", "--output", "x"]),
        (["--input", "segment"], ["--input", "segment"]),
    ],
)
def test_arguments_reach_the_parser_in_one_form(given: list[str], taken: list[str]) -> None:
    assert arguments(given) == taken


def test_underscores_and_hyphens_are_one() -> None:
    assert fold("--mock_size") == fold("--mock-size")
