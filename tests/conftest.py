"""Settings of all tests."""

import functools
import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.testing
from hypothesis import HealthCheck, settings

from tests import tracing

# No deadline: no test is timed. Derandomized: the same commit gives the same result everywhere.
# The fixtures that examples share are read-only. `make test` tries few examples, `make test-all` the rest.
settings.register_profile(
    "few",
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("many", parent=settings.get_profile("few"), max_examples=60)
settings.register_profile("thorough", parent=settings.get_profile("few"), max_examples=2000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "few"))


# Look for garbage seldom: what is imported stays, and single tests leave little.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """Look for garbage in what was imported no more."""
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Let the tests of the whole house be traced or not, those beside the product's code, too."""
    config.pluginmanager.register(tracing)


@pytest.fixture(scope="session", autouse=True)
def no_power_cut() -> Iterator[None]:
    """Wait for no disk: no test cuts the power, and what outlives a kill is tested in processes of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_command_line() -> Iterator[None]:
    """Build a command line once: a program builds it once as well, and parsing changes nothing of it."""
    with pytest.MonkeyPatch.context() as patch:
        built = functools.cache(typer.main.get_command)
        patch.setattr(typer.main, "get_command", built)
        patch.setattr(typer.testing, "_get_command", built)
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl+C ends what runs, as at a terminal; where tests run in the background, nobody would hear it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
