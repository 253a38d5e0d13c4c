"""What ran: the program and what its results may depend on."""

import platform
from functools import cache
from importlib.metadata import version

PROGRAM = "0.1.0"
LIBRARIES = ("numpy", "pandas", "pyarrow", "duckdb", "scipy", "pydantic")


def versions() -> dict[str, str]:
    """Return the versions of the program, of Python and of the libraries."""
    return {"program": PROGRAM, "python": platform.python_version(), **_libraries()}


@cache
def _libraries() -> dict[str, str]:
    # Each is read out of a file of the package, which says the same as long as the process runs.
    return {name: version(name) for name in LIBRARIES}
