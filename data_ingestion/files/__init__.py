"""Files: bytes -> blocks of text columns.

table         the door: what a file is, and its table
byte_source   its bytes, hashed and metered
encodings     bytes -> text
encoding_choice  what encoding text has that is not UTF-8
stretches     text -> stretches of whole records
tokenizer     records byte by byte, where quotes are out of place
blocks        the table and its blocks of text columns
csv_text      delimited text
fixed_width   text with columns separated by blanks
jsonl_text    JSON lines
parquet_text  Parquet
parquet_batches  its rows, as many at a time as fit the memory
excel_text    Excel
repairs       rows that a person corrected, in the place of those of a file
excel_look    what a sheet spans, its errors and formulas, before it is read
peek          the first rows of a file, all columns
whole         all rows and columns of a file, where every row counts
"""
