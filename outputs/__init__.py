"""What a run is written as: a folder of files, whole or not at all.

names         names of the files
cells         columns -> the text of CSV cells
assignments   the assignment table as records or columns
reports       the small files
verification  written files read back
rights        who may use what is written
durable       files that are there whole or not at all
publishing    a folder put in place whole
ownership     whose the files in a place are: the one rule of what is replaced
spread        files of customers on a cluster, written and read back there
run_folder    `write_outputs`
tables        a small table as CSV or a workbook
archive       `customers_file`, `segment_file`, `archive`
report/       a run as one HTML file
"""

from outputs.archive import archive, archive_name, customers_file, segment_file, segment_name
from outputs.names import Profile
from outputs.ownership import Destination, check_file, run_names
from outputs.publishing import check_place
from outputs.reports import RunDetails
from outputs.run_folder import Written, write_outputs
from outputs.tables import ENDINGS, table_file
