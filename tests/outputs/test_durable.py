"""What a killed process leaves is removed by the next, and what a living one holds is not."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from outputs.durable import clear_parts, held_part, reason_of, write_file

KILLED = """
import os, signal, sys
from pathlib import Path
from outputs.durable import write_file

def fill(stream):
    stream.write(b"personal")
    os.kill(os.getpid(), signal.SIGKILL)

write_file(Path(sys.argv[1]), fill)
"""

needs_locks = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")


@needs_locks
def test_what_a_kill_leaves_beside_a_file_is_removed_by_the_next_write(tmp_path: Path, root: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "a.zip")], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"personal"]
    (tmp_path / ".part-mine").touch()
    write_file(tmp_path / "b.zip", b"next")
    assert {path.name for path in tmp_path.iterdir()} == {"b.zip", ".part-mine"}


@needs_locks
def test_what_is_being_written_is_left_alone(tmp_path: Path) -> None:
    with held_part(tmp_path) as (part, stream):
        clear_parts(tmp_path)
        write_file(tmp_path / "other", b"x")
        stream.write(b"y")
        assert part.read_bytes() == b"y"
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_a_folder_that_is_not_there_has_nothing_to_clear(tmp_path: Path) -> None:
    clear_parts(tmp_path / "none")


def test_a_full_disk_is_told_in_the_words_of_the_system() -> None:
    arrow = OSError(28, "Error writing bytes to file. Detail: [errno 28] No space left on device")
    assert reason_of(arrow) == reason_of(OSError(28, "No space left on device")) == "no space left on device"
