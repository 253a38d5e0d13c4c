"""SHA-256 of whole columns, as advertising platforms compare them."""

import hashlib

import pyarrow as pa

from retention.hashing import engine

TEXT = pa.large_string()
FEW = 20_000
"""Texts that are hashed one by one in the time that the engine takes to start."""


def sha256_hex(texts: pa.Array) -> pa.Array:
    """Return the SHA-256 of each text's UTF-8 bytes as lowercase hexadecimal digits; missing stays missing.

    >>> sha256_hex(pa.array(["test@example.com", None], TEXT)).to_pylist()
    ['973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b', None]
    """
    if len(texts) <= FEW:
        plain = texts.to_pylist()
        return pa.array([None if text is None else hashlib.sha256(text.encode()).hexdigest() for text in plain], TEXT)
    with engine() as connection:
        connection.register("texts", pa.table({"text": texts.cast(TEXT)}))
        hashed: pa.Table = connection.sql("SELECT sha256(text) AS hash FROM texts").to_arrow_table()
    return hashed.column("hash").cast(TEXT).combine_chunks()
