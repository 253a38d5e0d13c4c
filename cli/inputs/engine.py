"""What an analysis runs on: in memory, or in parts on the disk, as an option says or as the input's size asks for."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from analysis import Run, analyze
from analysis.engines.anywhere import EngineName, needed, spool_in
from analysis.engines.spark import analyze_spread
from cli.inputs.intake import read_input, read_input_parts
from cli.inputs.request import Request
from cli.inputs.spark import source_of, spark
from cli.shown.progress import Advance, part
from data_ingestion.cluster.blobs import Cluster
from data_ingestion.cluster.reading import read_spread
from data_ingestion.cluster.sources import parts_of
from outputs.durable import reason_of
from retention.errors import OptionError
from workers.memory import free
from workers.room import room

Stage = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True)
class EngineChoice:
    """What an analysis runs on, and why: a sentence for people; without the address of a cluster it is a local one."""

    in_parts: bool
    why: str = ""
    on_spark: bool = False
    master: str | None = None


def choice(request: Request, engine: EngineName, master: str | None) -> EngineChoice:
    """Return what an analysis runs on; the engine and the address of a cluster are what options say."""
    whole = _whole(request) or ("they come out of a database" if engine == "spark" and request.database else "")
    if master is not None and engine != "spark":
        raise OptionError("only the engine spark runs on a cluster", where="--master", hint="Add --engine spark")
    if request.table and engine != "spark":
        raise OptionError("only the engine spark reads a catalog", where="--input", hint="Add --engine spark")
    if engine in ("duckdb", "spark") and whole:
        raise OptionError(f"the customers cannot be read in parts: {whole}", where="--engine", hint=_HINT)
    if engine == "spark":
        return EngineChoice(True, on_spark=True, master=master)
    if engine != "auto" or whole:
        return EngineChoice(engine == "duckdb")
    may, unused = needed(request.inputs), free()
    if may <= unused:
        return EngineChoice(False)
    why = f"Ran in parts on the disk: in memory the input may take {may >> 20:,} MB, and {unused >> 20:,} MB are free"
    return EngineChoice(True, why)


_HINT = "Leave the option out, or take memory"


def _whole(request: Request) -> str:
    """Return why the customers cannot come in parts; nothing where they can."""
    if not request.inputs and not request.table and request.database is None:
        return "they do not come from files"
    return "rows are repaired" if request.reading.repairs else ""


@contextmanager
def analysed(
    request: Request, chosen: EngineChoice, folder: Path | None, step: Stage, advance: Advance
) -> Iterator[Run]:
    """Give the analysis of a request, whose files are there as long as it is in use.

    Raises:
        InputError: The input cannot be used, or the disk does not take the parts.
    """
    reading, working = part(advance, 0.0, 0.7), part(advance, 0.7, 1.0)
    if not chosen.in_parts:
        with step("read"):
            intake = read_input(request, reading)
        with step("analyze"):
            run = analyze(intake, request.policy, request.settings, progress=working)
        del intake
        yield run
        return
    if chosen.on_spark:
        with _on_spark(request, chosen.master, step, advance) as run:
            yield run
        return
    try:
        with room(folder) as place:
            with step("read"):
                parts = read_input_parts(request, spool_in(place), reading)
            with step("analyze"):
                run = analyze(parts, request.policy, request.settings, progress=working)
            del parts
            yield run
    except OSError as error:
        hint = "Name a folder on a disk with more space"
        what = f"parts of the input cannot be kept on the disk ({reason_of(error)})"
        raise OptionError(what, where="--temp-directory", hint=hint) from error


@contextmanager
def _on_spark(request: Request, master: str | None, step: Stage, advance: Advance) -> Iterator[Run]:
    """Give an analysis whose customers are on a cluster, as long as it is in use."""
    source = source_of(request)
    with spark(master) as session, Cluster(session, parts_of(source, session)) as cluster:
        advance("Reading on the cluster", 0.0)
        with step("read"):
            spread = read_spread(cluster, source, request.reading)
        with step("analyze"):
            settings, working = request.settings, part(advance, 0.3, 1.0)
            run = analyze_spread(cluster, spread, request.policy, settings, progress=working)
        yield run
