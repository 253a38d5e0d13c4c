import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WORKING = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
QUICK = f"""#!/bin/sh
case "$*" in
-m*venv*) exec "{sys.executable}" "$@" --without-pip ;;
*) exec "{sys.executable}" "$@" ;;
esac
"""
"""Works, and leaves out the part of an environment that takes long to make."""
BROKEN = "#!/bin/sh\necho 'command not found' >&2\nexit 127\n"
OLD = "#!/bin/sh\nexit 1\n"
WITHOUT_VENV = """#!/bin/sh
case "$*" in
-m*venv*) mkdir -p .venv/bin && cp "$0" .venv/bin/python && exit 1 ;;
-m*pip*) exit 1 ;;
esac
"""


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A folder of commands without a Python."""
    folder = tmp_path / "my bin"
    folder.mkdir()
    for name in ("cp", "mkdir", "rm"):
        (folder / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def make_venv(root: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the script in the folder above the commands, with only these commands in reach."""
    shell = shutil.which("sh") or "/bin/sh"
    return subprocess.run(
        [shell, str(root / "tools" / "make_venv.sh"), *arguments],
        cwd=folder.parent,
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_that_starts_nothing_is_passed_over(root: Path, commands: Path) -> None:
    write(commands / "python3.13", BROKEN)
    write(commands / "python3.12", OLD)
    write(commands / "python3", QUICK)
    done = make_venv(root, commands)
    assert done.returncode == 0, done.stderr
    assert (commands.parent / ".venv" / "bin" / "python").exists()


def test_a_working_environment_is_kept(root: Path, commands: Path) -> None:
    write(commands.parent / ".venv" / "bin" / "python", WORKING)
    assert make_venv(root, commands).returncode == 0
    assert (commands.parent / ".venv" / "bin" / "python").read_text(encoding="utf-8") == WORKING


def test_no_interpreter_gives_one_clear_message(root: Path, commands: Path) -> None:
    write(commands / "python3", OLD)
    done = make_venv(root, commands)
    assert done.returncode == 2
    assert "No Python 3.11, 3.12 or 3.13 runs here" in done.stderr


def test_half_an_environment_is_not_left_behind(root: Path, commands: Path) -> None:
    write(commands / "python3", WITHOUT_VENV)
    done = make_venv(root, commands)
    assert done.returncode == 2
    assert "python3-venv" in done.stderr
    assert not (commands.parent / ".venv").exists()


def test_an_environment_without_pip_is_made_anew(root: Path, commands: Path) -> None:
    write(commands.parent / ".venv" / "bin" / "python", WITHOUT_VENV)
    write(commands / "python3", QUICK)
    assert make_venv(root, commands).returncode == 0
    assert (commands.parent / ".venv" / "pyvenv.cfg").exists()


@pytest.mark.slow
def test_an_interpreter_may_be_named_by_its_path(root: Path, commands: Path) -> None:
    write(commands / "own python", WORKING)
    assert make_venv(root, commands, str(commands / "own python")).returncode == 0
    assert list((commands.parent / ".venv").rglob("pip/__init__.py"))


def test_a_named_interpreter_is_not_replaced_by_another(root: Path, commands: Path) -> None:
    write(commands / "python3.9", OLD)
    write(commands / "python3.12", WORKING)
    done = make_venv(root, commands, "python3.9")
    assert done.returncode == 2
    assert "as 'python3.9'" in done.stderr
