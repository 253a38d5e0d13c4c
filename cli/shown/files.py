"""Files that options name: whether a report can go there, and what is said where the disk takes none."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from analysis import Run
from analysis.versions import versions
from outputs.durable import reason_of, write_file
from outputs.ownership import Needed, check_file, is_sealed
from retention.errors import OptionError


@contextmanager
def disk_errors_at(option: str, path: Path, hint: str = "Name another file") -> Iterator[None]:
    """Turn errors of the disk into one that names the option."""
    try:
        yield
    except OSError as error:
        raise OptionError(
            f"the file cannot be written ({reason_of(error)})", where=f"{option} {path}", hint=hint
        ) from error


def write_at(option: str, path: Path, text: str) -> None:
    """Write the file that an option names; it appears whole or not at all."""
    with disk_errors_at(option, path):
        write_file(path, text.encode())


def check_there(path: Path, where: str, hint: str = "Check the path") -> None:
    """Refuse an input that is not there."""
    if not path.exists():
        raise OptionError("there is no such file", where=where, hint=hint)


def check_report(path: Path | None, output: Path, needed: Needed, inputs: Sequence[Path], *, overwrite: bool) -> None:
    """Check that a report can be written later; nothing is written, and the output folder need not be there yet.

    Raises:
        OptionError: The path is a folder, lies in a folder that is not there, or a file would be lost.
    """
    if path is None:
        return
    place = check_file("--report", path, _is_report, inputs=inputs, overwrite=overwrite).absolute()
    where, folder = f"--report {path}", output.expanduser().absolute()
    if place == folder or (folder in place.parents and needed(place.relative_to(folder).as_posix())):
        raise OptionError("the run itself writes there", where=where, hint="Give a file such as report.html")
    if not place.parent.is_dir() and place.parent != folder:
        raise OptionError("there is no such folder", where=where, hint="Make the folder first")
    if place.parent.is_dir() and not os.access(place.parent, os.W_OK):
        raise OptionError("the folder cannot be written", where=where, hint="Choose another folder")


def _is_report(path: Path) -> bool:
    return is_sealed(path) and path.read_bytes().startswith(b"<!doctype html>")


def write_report(run: Run, path: Path, mode: int | None = None) -> None:
    """Write the report; the file appears whole or not at all."""
    from outputs.report import html_report  # noqa: PLC0415 - most runs write none

    with disk_errors_at("--report", path, "All other files are in place"):
        write_file(path, html_report(run, versions=versions()), mode=mode)
