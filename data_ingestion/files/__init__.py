"""Files: bytes -> blocks of text columns.

opening       what a file is; its bytes, hashed and metered
encodings     bytes -> text
stretches     text -> stretches of whole records
tokenizer     records byte by byte, where quotes are out of place
blocks        blocks of text columns
csv_text      delimited text
fixed_width   text with columns separated by blanks
jsonl_text    JSON lines
parquet_text  Parquet
excel_text    Excel
peek          the first rows of a file, all columns
"""
