"""Spark on this machine: a cluster of a master and workers that a test can kill, and a server of Spark Connect."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pyspark

from tests.waiting import wait_until

HOME = Path(pyspark.__file__).parent
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Standalone:
    """A cluster that runs.

    Args:
        url: Its address.
        workers: The processes of its workers, each the first of its group.
        start: Starts one.
    """

    url: str
    workers: "list[subprocess.Popen[bytes]]"
    start: "Callable[[], subprocess.Popen[bytes]]"

    def kill(self, worker: int) -> None:
        """Kill a worker with all that it runs, as when its machine is lost; another one takes its place."""
        os.killpg(self.workers[worker].pid, signal.SIGKILL)
        self.workers[worker].wait()
        self.workers[worker] = self.start()


@contextmanager
def standalone(folder: Path, workers: int = 2, memory: str = "700m") -> Iterator[Standalone]:
    """Run a cluster until the block ends, whose workers give their executors so much memory."""
    port, log = free_port(), folder / "spark.log"
    url = f"spark://127.0.0.1:{port}"
    base = [str(HOME / "bin/spark-class"), "org.apache.spark.deploy"]
    own = ["--host", "127.0.0.1", "--webui-port", "0"]
    environment = {**os.environ, "SPARK_HOME": str(HOME), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
    with ExitStack() as stack, log.open("wb") as stream:

        def started(kind: str, *given: str) -> "subprocess.Popen[bytes]":
            command = [base[0], f"{base[1]}.{kind}", *own, *given]
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            stack.callback(_killed, process)
            return process

        started("master.Master", "--port", str(port))
        wait_until(lambda: b"I have been elected leader" in log.read_bytes())
        places = (str(folder / f"work-{number}") for number in count())

        def worker() -> "subprocess.Popen[bytes]":
            return started("worker.Worker", "--cores", "1", "--memory", memory, "--work-dir", next(places), url)

        made = [worker() for _ in range(workers)]
        wait_until(lambda: log.read_bytes().count(b"Successfully registered with master") == workers)
        yield Standalone(url, made, worker)


@contextmanager
def connect_server(folder: Path) -> Iterator[str]:
    """Run a server of Spark Connect, whose workers find the program, until the block ends; give its address."""
    port, log = free_port(), folder / "connect.log"
    binding = {"address": "127.0.0.1", "port": port}
    settings = [f"spark.connect.grpc.binding.{name}={value}" for name, value in binding.items()]
    kind = "org.apache.spark.sql.connect.service.SparkConnectServer"
    command = [str(HOME / "bin/spark-submit"), "--class", kind, "--master", "local[1]"]
    for setting in (*settings, "spark.ui.enabled=false"):
        command += ["--conf", setting]
    own = {"SPARK_HOME": str(HOME), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    with ExitStack() as stack, log.open("wb") as stream:
        process = subprocess.Popen(
            [*command, "spark-internal"],
            env={**os.environ, **own, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        stack.callback(_killed, process)
        wait_until(lambda: b"Spark Connect server started" in log.read_bytes())
        yield f"sc://127.0.0.1:{port}"


def _killed(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
