"""Only what an output wrote, and nobody changed since, is replaced without a word."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis import Run
from outputs import Destination, RunDetails, check_file, check_place, run_names, write_outputs
from outputs.names import REPORT
from outputs.ownership import RUN_OUTPUT, ZEROS, is_sealed, seal
from retention.errors import OptionError
from tests.outputs.folders import content

SCORES = ("segment_scores.csv", "segment_scores.json")
FIXED = ("segment_assignments.csv", *SCORES, "quarantine.csv", REPORT, "run.json")
MINE = {"run.json": '{"mine": 1}', "quarantine.csv": "mine", "segments/07_x.csv": "mine", "notes.txt": "mine"}


def put(folder: Path, files: dict[str, str]) -> dict[str, bytes]:
    """Write texts below a folder; return everything in it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return content(folder)


def test_a_folder_that_never_held_an_output_loses_nothing(small: Run, tmp_path: Path) -> None:
    place = tmp_path / "out"
    before = put(place, MINE)
    with pytest.raises(OptionError, match=r"the file exists already, .*: quarantine\.csv, run\.json\."):
        write_outputs(small, place)
    assert content(place) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_files_whose_names_no_run_needs_are_kept_in_place(small: Run, tmp_path: Path) -> None:
    place = tmp_path / "out"
    before = put(place, {name: text for name, text in MINE.items() if name not in ("run.json", "quarantine.csv")})
    write_outputs(small, place)
    write_outputs(small, place)
    assert before.items() <= content(place).items()


def test_what_may_be_overwritten_is_replaced_and_the_rest_is_kept(small: Run, tmp_path: Path) -> None:
    place = tmp_path / "out"
    put(place, MINE)
    written = write_outputs(small, Destination(place, overwrite=True))
    held = content(place)
    assert set(held) - {"segments/07_x.csv", "notes.txt"} == {*FIXED, *written.segments.values()}
    assert held["segments/07_x.csv"] == held["notes.txt"] == b"mine"


@pytest.mark.parametrize("name", ["segment_assignments.csv", "segment_scores.json", REPORT, "run.json", "segments"])
def test_a_file_that_was_edited_stops_the_next_run(name: str, small: Run, tmp_path: Path) -> None:
    place = tmp_path / "out"
    written = write_outputs(small, place)
    edited = next(iter(written.segments.values())) if name == "segments" else name
    with (place / edited).open("a", encoding="utf-8") as stream:
        stream.write(" ")
    before = content(place)
    with pytest.raises(OptionError, match=f"exists already, .*: {edited}"):
        write_outputs(small, place)
    assert content(place) == before
    write_outputs(small, Destination(place, overwrite=True))
    assert RUN_OUTPUT.owned(place) == set(content(place))


def test_every_written_file_is_ours(small: Run, tmp_path: Path) -> None:
    write_outputs(small, tmp_path / "out", details=RunDetails(started="now"), file_format="parquet")
    assert RUN_OUTPUT.owned(tmp_path / "out") == set(content(tmp_path / "out"))


@pytest.mark.parametrize("profile", ["machine", "spreadsheet"])
def test_an_output_from_before_hashes_is_known_by_its_content(profile: str, small: Run, tmp_path: Path) -> None:
    place = tmp_path / "out"
    write_outputs(small, place, profile=profile)  # type: ignore[arg-type]
    forget_hashes(place)
    assert RUN_OUTPUT.owned(place) == set(content(place))
    write_outputs(small, place)
    forget_hashes(place)
    with (place / "segment_assignments.csv").open("a", encoding="utf-8") as stream:
        stream.write("a,b,1,,,,,\n")
    (place / "run.json").write_text("mine")
    with pytest.raises(OptionError, match=r": run\.json, segment_assignments\.csv\."):
        write_outputs(small, place)


def forget_hashes(place: Path) -> None:
    """Make of an output what an earlier version wrote."""
    for name in (REPORT, "run.json"):
        record = json.loads((place / name).read_bytes())
        del record["sha256"]
        (place / name).write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def test_the_names_that_a_policy_may_need_are_refused_before_any_work(small: Run, tmp_path: Path) -> None:
    needed = run_names(["VIP", "Best & Last"], "csv")
    stems = ("01_vip", "02_best-last", "12_other", "03_vip-low-aov", "04_all-abandoners")
    assert all(needed(name) for name in (*(f"segments/{stem}.csv" for stem in stems), *FIXED))
    assert not any(needed(name) for name in ("segments/07_x.csv", "segment_assignments.parquet", "segments/vip.csv"))
    names = run_names(small.policy.segments, "csv")
    written = write_outputs(small, tmp_path / "out")
    assert all(names(name) for name in (*content(tmp_path / "out"), *written.segments.values()))
    put(tmp_path / "other", {"segments/01_vip.csv": "mine"})
    with pytest.raises(OptionError, match=r": segments/01_vip\.csv"):
        check_place(tmp_path / "other", needed=needed)


@pytest.mark.parametrize("kind", [Path.mkdir, lambda path: path.symlink_to("x"), lambda path: path.touch()])
@pytest.mark.parametrize("name", ["run.json", "segments"])
def test_whatever_holds_a_name_that_is_needed_stops_the_run(
    name: str, kind: Callable[[Path], None], small: Run, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    kind(tmp_path / "out" / name)
    if (name, kind) == ("segments", Path.mkdir):
        write_outputs(small, tmp_path / "out")
        return
    with pytest.raises(OptionError, match=r"exists already|never replaced"):
        write_outputs(small, tmp_path / "out")


def test_a_workspace_is_never_inside_what_is_replaced(tmp_path: Path) -> None:
    put(tmp_path / "out", {"shop/.workspace/catalog.sqlite": "x"})
    with pytest.raises(OptionError, match=r"shop/\.workspace is a workspace"):
        check_place(Destination(tmp_path / "out", overwrite=True))


def test_a_single_file_is_refused_unless_it_is_ours_or_may_go(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert check_file("--report", path) == path
    path.write_text("mine")
    with pytest.raises(OptionError, match=r"report\.html: the file exists already"):
        check_file("--report", path, is_sealed)
    check_file("--report", path, overwrite=True)
    with pytest.raises(OptionError, match="is an input"):
        check_file("--report", path, inputs=[path], overwrite=True)
    path.write_bytes(seal(f"made here {ZEROS}"))
    check_file("--report", path, is_sealed)


def test_a_database_and_a_device_are_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "catalog"
    path.write_bytes(b"SQLite format 3\0 and more")
    for place in (path, Path("/dev/null")):
        with pytest.raises(OptionError, match="which is never replaced"):
            check_file("FILE", place, overwrite=True)


def test_a_seal_breaks_with_any_change(tmp_path: Path) -> None:
    path = tmp_path / "record"
    path.write_bytes(seal(f"an earlier hash {'ab' * 32}, then its own {ZEROS} and an end"))
    assert is_sealed(path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert not is_sealed(path)
    path.write_bytes(b"")
    assert not is_sealed(path)
