"""A dashboard in a process of its own, for the browser tests and for measurements."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import end, wait_for_server

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = {
    "server.headless": "true",
    "server.address": "127.0.0.1",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
}


@dataclass(frozen=True)
class Server:
    """A running dashboard.

    Args:
        url: Where it answers.
        workspace: The folder it writes to, its own.
        log: The file its output goes to.
        process: The number of its process.
    """

    url: str
    workspace: Path
    log: Path
    process: int


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(script: Path, workspace: Path, more: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Iterator[Server]:
    """Yield a server of `script` and end it afterwards.

    Args:
        script: The Streamlit script to serve.
        workspace: Its workspace, and its home: secrets go to `.streamlit/secrets.toml` in it.
        more: Options of Streamlit beside the usual ones.
        cwd: The folder to start in.

    Raises:
        RuntimeError: It ends before it answers; the message holds its output.
    """
    port, log = free_port(), workspace / "server.log"
    options = {**OPTIONS, "server.port": str(port), **(more or {})}
    command = [sys.executable, "-m", "streamlit", "run", str(script), *(f"--{k}={v}" for k, v in options.items())]
    # A home of its own: the developer's Streamlit settings must not change what the tests see.
    environment = {**os.environ, "RETENTION_WORKSPACE": str(workspace), "HOME": str(workspace)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            url = f"http://127.0.0.1:{port}/{options.get('server.baseUrlPath', '')}".rstrip("/")
            if not wait_for_server(process, f"{url}/_stcore/health"):
                raise RuntimeError(f"the dashboard did not start:\n{log.read_text(errors='replace')}")
            yield Server(url, workspace, log, process.pid)
        finally:
            end(process)
