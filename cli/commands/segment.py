"""The main command: customers in, the partition out as files and as a summary."""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime

from analysis import Run
from analysis.versions import versions
from cli.inputs.engine import analysed, choice
from cli.inputs.places import destination, workspace_at
from cli.inputs.request import option_texts, segment_request
from cli.options.analyses import SegmentOptions
from cli.shown.console import say
from cli.shown.files import check_report, write_report
from cli.shown.progress import part, progress_bar
from cli.shown.summary import print_summary
from outputs import RunDetails, check_place, run_names, write_outputs
from retention.errors import InputError
from run_store import Preferences, Workspace, checked_name


def segment_command(options: SegmentOptions, moment: datetime) -> None:
    """Read or generate customers, segment and score them, write all files, say what was found.

    Raises:
        InputError: The input, an option or the output folder cannot be used; nothing was written.
    """
    workspace, started = workspace_at(options.source.workspace), moment.isoformat(timespec="seconds")
    request = segment_request(options, moment)
    name = None if options.save is None else checked_name(options.save)
    needed = run_names(request.policy.segments, options.file_format)
    goal = destination(options.output, options.placing)
    inputs = (*request.inputs, *options.source.repaired)
    check_place(goal, inputs, needed=needed)
    check_report(options.report, options.output, needed, inputs, overwrite=options.placing.overwrite)
    chosen = choice(request, options.engine, options.master)
    watch = _Watch()
    # The parts of the customers are there as long as the stack is open, and the bar ends before anything is said.
    with ExitStack() as stack:
        with progress_bar() as advance:
            reading, writing = part(advance, 0.0, 0.7), part(advance, 0.7, 1.0)
            run = stack.enter_context(analysed(request, chosen, options.temp_directory, watch.step, reading))
            details = RunDetails(started, versions(), option_texts(options, request.usual), watch.seconds)
            with _saved(workspace, run, name, started) as run_id:
                workspace.note("exported", run.accounting.universe)
                profile, kind = options.profile, options.file_format
                written = write_outputs(run, goal, profile=profile, file_format=kind, details=details, progress=writing)
            if options.report is not None:
                write_report(run, options.report, goal.mode)
        print_summary(run, written, sys.stdout)
    for line in filter(None, [chosen.why, *_workspace_lines(workspace, request.usual, run_id)]):
        say(line)


@contextmanager
def _saved(workspace: Workspace, run: Run, name: str | None, started: str) -> Iterator[str]:
    """Save a run if it has a name, and give its identifier; it goes again if what follows fails."""
    if name is None:
        workspace.note("analysed", run.accounting.universe)
        yield ""
        return
    run_id = workspace.save(run, name=name, saved_at=datetime.fromisoformat(started))
    try:
        yield run_id
    except BaseException:
        with suppress(InputError):
            workspace.delete(run_id)
        raise


def _workspace_lines(workspace: Workspace, settings: Preferences, run_id: str) -> Iterator[str]:
    words = "; ".join(settings.words())
    if words:
        yield f"Settings of the workspace {workspace.folder}, where no option says otherwise: {words}"
    if run_id:
        yield f"Saved in {workspace.folder} as {run_id}"


class _Watch:
    """Seconds of each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)
