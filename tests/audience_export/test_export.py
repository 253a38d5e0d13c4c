"""An export in its folder: whole, in parts, read back, and nothing of others lost."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from analysis import Run, with_experiment
from audience_export import (
    AudienceRequest,
    audience_zip,
    read_coupons,
    read_people,
    verification,
    write_audiences,
)
from audience_export.layout import CSV, JSON, FileSeries, Layout
from audience_export.platforms import PLATFORMS
from outputs import Destination, write_outputs
from outputs.names import slug
from retention.errors import InvariantError, OptionError
from retention.experiment.arms import Experiment
from retention.hashing import engine
from run_store import Workspace, saved_period
from tests.audience_export.shops import agreed, files, in_arms, platforms, shop
from tests.audience_export.validators import VALIDATORS
from tests.outputs.folders import content


def manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def test_the_manifest_accounts_for_every_customer_and_every_file(synthetic: Run, tmp_path: Path) -> None:
    labels = pd.Series(["go", "go", "go", "stop"] * 1000)[: len(synthetic.segmentation.customers)]
    exported = write_audiences(in_arms(synthetic, labels.tolist()), tmp_path / "out", AudienceRequest("braze"))
    told = manifest(tmp_path / "out")
    assert told["universe"] == len(synthetic.segmentation.customers)
    assert told["in_audiences"] + sum(told["left_out"].values()) == told["universe"]
    # In the control group are those of its arm who could be reached without the experiment.
    assert 0 < told["left_out"]["control"] < int((labels == "stop").sum())
    assert told["experiment"]["customers"] == {"go": told["reachable"], "stop": told["left_out"]["control"]}
    assert told["in_audiences"] + sum(told["left_out_reachable"].values()) == told["reachable"]
    for row in told["segments"]:
        assert row["in_audiences"] + sum(row["left_out"].values()) == row["size"]
        assert row["in_audiences"] <= row["reachable"] <= row["size"]
    assert [row["size"] for row in told["segments"]] == list(synthetic.segmentation.sizes)
    assert sum(row["size"] for row in told["segments"]) == told["universe"]
    listed = {file["file"]: file for audience in told["audiences"] for file in audience["files"]}
    held = content(tmp_path / "out")
    assert set(held) == {*listed, "manifest.json"}
    for name, file in listed.items():
        assert file["sha256"] == hashlib.sha256(held[name]).hexdigest()
        assert file["bytes"] == len(held[name])
        assert file["rows"] == len(VALIDATORS["braze"](held[name]))
    assert told["certificate"] == {
        "rows_read_back": told["in_audiences"],
        "complete": True,
        "disjoint": ["external_id", "email", "phone"],
        "control_absent": True,
    }
    assert exported.certificate.rows == told["in_audiences"]


def test_the_manifest_holds_no_customers_values() -> None:
    run = shop([agreed(email="secret@x.org", first_name="Secret", phone="secret", user_id="secret1")])
    assert b"secret" not in files(run, AudienceRequest("klaviyo"))["manifest.json"].lower()


def test_several_treatments_have_files_of_their_own(synthetic: Run) -> None:
    labels = pd.Series(["10 % off", "free shipping", "none"] * 1000)[: len(synthetic.segmentation.customers)]
    held = files(in_arms(synthetic, labels.tolist(), "none"), AudienceRequest("csv"))
    told = json.loads(held["manifest.json"])
    assert {audience["arm"] for audience in told["audiences"]} == {"10 % off", "free shipping"}
    for audience in told["audiences"]:
        (file,) = audience["files"]
        found = VALIDATORS["csv"](held[file["file"]])
        assert {(record["Arm"], record["Segment"]) for record in found} <= {(audience["arm"], audience["segment"])}
        assert len(found) == audience["customers"]


@pytest.mark.parametrize(
    "platform",
    [each if each in ("csv", "json", "meta") else pytest.param(each, marks=pytest.mark.slow) for each in platforms()],
)
def test_files_over_the_limit_are_split_into_parts(platform: str, synthetic: Run, tmp_path: Path) -> None:
    whole, small = tmp_path / "whole", tmp_path / "small"
    write_audiences(synthetic, whole, AudienceRequest(platform))
    write_audiences(synthetic, small, AudienceRequest(platform, limit=1_200))
    check = VALIDATORS[platform]
    for large, split in zip(manifest(whole)["audiences"], manifest(small)["audiences"], strict=True):
        parts = [(small / file["file"]).read_bytes() for file in split["files"]]
        assert len(parts) > 1
        assert all(len(part) <= 1_200 for part in parts)
        (one,) = large["files"]
        assert [record for part in parts for record in check(part)] == check((whole / one["file"]).read_bytes())
        assert [
            f".part-{number:0{len(str(len(parts)))}}." in file["file"] for number, file in enumerate(split["files"], 1)
        ]


def test_the_limits_of_the_platforms_are_theirs() -> None:
    assert PLATFORMS["klaviyo"].limit == 50_000_000
    assert PLATFORMS["braze"].limit == 500_000_000


def test_a_limit_under_one_record_is_refused(synthetic: Run, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="too few for one customer's record"):
        write_audiences(synthetic, tmp_path / "out", AudienceRequest("csv", limit=100))
    assert not (tmp_path / "out").exists()


def written(stem: Path, cells: dict[str, pa.Array], layout: Layout, limit: int | None, steps: int) -> list[bytes]:
    """Return the files of some records that come so many at a time."""
    series = FileSeries(stem, layout, list(cells), limit)
    for start in range(0, len(cells["a"]), steps):
        series.add(layout.records({header: column.slice(start, steps) for header, column in cells.items()}))
    filled = series.ended()
    made = [(stem.parent / each.file).read_bytes() for each in filled]
    assert [each.bytes for each in filled] == list(map(len, made))
    assert [each.sha256 for each in filled] == [hashlib.sha256(each).hexdigest() for each in made]
    assert sum(each.rows for each in filled) == len(cells["a"])
    return made


@given(
    st.lists(st.text(max_size=8), max_size=12),
    st.integers(40, 120),
    st.sampled_from([CSV, JSON]),
    st.integers(1, 5),
)
def test_parts_hold_every_record_in_order_and_none_is_too_large(
    texts: list[str], limit: int, layout: Layout, steps: int
) -> None:
    cells = {"a": pa.array([text.encode("utf-8", "ignore").decode() for text in texts], pa.large_string())}
    with tempfile.TemporaryDirectory() as name:
        parts, at_once, (whole,) = (
            written(Path(name, kind), cells, layout, most, step)
            for kind, most, step in (("some", limit * 2, steps), ("all", limit * 2, 99), ("one", None, steps))
        )
    assert parts == at_once
    assert all(len(part) <= limit * 2 for part in parts)
    if layout is JSON:
        assert [record["a"] for part in parts for record in json.loads(part)] == cells["a"].to_pylist()
        assert [record["a"] for record in json.loads(whole)] == cells["a"].to_pylist()
    else:
        head = b"a\n"
        assert all(part.startswith(head) for part in parts)
        assert b"".join(part.removeprefix(head) for part in parts) == whole.removeprefix(head)


def test_equal_exports_give_equal_bytes(synthetic: Run, tmp_path: Path) -> None:
    assert audience_zip(synthetic, AudienceRequest("meta")) == audience_zip(synthetic, AudienceRequest("meta"))
    write_audiences(synthetic, tmp_path / "out", AudienceRequest("meta"))
    assert content(tmp_path / "out") == files(synthetic, AudienceRequest("meta"))


def test_an_earlier_export_is_replaced_and_everything_else_is_kept(synthetic: Run, tmp_path: Path) -> None:
    place = tmp_path / "out"
    write_outputs(synthetic, place)
    run_files = content(place)
    write_audiences(synthetic, place, AudienceRequest("klaviyo", limit=5_000))
    (place / "notes.txt").write_text("mine")
    (place / "99_mine.klaviyo.csv").write_text("mine")
    write_audiences(synthetic, place, AudienceRequest("braze"))
    held = content(place)
    assert run_files.items() <= held.items()
    left = set(held) - set(run_files)
    assert {"notes.txt", "99_mine.klaviyo.csv", "manifest.json"} <= left
    assert not any(".part-" in name for name in left)
    assert sum(name.endswith(".braze.csv") for name in left) == len(synthetic.segmentation.tree.segments)
    write_outputs(synthetic, place)
    assert set(content(place)) == set(held)


@pytest.mark.parametrize("name", ["manifest.json", "01_{}.audience.csv"])
def test_a_file_that_is_not_ours_or_was_edited_stops_an_export(name: str, synthetic: Run, tmp_path: Path) -> None:
    place, request = tmp_path / "out", AudienceRequest("csv")
    first = synthetic.scores.table["Segment"][0]
    path = place / name.format(slug(first))
    place.mkdir()
    path.write_text('{"kind": "other"}')
    with pytest.raises(OptionError, match=f"exists already, .*: {path.name}"):
        write_audiences(synthetic, place, request)
    assert path.read_text() == '{"kind": "other"}'
    write_audiences(synthetic, Destination(place, overwrite=True), request)
    write_audiences(synthetic, place, request)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(OptionError, match=f"exists already, .*: {path.name}"):
        write_audiences(synthetic, place, request)


def test_the_manifest_of_a_version_without_a_hash_of_its_own_is_known(synthetic: Run, tmp_path: Path) -> None:
    write_audiences(synthetic, tmp_path, AudienceRequest("csv"))
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    del manifest["sha256"]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    write_audiences(synthetic, tmp_path, AudienceRequest("csv"))


def test_what_fails_leaves_the_folder_as_it_was(
    synthetic: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "out"
    write_audiences(synthetic, place, AudienceRequest("csv"))
    before = content(place)
    real = verification.read_back

    def lossy(path: Path) -> Iterator[dict[str, pa.Array]]:
        return ({header: cells.slice(1) for header, cells in piece.items()} for piece in real(path))

    monkeypatch.setattr(verification, "read_back", lossy)
    with pytest.raises(InvariantError, match="the files read back hold what was written"):
        write_audiences(synthetic, place, AudienceRequest("klaviyo"))
    assert content(place) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "platform",
    [pytest.param(each, marks=() if each in ("csv", "json", "meta") else pytest.mark.slow) for each in platforms()],
)
def test_a_saved_week_gives_the_same_files_part_by_part(
    platform: str, synthetic: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_period, "ROWS_PER_WRITE", 97)
    customers = synthetic.segmentation.customers
    shared = customers.assign(phone=["+16505551212", *customers["phone"][1:-1], "+16505551212"])
    shared["email"] = shared["email"].where(shared.index % 50 > 0, shared["email"].iloc[7])
    run = replace(synthetic, segmentation=replace(synthetic.segmentation, customers=shared))
    run = with_experiment(run, Experiment("spring", {"none": 0.2, "a": 0.4, "b": 0.4}))
    gone = tmp_path / "gone.csv"
    gone.write_text("\n".join(["user_id", *shared["user_id"].iloc[::9]]))
    wanted = AudienceRequest(platform, unsubscribed=(read_people(gone),), limit=5_000)
    if PLATFORMS[platform].coupons:
        codes = tmp_path / "codes.csv"
        codes.write_text("\n".join(["code", *map(str, range(len(shared)))]))
        wanted = replace(wanted, coupons=read_coupons(codes))
    saved = Workspace(tmp_path / "ws")
    opened = saved.open(saved.save(run, name="w", saved_at=datetime(2025, 10, 1, tzinfo=UTC))).run_in_parts()
    made = files(opened, wanted)
    assert made == files(run, wanted)
    told = json.loads(made["manifest.json"])
    assert told["left_out"]["duplicate_identifier"] + told["left_out"]["shared_identifier"] > 0
    assert told["left_out"]["control"] > 0


@pytest.mark.parametrize("lines", [0, 65_536])
def test_a_customer_in_two_files_is_found(monkeypatch: pytest.MonkeyPatch, lines: int) -> None:
    monkeypatch.setattr(verification, "LINES", lines)

    def column(*texts: str) -> dict[str, pa.Array]:
        return {"email": pa.array(texts, pa.large_string())}

    def proof(*pieces: dict[str, pa.Array], control: str = "") -> verification.Certificate:
        with engine() as connection:
            made = verification.Recount(connection, ["email"])
            for piece in pieces:
                made.add(piece)
            made.add(column(control), held_out=True)
            return made.certificate()

    one, two = column("a@x.org", ""), column("b@x.org")
    assert proof(one, two) == verification.Certificate(3, ("email",), control_absent=True)
    assert proof(one, two, control="c@x.org").rows == 3
    with pytest.raises(InvariantError, match="no email is in two records"):
        proof(one, two, one)
    with pytest.raises(InvariantError, match="no control in a file"):
        proof(one, two, control="b@x.org")


def test_a_file_that_was_changed_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("email,name\na@x.org,Ann\n")
    cells = {"email": pa.array(["a@x.org"], pa.large_string()), "name": pa.array(["Ann"], pa.large_string())}
    made = verification.SentRecords(["email", "name"])
    made.add(cells)
    assert [piece["name"].to_pylist() for piece in made.check([path])] == [["Ann"]]
    made.add(cells)
    with pytest.raises(InvariantError, match="the files read back hold what was written: email"):
        list(made.check([path]))
    other = verification.SentRecords(["email", "name"])
    other.add(cells | {"name": pa.array([None], pa.large_string())})
    with pytest.raises(InvariantError, match="the files read back hold what was written: name"):
        list(other.check([path]))
