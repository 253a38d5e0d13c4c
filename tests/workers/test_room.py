import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from workers.room import DISK, room, use_disk

MEMORY = "/dev/shm"  # noqa: S108 - only named
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


@pytest.mark.skipif(sys.platform != "linux", reason="where memory is a folder")
@pytest.mark.parametrize(("said", "place"), [("", str(DISK)), (MEMORY, MEMORY)])
def test_what_waits_lies_on_a_disk_unless_somebody_said_where(
    monkeypatch: pytest.MonkeyPatch, said: str, place: str
) -> None:
    for name in ("TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TMPDIR", said)
    monkeypatch.setattr(tempfile, "tempdir", MEMORY)
    use_disk()
    assert tempfile.gettempdir() == place
    assert os.environ["TMPDIR"] == place


@pytest.mark.skipif(sys.platform != "linux", reason="where memory is a folder")
def test_a_disk_that_the_system_names_itself_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    use_disk()
    assert tempfile.gettempdir() == str(tmp_path)
