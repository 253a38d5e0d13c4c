"""What replaces a file or a folder takes over its rights; what is new is its owner's alone."""

import os
import struct
import sys
from pathlib import Path
from stat import S_IMODE

import pytest

from outputs import Destination, publishing
from outputs.durable import write_file
from outputs.publishing import check_place, publish
from retention.errors import OptionError
from tests.outputs.kill_points import start_over

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
needs_root = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
needs_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="extended attributes of Linux")
EVERYBODY = 0xFFFFFFFF


def mode(path: Path) -> str:
    return f"{S_IMODE(path.stat().st_mode):o}"


def fill(folder: Path) -> None:
    (folder / "segments").mkdir()
    for name in ("new.csv", "segments/new.csv"):
        (folder / name).write_text("personal", encoding="utf-8")


def modes(place: Path) -> list[str]:
    return [mode(path) for path in (place, place / "segments", place / "new.csv", place / "segments/new.csv")]


def access_list(user: int) -> bytes:
    """Return an access list that lets a user read and write beside the owner, as the kernel stores it."""
    entries = [(1, 7, EVERYBODY), (2, 7, user), (4, 5, EVERYBODY), (16, 7, EVERYBODY), (32, 0, EVERYBODY)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@pytest.fixture(autouse=True)
def _open_handed() -> object:
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_new_output_is_its_owners_alone_unless_a_mode_is_given(tmp_path: Path) -> None:
    publish(tmp_path / "out", fill)
    assert modes(tmp_path / "out") == ["700", "700", "600", "600"]
    publish(Destination(tmp_path / "other", mode=0o2750), fill)
    assert modes(tmp_path / "other") == ["2750", "2750", "640", "640"]
    publish(Destination(tmp_path / "out", mode=0o755), lambda folder: (folder / "later.csv").touch())
    assert (mode(tmp_path / "out"), mode(tmp_path / "out" / "later.csv")) == ("755", "644")


@needs_root
@pytest.mark.parametrize("exchange", [True, False])
def test_a_shared_folder_stays_shared(exchange: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not exchange:
        monkeypatch.setattr(publishing, "_exchange", lambda _a, _b: False)
    place = tmp_path / "out"
    start_over(place)
    os.chown(place, 4321, 1234)
    place.chmod(0o2770)
    os.chown(place / "segments", 4321, 1235)
    (place / "segments").chmod(0o2750)
    publish(place, fill)
    assert modes(place) == ["2770", "2750", "660", "640"]
    owners = [(path.stat().st_uid, path.stat().st_gid) for path in (place, place / "segments", place / "new.csv")]
    assert owners == [(4321, 1234), (4321, 1235), (4321, 1234)]


@needs_linux
def test_access_lists_and_attributes_survive(tmp_path: Path) -> None:
    place = tmp_path / "out"
    start_over(place)
    os.setxattr(place, "user.label", b"shop")
    for kind in ("access", "default"):
        os.setxattr(place, f"system.posix_acl_{kind}", access_list(4321))
    publish(place, fill)
    assert os.getxattr(place, "user.label") == b"shop"
    assert os.getxattr(place, "system.posix_acl_access") == access_list(4321)
    # What the folder hands down reaches the files in it.
    assert b"\xe1\x10" in os.getxattr(place / "new.csv", "system.posix_acl_access")
    assert mode(place / "new.csv") == "660"


def test_a_folder_that_cannot_be_kept_as_it_is_stops_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "out"
    start_over(place)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(publishing, "take_rights", refuse)
    with pytest.raises(OptionError, match="belongs to another user or group"):
        check_place(place, needed=lambda _: False)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@needs_root
def test_an_owner_that_the_process_may_not_set_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "out"
    start_over(place)
    os.chown(place, 4321, -1)
    real = os.chown

    def refuse(path: Path, owner: int, group: int) -> None:
        if owner != -1:
            raise PermissionError(1, "Operation not permitted")
        real(path, owner, group)

    monkeypatch.setattr(os, "chown", refuse)
    with pytest.raises(OptionError, match="belongs to another user or group"):
        publish(place, lambda _: pytest.fail("work began"))


def test_a_mount_inside_is_refused_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out" / "deep" / "disk").mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.setattr(os.path, "ismount", lambda path: str(path).endswith("disk"))
        with pytest.raises(OptionError, match=r"deep/disk is a mount point"):
            check_place(tmp_path / "out")
    monkeypatch.setattr(publishing, "_mounts", lambda: frozenset({str(tmp_path / "out" / "deep")}))
    with pytest.raises(OptionError, match=r"deep is a mount point"):
        check_place(tmp_path / "out")


@needs_linux
def test_the_kernel_says_what_is_mounted() -> None:
    assert {"/", "/proc"} <= publishing._mounts()


def test_a_single_file_is_its_owners_alone_and_what_it_replaces_is_not_widened(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    write_file(path, b"new")
    assert mode(path) == "600"
    path.chmod(0o640)
    write_file(path, b"newer")
    assert (mode(path), path.read_bytes()) == ("640", b"newer")
    write_file(path, b"newest", mode=0o750)
    assert mode(path) == "640"
    write_file(path, b"newest", mode=0o2775)
    assert mode(path) == "664"


@needs_root
def test_a_single_file_keeps_group_and_owner(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    path.touch()
    os.chown(path, 4321, 1234)
    write_file(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (4321, 1234)
