"""Synthetic customers as a file."""

from pathlib import Path

from data_generation import DEFAULT_SEED, DEFAULT_SIZE, generate, write_csv
from retention.errors import OptionError


def generate_file(size: int | None, seed: int | None, output: Path) -> str:
    """Write synthetic customers as CSV; return a line that says so.

    Raises:
        OptionError: A number makes no sense, or the file cannot be written.
    """
    target = output.expanduser()
    if target.is_dir():
        raise OptionError(
            "is a folder", where=f"--output {output}", hint=f"Name a file, such as {output / 'customers.csv'}"
        )
    made = generate(DEFAULT_SIZE if size is None else size, seed=DEFAULT_SEED if seed is None else seed)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_csv(made, target)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise OptionError(
            f"cannot be written ({reason})", where=f"--output {output}", hint="Name another file"
        ) from error
    return f"{made.size:,} synthetic customers, 30 days up to {made.end}: {output}"
