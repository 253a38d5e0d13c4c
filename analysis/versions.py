"""What ran: the program and what its results may depend on."""

import platform
from importlib.metadata import version

PROGRAM = "0.1.0"
LIBRARIES = ("numpy", "pandas", "pyarrow", "duckdb", "scipy", "pydantic")


def versions() -> dict[str, str]:
    """Return the versions of the program, of Python and of the libraries."""
    return {"program": PROGRAM, "python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
