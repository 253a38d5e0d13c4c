"""Each setting has a name in each shell, and that name is there to be used."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli.shown import setting_names
from frontend.utils import messages
from retention.errors import InputError, PeriodError, Remedy, Setting, SourceError, UnsureLayoutError

ORDER = Remedy(Setting.DATE_ORDER, ("dmy", "mdy"))


@pytest.mark.parametrize("names", [setting_names.NAMES, messages.NAMES], ids=["options", "widgets"])
def test_every_setting_has_a_name(names: Mapping[Setting, str]) -> None:
    assert set(names) == set(Setting)


def declared(root: Path, folder: str) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted((root / folder).rglob("*.py")))


@pytest.mark.parametrize("setting", Setting)
def test_a_name_is_an_option_or_a_label_that_is_there(setting: Setting, root: Path) -> None:
    options = (root / "main.py").read_text(encoding="utf-8") + declared(root, "cli/options")
    for option in re.findall(r"--([\w-]+)", setting_names.NAMES[setting]):
        # An option is named as such, or after its parameter; `-` and `_` are the same.
        assert re.search(rf'"--{option}"|\b{option.replace("-", "_")}: ', options)
    widgets = declared(root, "frontend/components")
    for label in re.findall(r"'((?:[^']|'(?=\w))+)'(?!\w)", messages.NAMES[setting]):
        assert f'"{label}"' in widgets


@pytest.mark.parametrize(
    ("error", "neutral", "options", "widgets"),
    [
        (
            SourceError("no date tells which", where="x.csv", hint="Say which it is", remedies=(ORDER,)),
            "x.csv: no date tells which. Say which it is. Set the order of day and month (dmy or mdy)",
            "x.csv: no date tells which. Say which it is. Use --date-order dmy or --date-order mdy",
            "At: x.csv. Say which it is. Set 'Dates in files' under 'Sizes and formats'.",
        ),
        (
            PeriodError("it is not known", where=Setting.TIMEZONE, hint="Did you mean 'UTC'?"),
            "time zone: it is not known. Did you mean 'UTC'?",
            "--timezone: it is not known. Did you mean 'UTC'?",
            "At: 'Time zone of the shop'. Did you mean 'UTC'?",
        ),
        (
            UnsureLayoutError("no known layout", name="x.csv"),
            "x.csv: no known layout. Set the column mapping",
            (
                "x.csv: no known layout. Run 'python main.py inspect x.csv --write-mapping map.yaml', correct map.yaml "
                "where it is wrong, and pass it with --mapping map.yaml"
            ),
            "At: x.csv. Say below what its columns hold.",
        ),
        (InputError("it is empty"), "it is empty.", "it is empty.", ""),
    ],
)
def test_each_shell_says_what_helps_in_its_own_words(
    error: InputError, neutral: str, options: str, widgets: str
) -> None:
    assert str(error) == neutral
    assert setting_names.message(error) == options
    assert messages.details(error).replace("\\", "") == widgets
