"""Synthetic customers as a file."""

from pathlib import Path

from cli.inputs.places import mode_of
from cli.options.shared import Placing
from cli.shown.files import disk_errors_at
from data_generation import DEFAULT_SEED, DEFAULT_SIZE, generate, write_csv
from outputs import check_file


def generate_file(size: int | None, seed: int | None, output: Path, placing: Placing) -> str:
    """Write synthetic customers as CSV; return a line that says so."""
    # Nothing in a CSV file says who wrote it, so none is taken for our own.
    target = check_file("--output", output, overwrite=placing.overwrite)
    rights = mode_of(placing.mode)
    synthetic = generate(DEFAULT_SIZE if size is None else size, seed=DEFAULT_SEED if seed is None else seed)
    with disk_errors_at("--output", output):
        target.parent.mkdir(parents=True, exist_ok=True)
        write_csv(synthetic, target, rights)
    return f"{synthetic.size:,} synthetic customers, 30 days up to {synthetic.end}: {output}"
