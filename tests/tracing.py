"""Which tests are traced for coverage: tracing makes Python half as fast, so only those of what must be covered."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

COVERING = ("retention", "segment", "tests/retention", "tests/test_segment", "tests/test_engine_in_parts.py")
TRACERS = pytest.StashKey[tuple[Any, Any]]()


@contextmanager
def traced_with(of_this_thread: Any, of_new_threads: Any) -> Iterator[None]:
    """Trace with these functions meanwhile, or with none."""
    before = sys.gettrace(), threading.gettrace()
    sys.settrace(of_this_thread)
    threading.settrace(of_new_threads)
    try:
        yield
    finally:
        sys.settrace(before[0])
        threading.settrace(before[1])


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Trace only what is covering while tests are collected."""
    session.config.stash[TRACERS] = sys.gettrace(), threading.gettrace()
    with traced_with(None, None):
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtestloop() -> Iterator[None]:
    """Trace only what is covering while tests run."""
    with traced_with(None, None):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Trace the imports of what must be covered: they are the first."""
    if not collector.nodeid.startswith(COVERING):
        return (yield)
    with traced_with(*collector.config.stash[TRACERS]):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Trace the tests that may say that a line is covered."""
    if not item.nodeid.startswith(COVERING) or item.get_closest_marker("untraced"):
        return (yield)
    with traced_with(*item.config.stash[TRACERS]):
        return (yield)
