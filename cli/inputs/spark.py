"""A session of Spark for one command: on this machine, on a cluster, or on a server of Spark Connect."""

import os
import re
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cli.inputs.request import Request
from data_ingestion.cluster.blobs import BATCH, FRAMES
from data_ingestion.cluster.sources import SpreadFiles, SpreadSource, SpreadTable
from retention.errors import OptionError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CONNECT, PORT = "sc://", 15002
PANDAS = "PySpark does not yet fully support pandas"
ROOT = Path(__file__).parents[2]
MASTER = re.compile(r"(spark|sc|k8s)://\S+|local(\[[0-9*,]+\])?|yarn")
SETTINGS = {BATCH: FRAMES, "spark.sql.session.timeZone": "UTC"}
OF_A_NEW_ONE = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
"""Settings of a session that starts Spark; a server of Spark Connect has its own."""
ANSWERS_IN = 10.0
"""Seconds in which a server of Spark Connect takes a connection; Spark itself would try for ten minutes."""


@contextmanager
def spark(master: str | None) -> Iterator["SparkSession"]:
    """Give a session, which ends with the command unless it was there before.

    Args:
        master: The cluster's address; None: that of what submitted this command, or this machine.

    Raises:
        OptionError: Spark is not installed, does not answer, or cannot finish the work.
    """
    if master is not None and not MASTER.fullmatch(master):
        hint = "Write spark://HOST:PORT, sc://HOST:PORT, local[N], yarn or k8s://URL"
        raise OptionError(f"'{master}' is not the address of a cluster", where="--master", hint=hint)
    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415 - not installed everywhere
        from pyspark.errors import AnalysisException, PySparkException  # noqa: PLC0415 - not installed everywhere
        from pyspark.sql import SparkSession  # noqa: PLC0415 - not installed everywhere

        if master is not None and master.startswith(CONNECT):
            _answering(master)
    except ImportError as error:
        hint = "Install it with pip install -r requirements-spark.txt; it needs Java 17 or later"
        what = "Spark Connect" if (master or "").startswith(CONNECT) else "Spark"
        raise OptionError(f"{what} is not installed here", where="--engine spark", hint=hint) from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    before = SparkSession.getActiveSession()
    try:
        with warnings.catch_warnings():
            # Frames of pandas never pass through Spark, only Arrow does.
            warnings.filterwarnings("ignore", PANDAS)
            session = _made(SparkSession.builder.appName("cart-recovery"), master)
            try:
                yield session
            finally:
                if before is None:
                    session.stop()
    except (Py4JError, PySparkException) as error:
        if (stop := _interruption(error)) is not None:
            raise stop from None
        if isinstance(error, AnalysisException):
            # Only of a table does Spark know more than blobs.
            hint = "Check the name of the table or folder, and that this cluster has the catalog it is in"
            what = f"Spark cannot open the table ({_first_line(error)})"
            raise OptionError(what, where="--input", hint=hint) from error
        what = "it does not answer, or has ended" if isinstance(error, Py4JError) else _first_line(error)
        raise _failed(what, master) from error


def _interruption(error: BaseException | None) -> KeyboardInterrupt | None:
    """Return what stopped the work, where an error came only of clearing up: the line to Java is closed by then."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error


def _made(builder: "SparkSession.Builder", master: str | None) -> "SparkSession":
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    if master is not None and master.startswith(CONNECT):
        return builder.remote(master).getOrCreate()
    for name, value in OF_A_NEW_ONE.items():
        builder = builder.config(name, value)
    # What spark-submit started knows its cluster, and where the program is there.
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        builder = builder.master(master or "local[*]").config("spark.executorEnv.PYTHONPATH", str(ROOT))
    return builder.getOrCreate()


def _answering(master: str) -> None:
    """Hold that a server of Spark Connect can be asked, and is there.

    Raises:
        ImportError: Packages that ask it are not installed.
        OptionError: It takes no connection.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", PANDAS)
        import_module("pyspark.sql.connect")
    place = urlsplit(master)
    try:
        socket.create_connection((place.hostname or "", place.port or PORT), ANSWERS_IN).close()
    except (OSError, ValueError) as error:
        raise _failed("no server of Spark Connect answers there", master) from error


def _failed(what: str, master: str | None) -> OptionError:
    """Return what a person can do about an error of Spark's."""
    # Behind the address of a server its token may stand.
    where = f"--master {master.partition('/;')[0]}" if master else "--engine spark"
    hint = "Check the address, Java here, and the workers: memory, and the same Python and packages as here"
    return OptionError(f"the cluster cannot do the work ({what})", where=where, hint=hint)


def _first_line(error: Exception) -> str:
    """Return the line of an error of Spark's that says what it is."""
    return next((line.strip()[:200] for line in str(error).splitlines() if line.strip()), "no reason is given")


def source_of(request: Request) -> SpreadSource:
    """Return what the workers read."""
    paths = tuple(path.absolute() for path in request.inputs)
    return SpreadTable(request.table) if request.table else SpreadFiles(paths)
