"""Rows in: every column read as text, cast cell by cell, every row accounted for.

The doors:

options     ReadOptions, ReadLimits, Repairs
reading     files -> Intake
frames      a typed frame -> Intake
originals   rows that are set aside, as they stand in their files
inspection  files -> what they are taken for; imported where it is needed
sample      the sample file

Behind them, each room importing only those before it:

formats/      the layouts that files come in, and the columns of each
files/        bytes -> blocks of text columns
cells/        text -> values
rows/         typed blocks -> accepted and rejected rows, customers and activity
recognition/  what an unknown file may be
outcomes/     what customers did after a send
database/     URL and query -> Intake; imported where it is needed
cluster/      files and tables -> rows on a cluster
"""

from data_ingestion.files.repairs import read_repairs
from data_ingestion.formats.column_mapping import ColumnMapping, mappings_from_yaml, mappings_to_yaml
from data_ingestion.frames import intake_of_frame
from data_ingestion.options import DateOrder, Decimal, ReadLimits, ReadOptions, Repairs
from data_ingestion.reading import read_customers, read_parts
from data_ingestion.rows.by_customer import PartedActivity
from data_ingestion.rows.cutoff import at_cutoff, last_window
from data_ingestion.rows.intake import Intake, SourceFile
from data_ingestion.rows.parts import PartedIntake
from data_ingestion.rows.repeats import Rejections, rejections, repeats
from data_ingestion.rows.spool import Spool, rechunked
from data_ingestion.rows.summary import IntakeSummary, intake_summary
from data_ingestion.sample import SAMPLE, sample_bytes
