"""SHA-256 of columns: known answers, and both ways of hashing alike."""

import pyarrow as pa
import pytest

from audience_export import hashing
from audience_export.hashing import TEXT, sha256_hex

KNOWN = {
    "test@example.com": "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b",
    "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
}


@pytest.mark.parametrize("few", [0, 100])
def test_hashes_are_the_known_ones_one_by_one_and_by_the_engine(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "FEW", few)
    found = sha256_hex(pa.array([*KNOWN, None, "a\0b", "Zoë"], TEXT)).to_pylist()
    assert found[:4] == [*KNOWN.values(), None]
    assert found[4].startswith("59b271ae")
    assert found[5] == "c6a12698582fc1104ea24107a2d7268145ff06ef859707729d01fd060897f067"
