"""The report of a run as a file of its own, where `--report` asks for it."""

import os
from pathlib import Path

from analysis import Run
from analysis.versions import versions
from outputs.durable import write_file
from outputs.report import html_report
from retention.errors import OptionError


def check_report(path: Path | None, output: Path) -> None:
    """Check that a report can be written later; nothing is written.

    Args:
        path: Where it is to go, if anywhere.
        output: The output folder, which need not be there yet.

    Raises:
        OptionError: The path is a folder, or lies in a folder that is not there.
    """
    if path is None:
        return
    if path.is_dir():
        raise OptionError("is a folder, not a file", where=f"--report {path}", hint="Give a file such as report.html")
    if not path.parent.is_dir() and path.parent.absolute() != output.absolute():
        raise OptionError("there is no such folder", where=f"--report {path}", hint="Make the folder first")
    if path.parent.is_dir() and not os.access(path.parent, os.W_OK):
        raise OptionError("the folder cannot be written", where=f"--report {path}", hint="Choose another folder")


def write_report(run: Run, path: Path) -> None:
    """Write the report; the file appears whole or not at all.

    Raises:
        OptionError: The disk does not take it.
    """
    try:
        write_file(path, html_report(run, versions=versions()))
    except OSError as error:
        raise OptionError(
            f"the report cannot be written ({error.strerror})",
            where=f"--report {path}",
            hint="All other files are in place",
        ) from error
