"""Errors -> a message for a person and an exit code. Nothing heavy is imported here, so that help is quick."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Set
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, ENOENT, ENOSPC
from pathlib import Path
from types import FrameType
from typing import NoReturn

import typer

from cli.shown.console import say
from cli.shown.setting_names import message
from retention.errors import InputError, InvariantError
from workers.memory import too_much, usable

# 2 is what Click itself ends with after a wrong option; a shell reports 128 and the number of a signal.
BAD_INPUT, OUR_FAULT, SIGNALLED = 2, 1, 128
_FULL = (ENOSPC, EDQUOT, EFBIG)
_NO_ROOM = "no temporary file can be written. Make room, or name a folder of another disk in the variable TMPDIR."
WHOLE = "No half-written output is left."


@contextmanager
def reported(debug: bool, options: Set[str]) -> Iterator[None]:
    """Turn errors into a message for a person, with advice that fits the command's options, and an exit code."""
    try:
        with _terminable():
            yield
    except (typer.BadParameter, typer.Exit):
        # Typer shows the one with the command's usage; the other is an ending of its own.
        raise
    except InputError as error:
        _fail(f"Error: {message(error, options)}", BAD_INPUT)
    except MemoryError:
        _fail(f"Error: {message(too_much(usable()), options)}", BAD_INPUT)
    except _Terminated:
        _fail(f"Asked to stop. {WHOLE}", SIGNALLED + signal.SIGTERM)
    except KeyboardInterrupt:
        _fail(f"Interrupted. {WHOLE}", SIGNALLED + signal.SIGINT)
    except BrokenPipeError:
        # The files are written; whoever read the summary stopped, as `head` does.
        # Python flushes stdout once more at the end, and would tell of the same failure again; so it leads nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001 - the shell's last resort: no traceback for a marketer
        if debug:
            traceback.print_exc()
        # Where no folder takes a temporary file, Python finds none and names none.
        if isinstance(error, OSError) and (error.errno in _FULL or (error.errno, error.filename) == (ENOENT, None)):
            _fail(f"Error: {_NO_ROOM} {WHOLE}", BAD_INPUT)
        _fail(_our_fault(error), OUR_FAULT)


class _Terminated(KeyboardInterrupt):
    """Somebody told the process to end; all that clears up after Ctrl-C, Spark's own line to Java too, does so then."""


@contextmanager
def _terminable() -> Iterator[None]:
    """Leave by an exception where the process is told to end, so that what is open is cleared up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(_: int, __: FrameType | None) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _our_fault(error: Exception) -> str:
    """Return what went wrong without the error's own text, which may hold a customer's values."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    what = str(error) if isinstance(error, InvariantError) else type(error).__name__
    place = f"{Path(frame.filename).name}, line {frame.lineno}"
    return f"Error on our side: {what} ({place}). {WHOLE} --debug shows the details."


def _fail(message: str, code: int) -> NoReturn:
    say(message, sys.stderr)
    raise typer.Exit(code)
