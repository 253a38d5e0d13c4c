"""Customer tables in: every column read as text, cast cell by cell, every row accounted for.

options         ReadOptions, Limits
reading         files -> Intake
frames          a typed frame -> Intake
database        URL and query -> Intake; imported where it is needed
intake          Intake, SourceFile: accepted rows, quarantine, account
opening         what a file is; its bytes, hashed and metered
decoding        encodings
splitting       text -> stretches of whole records
tokenizing      records byte by byte, where quotes are out of place
csv_text        delimited text -> blocks of text columns
fixed_width     text with columns separated by blanks -> the same
jsonl_text      JSON lines -> blocks of text columns
parquet_text    Parquet -> blocks of text columns
excel_text      Excel -> blocks of text columns
header          which columns are the contract's
peeking         the first rows of a file, all columns
mapping         which header holds what: a value, YAML, a format
guessing        what an unknown file may be
telling         how well cells fit a column
recognising     what a file is read as
inspecting      files -> what they are taken for, before anything is analysed
samples         a few cells for a person to look at
casting         text -> numbers, flags, identifiers
numbers         text -> numbers, under a decimal point or comma
number_format   decimal point or decimal comma
currencies      what currency signs can mean
dates           text -> times
date_words      names of months and weekdays -> digits
date_order      day first or month first
typing_blocks   blocks of text -> typed blocks -> accepted and rejected rows
judging         typed blocks of a file -> which rows are accepted
gathering       judged files -> Intake
joining         what several sources say -> Activity
at_cutoff       activity -> the customers of a window
formats         the layouts that files come in
record_columns  columns of rows that are not customers
assembling      judged blocks -> one frame
overlaps        what several files say twice
local_time      the shop's zone
sample          the sample file
"""

from data_ingestion.at_cutoff import at_cutoff, last_window
from data_ingestion.frames import intake_of_frame
from data_ingestion.inspecting import Inspection, inspect_files
from data_ingestion.intake import Intake, SourceFile
from data_ingestion.mapping import ColumnMapping, mappings_from_yaml, mappings_to_yaml
from data_ingestion.options import DateOrder, Decimal, Limits, ReadOptions
from data_ingestion.reading import Progress, read_customers
from data_ingestion.sample import SAMPLE, sample_bytes, write_sample

__all__ = [
    "SAMPLE",
    "ColumnMapping",
    "DateOrder",
    "Decimal",
    "Inspection",
    "Intake",
    "Limits",
    "Progress",
    "ReadOptions",
    "SourceFile",
    "at_cutoff",
    "inspect_files",
    "intake_of_frame",
    "last_window",
    "mappings_from_yaml",
    "mappings_to_yaml",
    "read_customers",
    "sample_bytes",
    "write_sample",
]
