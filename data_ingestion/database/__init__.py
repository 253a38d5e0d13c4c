"""Customers from a database: one read-only query, read in chunks, judged like a file.

intake    URL and query -> Intake
url       where a database is, with secrets from the environment; the name that may be shown
query     one SELECT, nothing else
engine    a connection that can only read
postgres  rows as the driver of PostgreSQL hands them over
cells     Python values -> text columns
faults    what a driver reports -> a message without its words

It is imported where a database is asked for: SQLAlchemy takes longer to import than most files to read.
"""

from data_ingestion.database.intake import read_database, read_database_parts
from data_ingestion.database.url import database_url, shown_name
