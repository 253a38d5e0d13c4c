"""The spellings of the command line: `_` or `-`, several values after one `--input`, the main command unnamed."""

from collections.abc import Sequence

MAIN_COMMAND = "segment"
LISTS = ("--input", "--suppress", "--bought", "--statement")


def fold(name: str) -> str:
    """Return an option's name as it is compared; names are declared with either spelling.

    >>> fold("--mock-size") == fold("--mock_size")
    True
    """
    return name.replace("_", "-")


def arguments(given: Sequence[str]) -> list[str]:
    """Return arguments as the parser takes them.

    >>> arguments(["segment", "--input", "a.csv", "b.csv", "--mock"])
    ['--input', 'a.csv', '--input', 'b.csv', '--mock']
    """
    taken = list(given[1:] if given[:1] == [MAIN_COMMAND] else given)
    out: list[str] = []
    current = ""
    for position, value in enumerate(taken):
        if value.startswith("-"):
            current = value if value in LISTS else ""
        elif current and taken[position - 1] not in LISTS:
            out.append(current)
        out.append(value)
    return out
