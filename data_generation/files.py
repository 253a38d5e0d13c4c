"""Write synthetic customers as a shop's export would look."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from data_generation.generator import Synthetic
from outputs.durable import write_file

DAYS = ("first_order_date", "last_order_date")
WHOLE_NUMBERS = ("order_count", "sessions_last_30d", "num_cart_items")


def csv_table(customers: pd.DataFrame) -> pa.Table:
    """Return the columns as a file shows them: local wall-clock times, dates, whole numbers, texts."""
    table = pa.Table.from_pandas(customers, preserve_index=False)
    shown = {
        "cart_abandoned_date": _local(customers["cart_abandoned_date"]).cast(pa.timestamp("s")),
        **{name: _local(customers[name]).cast(pa.date32(), safe=False) for name in DAYS},
        "email_consent": pc.if_else(table["email_consent"], "yes", "no"),
        **{name: table[name].cast(pa.int64()) for name in WHOLE_NUMBERS},
    }
    for name, column in shown.items():
        table = table.set_column(table.schema.get_field_index(name), name, column)
    return table


def _local(times: pd.Series) -> pa.Array:
    return pa.Array.from_pandas(times.dt.tz_localize(None))


def write_csv(synthetic: Synthetic, path: Path | str, mode: int | None = None) -> None:
    """Write the customers as UTF-8 CSV; the file appears whole or not at all.

    Times are wall-clock times of the shop's zone, missing values are empty cells, the same customers
    give the same bytes.
    """
    table = csv_table(synthetic.customers)
    options = csv.WriteOptions(quoting_style="needed")
    write_file(Path(path), lambda stream: csv.write_csv(table, stream, options), mode=mode)
