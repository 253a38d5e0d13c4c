from pathlib import Path

import numpy as np
import pyarrow as pa

from data_ingestion.rows.spool import LEAST, Spool


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
