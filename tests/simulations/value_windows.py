"""How far the money of a year is from what came, in windows of two shops that the models did not see.

    python -m tests.simulations.value_windows FOLDER

FOLDER holds `online_retail/online_retail.csv.xz` (UCI Online Retail), `cdnow/CDNOW_master.txt.gz` and
`cdnow/CDNOW_sample.txt` (Fader and Hardie). The last two columns count the segments, four groups of recency by three of
money, whose interval held: without the error of the models and with it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from retention.customer_value import year

ERROR = year.MODEL_ERROR
SETS = (
    ("Online Retail", (("2011-04-09", 26), ("2011-06-09", 26), ("2011-08-09", 17))),
    ("CDNOW without the sample", (("1997-06-30", 39), ("1997-09-30", 39), ("1997-12-31", 26))),
    ("CDNOW, the sample", (("1997-09-30", 39),)),
)


def orders_of(folder: Path) -> Iterator[pd.DataFrame]:
    """Yield the orders of each set, those of a day as one: id, date, money."""
    retail = pd.read_csv(folder / "online_retail" / "online_retail.csv.xz").dropna(subset=["CustomerID"])
    retail = retail[(retail["Quantity"] > 0) & (retail["UnitPrice"] > 0)]
    money, date = retail["Quantity"] * retail["UnitPrice"], pd.to_datetime(retail["InvoiceDate"]).dt.normalize()
    yield by_day(pd.DataFrame({"id": retail["CustomerID"], "date": date, "money": money}))
    cdnow = folder / "cdnow"
    text, blanks = {"date": "str"}, r"\s+"
    names = ["id", "place", "date", "pieces", "money"]
    sample = pd.read_csv(cdnow / "CDNOW_sample.txt", names=names, sep=blanks, dtype=text)
    del names[1]
    master = pd.read_csv(cdnow / "CDNOW_master.txt.gz", skiprows=1, names=names, sep=blanks, dtype=text)
    for table in (master[~master["id"].isin(sample["id"])], sample):
        yield by_day(table.assign(date=pd.to_datetime(table["date"])))


def by_day(orders: pd.DataFrame) -> pd.DataFrame:
    """Return the orders of one customer and day as one."""
    return orders.groupby(["id", "date"])[["money"]].sum().reset_index()


def row(orders: pd.DataFrame, until: pd.Timestamp, weeks: int) -> str:
    """Return the line of one window."""
    known = orders[orders["date"] <= until]
    later = orders[(orders["date"] > until) & (orders["date"] <= until + pd.Timedelta(weeks=weeks))]
    people = known.groupby("id").agg(
        first=("date", "min"), last=("date", "max"), count=("date", "size"), money=("money", "sum")
    )
    came = later.groupby("id")["money"].sum().reindex(people.index).fillna(0).to_numpy()
    customers = pd.DataFrame(
        {
            "user_id": people.index.astype("str"),
            "order_count": people["count"].to_numpy(dtype=float),
            "avg_order_value": (people["money"] / people["count"]).to_numpy(),
            "days_since_first_order": (until - people["first"]).dt.days.to_numpy(dtype=float),
            "days_since_last_order": (until - people["last"]).dt.days.to_numpy(dtype=float),
            "days_since_abandonment": 0.0,
        }
    )
    ranks = (people["last"].rank(method="first"), people["money"].rank(method="first"))
    recency, money = (pd.qcut(rank, parts, labels=False) for rank, parts in zip(ranks, (4, 3), strict=True))
    codes = (3 * recency + money).to_numpy()
    size, held, ratio = np.bincount(codes), list[str](), np.nan
    actual = np.bincount(codes, weights=came) / size
    for error in (0.0, ERROR):
        year.MODEL_ERROR = error
        value = year.value_of_year(customers, codes, 12, weeks)
        assert value is not None
        held.append(f"{int(((value[1] <= actual) & (actual <= value[2])).sum())} of 12")
        ratio = float((actual * size).sum() / (value[0] * size).sum())
    return f"{until.date()} | {weeks} | {len(people):,} | {ratio:.2f} | {' | '.join(held)}"


if __name__ == "__main__":
    for (name, windows), table in zip(SETS, orders_of(Path(sys.argv[1])), strict=True):
        for day, ahead in windows:
            sys.stdout.write(f"{name} | {row(table, pd.Timestamp(day), ahead)}\n")
