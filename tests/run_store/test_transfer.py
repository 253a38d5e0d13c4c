"""Periods that leave and come back, and files that only look like periods."""

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from retention.errors import InputError, WorkspaceError
from retention.partition.what_if import build_what_if
from run_store import Workspace
from tests.run_store.period_cases import assert_equal_cubes, assert_equal_runs, run_of, saved

Contents = dict[str, bytes]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """The entries of an exported period."""
    folder = tmp_path_factory.mktemp("export")
    Workspace(folder).export(saved(folder), folder / "week.zip")
    with zipfile.ZipFile(folder / "week.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(contents: Contents, compression: int = zipfile.ZIP_STORED) -> io.BytesIO:
    """Return a zip of some entries."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    stream.seek(0)
    return stream


def forged(contents: Contents, kind: str, content: bytes) -> Contents:
    """Return an export in which one file is another, with a checksum that fits."""
    name = next(n for n in contents if n.startswith(f"{kind}."))
    manifest = json.loads(contents["manifest.json"])
    manifest["files"][kind] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    return {**contents, name: content, "manifest.json": json.dumps(manifest).encode()}


def edited(contents: Contents, change: Callable[[dict[str, object]], object]) -> Contents:
    """Return an export whose record was changed by hand, with a checksum that fits."""
    record = json.loads(contents["record.json"])
    change(record)
    return forged(contents, "record", json.dumps(record).encode())


def assert_refused(workspace: Path, contents: io.BytesIO, match: str) -> None:
    with pytest.raises(InputError, match=match):
        Workspace(workspace).take_in(contents)
    assert Workspace(workspace).periods() == ()
    assert [path.name for path in (workspace / "periods").iterdir()] == []
    assert {path.name for path in workspace.iterdir()} <= {"periods", "catalog.sqlite"}


def test_a_period_comes_back_equal_in_another_workspace(tmp_path: Path) -> None:
    run_id = saved(tmp_path / "one", run_of("twelve-leaf", maximum=10), name="Woche 1")
    Workspace(tmp_path / "one").export(run_id, tmp_path / "file.zip")
    opened = Workspace(tmp_path / "two").open(Workspace(tmp_path / "two").take_in(tmp_path / "file.zip"))
    assert opened.summary.id != run_id
    original = Workspace(tmp_path / "one").open(run_id)
    assert (opened.summary.name, opened.summary.saved_at) == (original.summary.name, original.summary.saved_at)
    assert_equal_runs(opened.run(), run_of("twelve-leaf", maximum=10))
    assert_equal_cubes(opened.what_if.cube, original.what_if.cube)
    assert len(list((tmp_path / "two" / "periods").iterdir())) == 5


def test_equal_periods_give_equal_exports_through_any_number_of_workspaces(tmp_path: Path) -> None:
    Workspace(tmp_path / "one").export(saved(tmp_path / "one"), tmp_path / "one.zip")
    Workspace(tmp_path / "two").export(Workspace(tmp_path / "two").take_in(tmp_path / "one.zip"), tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_an_erased_customer_does_not_leave_and_the_counts_do(tmp_path: Path) -> None:
    run_id = saved(tmp_path / "one")
    Workspace(tmp_path / "one").erase("u011")
    Workspace(tmp_path / "one").export(run_id, tmp_path / "file.zip")
    assert b"u011" not in (tmp_path / "file.zip").read_bytes()
    two = Workspace(tmp_path / "two")
    opened = two.open(two.take_in(tmp_path / "file.zip", name="new name"))
    assert (opened.summary.name, opened.summary.erased, opened.summary.rows) == ("new name", 1, 119)


def test_an_export_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    run_id = saved(tmp_path / "w")
    (tmp_path / "file.zip").write_text("before")
    next((tmp_path / "w" / "periods").glob("*.cube.*")).unlink()
    with pytest.raises(WorkspaceError, match="missing"):
        Workspace(tmp_path / "w").export(run_id, tmp_path / "file.zip")
    assert (tmp_path / "file.zip").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.zip", "w"]
    with pytest.raises(WorkspaceError, match="cannot be read or written"):
        Workspace(tmp_path / "w").export(saved(tmp_path / "w"), tmp_path / "no folder" / "file.zip")


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all" * 100])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    assert_refused(tmp_path, io.BytesIO(content), "is not an exported period")


def test_an_export_that_was_cut_is_refused(tmp_path: Path, exported: Contents) -> None:
    whole = packed(exported).getvalue()
    for share in (0.2, 0.5, 0.9, 0.999):
        assert_refused(tmp_path, io.BytesIO(whole[: int(len(whole) * share)]), "is not an exported period")


@pytest.mark.parametrize("name", ["../evil.parquet", "/abs.json", "a/b", "..\\evil", "customers.parquet/../x"])
def test_names_in_a_zip_never_become_paths(tmp_path: Path, exported: Contents, name: str) -> None:
    workspace = tmp_path / "deep" / "workspace"
    assert_refused(workspace, packed({**exported, name: b"x"}), "exactly the files")
    others = {key: value for key, value in exported.items() if key != "cube.parquet"}
    assert_refused(workspace, packed({**others, name: exported["cube.parquet"]}), "exactly the files")
    assert [path.name for path in tmp_path.rglob("*") if "evil" in path.name or path.name == "abs.json"] == []


def test_a_link_in_a_zip_is_only_content(tmp_path: Path, exported: Contents) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in exported.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, b"/etc/passwd" if name == "cube.parquet" else content)
    assert_refused(tmp_path, stream, "does not match its checksum")


def test_a_name_that_stands_twice_is_refused(tmp_path: Path, exported: Contents) -> None:
    stream = packed(exported)
    with zipfile.ZipFile(stream, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("cube.parquet", b"other")
    assert_refused(tmp_path, stream, "exactly the files")


def test_a_packed_zip_is_refused_before_it_unpacks(tmp_path: Path, exported: Contents) -> None:
    bomb = {**exported, "customers.parquet": bytes(50_000_000)}
    assert_refused(tmp_path, packed(bomb, zipfile.ZIP_DEFLATED), "not packed the way")


def test_a_record_or_manifest_of_giant_size_is_not_read(tmp_path: Path, exported: Contents) -> None:
    assert_refused(tmp_path, packed({**exported, "manifest.json": b" " * (2 << 20)}), r"its manifest\.json is larger")
    assert_refused(tmp_path, packed({**exported, "record.json": b" " * (65 << 20)}), r"its record\.json is larger")


@pytest.mark.parametrize("kind", ["record", "customers", "quarantine", "cube", "what_if"])
def test_a_file_that_is_not_what_its_checksum_says_is_refused(tmp_path: Path, exported: Contents, kind: str) -> None:
    name = next(n for n in exported if n.startswith(f"{kind}."))
    content = bytearray(exported[name])
    content[len(content) // 3] ^= 4
    assert_refused(tmp_path, packed({**exported, name: bytes(content)}), "does not match its checksum")


def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, exported: Contents) -> None:
    manifest = json.loads(exported["manifest.json"])
    newer = {**manifest, "format": 2}
    assert_refused(tmp_path, packed({**exported, "manifest.json": json.dumps(newer).encode()}), "Update the program")
    shapes: list[object] = [
        [],
        {},
        {**manifest, "extra": 1},
        {**manifest, "files": {}},
        {**manifest, "saved_at": "2026-01-01"},
    ]
    for broken in shapes:
        assert_refused(tmp_path, packed({**exported, "manifest.json": json.dumps(broken).encode()}), "import")
    for text in (b"", b"[" * 100_000, b"\xff\xfe", b"NaN"):
        assert_refused(tmp_path, packed({**exported, "manifest.json": text}), "import")


def _first_leaf_twice(record: dict[str, object]) -> None:
    tree = record["tree"]
    assert isinstance(tree, dict)
    tree["segments"][0]["leaves"] = tree["segments"][1]["leaves"]


def _wrong(path: str, value: object) -> Callable[[dict[str, object]], object]:
    def change(record: dict[str, object]) -> None:
        place: dict[str, object] = record
        *steps, last = path.split(".")
        for step in steps:
            inner = place[step]
            assert isinstance(inner, dict)
            place = inner
        place[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (_first_leaf_twice, "exactly one segment"),
        (_wrong("format", 99), "Update the program"),
        (_wrong("accounting.universe", 121), "not a whole saved period"),
        (_wrong("accounting.read", -1), "not a whole saved period"),
        (_wrong("window.end", "2026-02-01"), "days, not 7"),
        (_wrong("window.timezone", "../../etc/passwd"), "not known"),
        (_wrong("policy", "name: [x"), "policy"),
        (_wrong("policy_hash", "0"), "not the one that was used"),
        (_wrong("proof.gaps", 1), "results of the proof"),
        (_wrong("center", [1.0]), "a center has"),
        (_wrong("extra", 1), "extra"),
        (_wrong("tree.root", {"index": 10**18, "name": "x", "path": []}), "numbered in order"),
        (_wrong("customers.columns", [{"name": "__class__", "dtype": "str", "categories": None}]), "columns of the"),
        (_wrong("what_if.knobs", []), "what-if grid"),
        (_wrong("what_if.axes", [{"feature": "cart_value", "cuts": [1.0], "categories": []}]), "what-if grid|larger"),
        (_wrong("quarantine.columns", []), "rejected rows"),
        (_wrong("scores.values", {}), "scores are not"),
    ],
)
def test_a_forged_record_is_refused(
    tmp_path: Path, exported: Contents, change: Callable[[dict[str, object]], object], match: str
) -> None:
    assert_refused(tmp_path, packed(edited(exported, change)), match)


def test_customers_of_another_run_are_refused(tmp_path: Path, exported: Contents) -> None:
    table = parquet.read_table(io.BytesIO(exported["customers.parquet"]))

    def written(changed: pa.Table) -> bytes:
        stream = io.BytesIO()
        parquet.write_table(changed, stream)
        return stream.getvalue()

    codes = pa.array([0] * table.num_rows, table.schema.field("segment_code").type)
    place = table.column_names.index("segment_code")
    twice = pa.concat_tables([table.slice(0, 1), table.slice(0, table.num_rows - 1)])
    cases = {
        "segments": (table.set_column(place, table.schema.field(place), codes), "do not match"),
        "twice": (twice, "do not match"),
        "more": (pa.concat_tables([table, table]), "do not match"),
        "columns": (table.drop_columns(["email"]), "damaged"),
        "none": (table.select([]), "damaged"),
    }
    for changed, match in cases.values():
        assert_refused(tmp_path, packed(forged(exported, "customers", written(changed))), match)
    assert_refused(tmp_path, packed(forged(exported, "customers", b"PAR1 no table PAR1")), "damaged")
    assert_refused(tmp_path, packed(forged(exported, "cube", exported["customers.parquet"])), "damaged|larger")


def test_a_forged_what_if_cube_is_replaced_by_the_one_that_the_customers_give(
    tmp_path: Path, exported: Contents
) -> None:
    run = run_of()
    expected = build_what_if(run.segmentation.customers, run.policy, run.segmentation.scale)
    run_id = Workspace(tmp_path).take_in(packed(forged(exported, "what_if", exported["cube.parquet"])))
    assert_equal_cubes(Workspace(tmp_path).open(run_id).what_if.cube, expected.cube)


def test_a_small_table_that_unpacks_to_a_huge_one_is_refused(tmp_path: Path, exported: Contents) -> None:
    table = parquet.read_table(io.BytesIO(exported["customers.parquet"]))
    text = pa.DictionaryArray.from_arrays(pa.array([0] * table.num_rows), pa.array(["x" * 800_000]))
    stream = io.BytesIO()
    bomb = table.set_column(table.column_names.index("region"), "region", text)
    parquet.write_table(pa.concat_tables([bomb] * 20), stream, compression="zstd")
    assert len(stream.getvalue()) < 200_000
    assert_refused(tmp_path, packed(forged(exported, "customers", stream.getvalue())), "larger than any run holds")
