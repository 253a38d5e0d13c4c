import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workers.room import room

KILLED = """
import os, signal, sys
from pathlib import Path
from workers.room import room
with room(Path(sys.argv[1])) as folder:
    (folder / "part").write_bytes(b"rows")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_room_is_gone_after_an_error(tmp_path: Path) -> None:
    def work() -> None:
        with room(tmp_path) as folder:
            (folder / "part").write_bytes(b"rows")
            raise ValueError("bad")

    with pytest.raises(ValueError, match="bad"):
        work()
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="no process is killed there like this")
def test_the_next_run_clears_what_a_killed_one_left_and_nothing_that_is_in_use(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path], check=False, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert done.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    with room(tmp_path) as one, room(tmp_path) as other:
        assert one.is_dir()
        assert {one, other} == set(tmp_path.iterdir())
    assert not left.exists()
