"""A real PostgreSQL server of its own for the tests, on a free port of this machine, in a temporary folder."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.waiting import PATIENCE, wait_until

if sys.platform != "win32":
    import pwd

USER, PASSWORD, DATABASE = "retention_owner", "p@ss/w:rd?#%", "shop"


@dataclass(frozen=True)
class Server:
    """A running server with an empty database."""

    port: int

    def connect(self) -> "psycopg.Connection[Any]":
        """Return a connection that may write, to make tables with."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=DATABASE, autocommit=True
        )

    def url(self, *, user: str = USER, login: str = "${SHOP_PASSWORD}", database: str = DATABASE) -> str:
        """Return a URL whose password stands in the environment."""
        return f"postgresql://{user}:{login}@127.0.0.1:{self.port}/{database}"


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """Start a server, and end it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    owner = _owner(folder)
    try:
        _initialise(programs, folder, owner)
        port = _free_port()
        settings = (f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")
        arguments = [part for setting in settings for part in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", *arguments], stdout=log, stderr=log, cwd=folder, **owner
            )
            try:
                _make_database(port, process, folder / "log")
                yield Server(port)
            finally:
                # Ends the sessions that are open, and does not wait for them.
                process.send_signal(signal.SIGINT)
                process.wait(timeout=PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _owner(folder: Path) -> dict[str, Any]:
    """Return the arguments that start a program as somebody else than root, who may not run a server."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    shutil.chown(folder, user)
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _initialise(programs: Path, folder: Path, owner: dict[str, Any]) -> None:
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(0o644)
    options = ["-U", USER, f"--pwfile={secret}", "--auth=scram-sha-256", "-E", "UTF8", "-N", "--locale=C"]
    command = [str(programs / "initdb"), "-D", str(folder / "data"), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, **owner)
    assert done.returncode == 0, done.stderr


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _make_database(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until the server answers, and make the database."""

    def is_made() -> bool:
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        try:
            with psycopg.connect(
                host="127.0.0.1", port=port, user=USER, password=PASSWORD, dbname="postgres", autocommit=True
            ) as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.OperationalError:
            return False
        return True

    wait_until(is_made)
