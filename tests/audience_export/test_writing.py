"""An export in its folder: whole, in parts, read back, and nothing of others lost."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import Run
from audience_export import AudienceRequest, audience_zip, verification, write_audiences
from audience_export.layout import CSV, JSON, parts_of
from audience_export.platforms import PLATFORMS
from outputs import Destination, write_outputs
from outputs.names import slug
from retention.errors import InvariantError, OptionError
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


@pytest.mark.parametrize("platform", platforms())
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


@given(st.lists(st.text(max_size=8), max_size=12), st.integers(40, 120), st.sampled_from([CSV, JSON]))
def test_parts_hold_every_record_in_order_and_none_is_too_large(texts: list[str], limit: int, layout: Any) -> None:
    cells = {"a": pa.array([text.encode("utf-8", "ignore").decode() for text in texts], pa.large_string())}
    parts = [b"".join(part.pieces) for part in parts_of(cells, layout, limit * 2)]
    assert all(len(part) <= limit * 2 for part in parts)
    if layout is JSON:
        assert [record["a"] for part in parts for record in json.loads(part)] == cells["a"].to_pylist()
    else:
        head = b"a\n"
        assert all(part.startswith(head) for part in parts)
        (whole,) = parts_of(cells, layout, None)
        assert b"".join(part.removeprefix(head) for part in parts) == b"".join(whole.pieces).removeprefix(head)


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

    def lossy(path: Path) -> dict[str, pa.Array]:
        return {header: cells.slice(1) for header, cells in real(path).items()}

    monkeypatch.setattr(verification, "read_back", lossy)
    with pytest.raises(InvariantError, match="the files read back hold what was written"):
        write_audiences(synthetic, place, AudienceRequest("klaviyo"))
    assert content(place) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_customer_in_two_files_is_found() -> None:
    def column(*texts: str) -> dict[str, pa.Array]:
        return {"email": pa.array(texts, pa.large_string())}

    one, two = column("a@x.org", ""), column("b@x.org")
    assert verification.certify([one, two], column()) == verification.Certificate(3, ("email",), control_absent=True)
    with pytest.raises(InvariantError, match="no email is in two records"):
        verification.certify([one, two, one], column())
    with pytest.raises(InvariantError, match="no control in a file"):
        verification.certify([one, two], column("b@x.org"))


def test_a_file_that_was_changed_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("email,name\na@x.org,Ann\n")
    cells = {"email": pa.array(["a@x.org"], pa.large_string()), "name": pa.array(["Ann"], pa.large_string())}
    assert verification.check_files([path], cells)["name"].to_pylist() == ["Ann"]
    with pytest.raises(InvariantError, match="the files read back hold what was written: name"):
        verification.check_files([path], cells | {"name": pa.array([None], pa.large_string())})
