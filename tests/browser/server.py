"""A dashboard in a process of its own, for the browser tests and for measurements."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
        RuntimeError: It ends, or gives no answer within a minute; the message holds its output.
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
            _wait(process, url, log)
            yield Server(url, workspace, log, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the dashboard did not start:\n{log.read_text(errors='replace')}")
