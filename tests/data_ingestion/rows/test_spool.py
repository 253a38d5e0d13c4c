from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data_ingestion.rows import spool as spooling
from data_ingestion.rows.spool import LEAST, Spool, rechunked


def test_what_lies_in_a_file_is_not_written_again(tmp_path: Path) -> None:
    spool, numbers = Spool(tmp_path), np.arange(LEAST, dtype=np.float64)
    texts = pa.array(map(str, range(LEAST)), pa.large_string())
    kept = spool({"numbers": numbers, "texts": texts})
    again = spool({**kept, "new": -numbers})
    assert spool(kept) is kept
    assert again["numbers"] is kept["numbers"]
    assert again["texts"] is kept["texts"]
    assert again["texts"].equals(texts)
    assert again["new"].tolist() == (-numbers).tolist()
    assert not again["new"].flags.writeable
    # What is made of it is memory of its own.
    assert spool({"more": kept["numbers"] + 1})["more"].flags.writeable is False


def test_frames_come_back_as_they_were_and_share_what_lies_in_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spooling, "LEAST", 1)
    spool = Spool(tmp_path)
    frame = pd.DataFrame(
        {
            "user_id": pd.array(["a", None, "ccc", "d"], dtype="str"),
            "time": pd.to_datetime(["2025-09-20", "NaT", "2025-09-21", "2025-09-22"])
            .tz_localize("Europe/Berlin")
            .as_unit("us"),
            "value": [1.5, np.nan, 3.0, 4.0],
            "hash": np.arange(4, dtype=np.int64),
            "consent": pd.array([True, None, False, True], dtype="boolean"),
            "derived": pd.Categorical(["", "x", "x", ""], ["", "x", "y"]),
        }
    )
    kept = spool.kept(rechunked([frame, frame], 3))
    pd.testing.assert_frame_equal(pd.concat(kept, ignore_index=True), pd.concat([frame, frame], ignore_index=True))
    assert kept.lengths == [3, 3, 2]
    # A policy of one leaf looks at no column.
    assert kept.summed(len, columns=()) == 8
    assert kept.total("hash")(np.sum) == 12
    assert kept.total("value", "consent")(lambda *some: np.array([np.nansum(each) for each in some])).tolist() == [
        17,
        4,
    ]
    again = kept.kept(lambda part: part.assign(more=part["value"] * 2))
    for one, other in zip(kept, again, strict=True):
        assert np.shares_memory(one["value"], other["value"])
        assert np.shares_memory(one["time"].array.asi8, other["time"].array.asi8)
        assert not np.shares_memory(one["value"], other["more"])
    kept.drop()
    assert len(pd.concat(again)) == 8
    # Whatever has a name on the disk is gone; its cells are not.
    assert not list(tmp_path.iterdir())
