"""How much memory a process may use, and how it is held to that."""

import os
import re
import signal
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from retention.errors import OptionError, Remedy, Setting, SourceError

# Windows has no such limits.
resource: Any = import_module("resource") if find_spec("resource") else None
VARIABLE = "RETENTION_MEMORY_LIMIT"
SHARE = 0.6
"""Of what the machine or its control group gives; the rest is for the server, and for what a worker hands over."""
LEAST = 256 << 20
"""What the libraries take before they read anything."""
_GROUPS = ("/sys/fs/cgroup", "/sys/fs/cgroup/memory")
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def bytes_of(text: str) -> int:
    """Return a size as people write it, in bytes; K, M and G stand for powers of 1,024.

    >>> bytes_of("1.5G")
    1610612736

    Raises:
        OptionError: It is no size, or too little to start with.
    """
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([KMG]?)B?", text.strip(), re.IGNORECASE)
    size = int(float(match[1]) * UNITS[match[2].upper()]) if match else 0
    if size < LEAST:
        what = f"'{text}' is not at least {LEAST >> 20} MB of memory" if match else "it is not an amount of memory"
        raise OptionError(what, where=Setting.MEMORY_LIMIT, hint="Write 2G or 1500M")
    return size


def usable() -> int:
    """Return the bytes that this process may use: of the machine, its control group, or its own limit."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4 << 30
    return min([pages, *_limits(), *_of_groups()])


def _limits() -> list[int]:
    kinds = [] if resource is None else [resource.RLIMIT_DATA, resource.RLIMIT_AS]
    return [most for kind in kinds if (most := int(resource.getrlimit(kind)[0])) != resource.RLIM_INFINITY]


def _of_groups() -> list[int]:
    """Return the limits of the control groups that hold this process, as systemd and containers set them."""
    limits = list[int]()
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            inner = Path(line.split(":", 2)[2].lstrip("/"))
            for root in _GROUPS:
                for group in (inner, *inner.parents):
                    for name in ("memory.max", "memory.limit_in_bytes"):
                        with suppress(OSError, ValueError):
                            limits.append(int((Path(root) / group / name).read_text(encoding="utf-8")))
    return limits


def limit() -> int:
    """Return the bytes that one worker may use: as the server's setting says, or a share of what is usable."""
    setting = os.environ.get(VARIABLE, "")
    return bytes_of(setting) if setting else max(LEAST, int(usable() * SHARE))


def hold(size: int) -> None:
    """Hold this process to so many bytes from now on; does nothing where the system knows no such limit."""
    # The usual allocator of Arrow sets more aside than it uses, which counts.
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    if resource is not None:
        most = resource.getrlimit(resource.RLIMIT_DATA)[1]
        size = size if most == resource.RLIM_INFINITY else min(size, most)
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
        # What a process leaves that a library aborts would hold customers.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def used() -> int:
    """Return the bytes that this process has now; 0 where the system doesn't tell."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def free() -> int:
    """Return the bytes that this process may still take."""
    left = usable() - used()
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        return min(left, next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:")))
    return left


def held_child(size: int) -> None:
    """Go on in a child process that is held to so many bytes; this one waits for it and ends as it does.

    A library that gets no memory may end its process without a word, which only another one can tell.

    Raises:
        OptionError: The system knows no such limit.
        SourceError: The child ended for want of memory.
    """
    if resource is None:
        what = "this system has no limit of memory for a process"
        raise OptionError(what, where=Setting.MEMORY_LIMIT, hint="Leave it out")
    child = os.fork()
    if not child:
        hold(size)
        return
    # The terminal sends Ctrl+C to both.
    before = (
        signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.signal(signal.SIGTERM, lambda number, _: os.kill(child, number)),
    )
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
        signal.signal(number, handler)
    if code in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGKILL):
        raise too_much(size)
    raise SystemExit(code if code >= 0 else 128 - code)


def too_much(size: int) -> SourceError:
    """Return the error of work that needs more."""
    return SourceError(
        f"this needs more memory than the {size >> 20:,} MB that are allowed, and was stopped",
        hint="Check that it is the right file, split it, or allow more",
        remedies=(Remedy(Setting.MEMORY_LIMIT, (f"{size >> 19}M",)),),
    )
